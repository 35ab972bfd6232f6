-- Whose matter a notice is, where a guardian is told of a child's: she switches those apart from her own (ADR 0039).
-- +goose Up
ALTER TABLE notices ADD COLUMN about_id text;
CREATE INDEX notice_preferences_about ON notice_preferences (about_id); -- whose record is merged into another
