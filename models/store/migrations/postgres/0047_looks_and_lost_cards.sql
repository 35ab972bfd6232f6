-- Whether money is on its way to a new card is looked at once, whenever the worker is back; since when a card of a loss of unknown fate is not shown.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE loss_reports ADD COLUMN IF NOT EXISTS lost_sight_at timestamptz;
ALTER TABLE replacements ADD COLUMN IF NOT EXISTS payments_seen_at timestamptz;
-- The build stands in nobody's way, so it may wait for a long transaction; one that broke off leaves an index nobody can use.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS replacements_to_look_at;
CREATE INDEX CONCURRENTLY replacements_to_look_at ON replacements (completed_at) WHERE state = 'completed' AND activations = 0 AND payments_seen_at IS NULL;
RESET lock_timeout;
