-- Calls are found by their conversation and by time, and promised losses by theirs: indexes on tables that a running city has filled.
-- +goose Up
-- One conversation of the exchange is one call.
CREATE UNIQUE INDEX calls_exchange_ref ON calls (exchange_ref) WHERE exchange_ref <> '';
-- Loss reports by phone that wait for the registry: their callers were promised a call (R66).
CREATE INDEX loss_reports_promised ON loss_reports (reported_at) WHERE state IN ('received', 'unconfirmed') AND call_id IS NOT NULL;
-- The board, the day's finished calls and exports read by time.
CREATE INDEX calls_by_opening ON calls (opened_at);
CREATE INDEX calls_by_end ON calls (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX calls_noted ON calls (noted_at) WHERE note_sealed IS NOT NULL;
CREATE INDEX call_look_ups_by_time ON call_look_ups (at);
