-- Pictures leave after the archive has an ended application (归档). Keys change under load: one row for each change, with
-- how far it has come; every process reads from it which look-up keys are over.
-- +goose Up
ALTER TABLE applications ADD COLUMN archived_at datetime;
ALTER TABLE applications ADD COLUMN archive_basis text;
ALTER TABLE applications ADD COLUMN pictures_dropped_at datetime;
CREATE INDEX applications_archived ON applications (updated_at) WHERE archived_at IS NOT NULL AND pictures_dropped_at IS NULL;

CREATE TABLE key_rotations (
    id          integer NOT NULL PRIMARY KEY,
    data_key    bigint  NOT NULL,
    index_key   integer NOT NULL,
    stage       text    NOT NULL,
    at_table    text    NOT NULL,
    after_key   text    NOT NULL,
    round       integer NOT NULL,
    left_over   bigint  NOT NULL,
    seen        bigint  NOT NULL,
    changed     bigint  NOT NULL,
    started_at  datetime NOT NULL,
    stage_at    datetime NOT NULL,
    finished_at datetime
);
