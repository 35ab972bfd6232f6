-- Calls are found by their conversation and by time, and promised losses by theirs: indexes on tables that a running city has filled.
-- +goose NO TRANSACTION
-- +goose Up
-- The build stands in nobody's way, so it may wait for a long transaction; one that broke off leaves an index nobody can use.
SET lock_timeout = 0;
-- One conversation of the exchange is one call.
DROP INDEX CONCURRENTLY IF EXISTS calls_exchange_ref;
CREATE UNIQUE INDEX CONCURRENTLY calls_exchange_ref ON calls (exchange_ref) WHERE exchange_ref <> '';
-- Loss reports by phone that wait for the registry: their callers were promised a call (R66).
DROP INDEX CONCURRENTLY IF EXISTS loss_reports_promised;
CREATE INDEX CONCURRENTLY loss_reports_promised ON loss_reports (reported_at) WHERE state IN ('received', 'unconfirmed') AND call_id IS NOT NULL;
-- The board, the day's finished calls and exports read by time.
DROP INDEX CONCURRENTLY IF EXISTS calls_by_opening;
CREATE INDEX CONCURRENTLY calls_by_opening ON calls (opened_at);
DROP INDEX CONCURRENTLY IF EXISTS calls_by_end;
CREATE INDEX CONCURRENTLY calls_by_end ON calls (closed_at) WHERE closed_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS calls_noted;
CREATE INDEX CONCURRENTLY calls_noted ON calls (noted_at) WHERE note_sealed IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS call_look_ups_by_time;
CREATE INDEX CONCURRENTLY call_look_ups_by_time ON call_look_ups (at);
RESET lock_timeout;
