-- Applications that are sent back with every defect, put right under the same number, or taken back.
-- +goose Up
ALTER TABLE applications ADD COLUMN return_sealed bytea;
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
    id          uuid        PRIMARY KEY,
    person_id   uuid        NOT NULL REFERENCES persons (id),
    version     integer     NOT NULL,
    form_sealed bytea       NOT NULL,
    photo_id    uuid,
    id_front_id uuid,
    id_back_id  uuid,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX application_drafts_person ON application_drafts (person_id);
CREATE INDEX application_drafts_stale ON application_drafts (updated_at);
