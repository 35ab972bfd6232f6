-- Since when a person is known to be dead, which a later change of the same record does not move. Empty for those who died before this: their last change counts.
-- +goose Up
ALTER TABLE persons ADD COLUMN deceased_at timestamptz;
