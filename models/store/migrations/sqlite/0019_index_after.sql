-- PostgreSQL fills the table of a new ledger month before it builds its indexes. SQLite has one table for all months, and
-- nothing to do here.
-- +goose Up
SELECT 1;
