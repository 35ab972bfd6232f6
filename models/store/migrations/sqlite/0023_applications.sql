-- Applications that are sent back with every defect, put right under the same number, or taken back.
-- +goose Up
ALTER TABLE applications ADD COLUMN return_sealed blob;
ALTER TABLE applications ADD COLUMN corrections integer NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN reminders integer NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN late_defects integer NOT NULL DEFAULT 0;
DROP INDEX applications_unfinished;
CREATE UNIQUE INDEX applications_unfinished ON applications (person_id) WHERE state NOT IN ('collected', 'rejected', 'withdrawn');
CREATE INDEX applications_uncollected ON applications (reminders, updated_at) WHERE state = 'at_outlet';
DROP INDEX card_commands_application;
CREATE UNIQUE INDEX card_commands_of_application ON card_commands (person_id)
    WHERE kind IN ('application', 'correction', 'withdrawal') AND state IN ('requested', 'sending', 'unknown');

CREATE TABLE application_drafts (
    id          text        PRIMARY KEY,
    person_id   text        NOT NULL REFERENCES persons (id),
    version     integer     NOT NULL,
    form_sealed blob        NOT NULL,
    photo_id    text,
    id_front_id text,
    id_back_id  text,
    created_at  datetime    NOT NULL,
    updated_at  datetime    NOT NULL
);
CREATE UNIQUE INDEX application_drafts_person ON application_drafts (person_id);
CREATE INDEX application_drafts_stale ON application_drafts (updated_at);
