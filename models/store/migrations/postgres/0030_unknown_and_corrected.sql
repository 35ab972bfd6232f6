-- Since when a source that is only asked does not know a person any more; returned replacements that are put right under the same number.
-- +goose Up
ALTER TABLE registry_polls ADD COLUMN unknown_since timestamptz;

ALTER TABLE replacements ADD COLUMN photo_id uuid;
ALTER TABLE replacements ADD COLUMN id_front_id uuid;
ALTER TABLE replacements ADD COLUMN id_back_id uuid;
ALTER TABLE replacements ADD COLUMN corrected text NOT NULL DEFAULT '';
ALTER TABLE replacements ADD COLUMN corrections integer NOT NULL DEFAULT 0;
ALTER TABLE replacements ADD COLUMN late_defects integer NOT NULL DEFAULT 0;
ALTER TABLE replacements ADD COLUMN archived_at timestamptz;
ALTER TABLE replacements ADD COLUMN archive_basis text;
ALTER TABLE replacements ADD COLUMN pictures_dropped_at timestamptz;
CREATE INDEX replacements_pictures ON replacements (updated_at) WHERE pictures_dropped_at IS NULL
    AND (photo_id IS NOT NULL OR id_front_id IS NOT NULL OR id_back_id IS NOT NULL);

CREATE UNIQUE INDEX card_commands_of_corrected ON card_commands (subject_id)
    WHERE kind IN ('replacement', 'replacement_correction', 'replacement_withdrawal') AND state IN ('requested', 'sending', 'unknown');
DROP INDEX card_commands_of_replacement;
