-- Whether money is on its way to a new card is looked at once, whenever the worker is back; since when a card of a loss of unknown fate is not shown.
-- +goose Up
ALTER TABLE loss_reports ADD COLUMN lost_sight_at datetime;
ALTER TABLE replacements ADD COLUMN payments_seen_at datetime;
CREATE INDEX replacements_to_look_at ON replacements (completed_at) WHERE state = 'completed' AND activations = 0 AND payments_seen_at IS NULL;
