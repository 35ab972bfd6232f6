-- The reference that the registry paid a line under, where the payee's own is another: records merged into hers. The nightly
-- comparison holds it against the registry's.
-- +goose Up
ALTER TABLE payments ADD COLUMN paid_ref text;
