-- When an outlet is open, for a machine, and who took a closed one over; which slip a caller was sent.
-- +goose Up
ALTER TABLE outlets ADD COLUMN opening text NOT NULL DEFAULT '[]';
ALTER TABLE outlets ADD COLUMN successor text NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN slip_sent text NOT NULL DEFAULT '';
