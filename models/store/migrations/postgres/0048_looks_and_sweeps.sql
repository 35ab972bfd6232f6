-- A look may be at whom an order is about or a promised call goes to, outside a call; an enquiry says whether it has its order, so
-- that those without one are found alone.
-- +goose Up
ALTER TABLE call_look_ups ALTER COLUMN call_id DROP NOT NULL;
ALTER TABLE call_look_ups ADD COLUMN object text NOT NULL DEFAULT '';
ALTER TABLE call_look_ups ADD COLUMN object_id text NOT NULL DEFAULT '';
ALTER TABLE call_flags ALTER COLUMN call_id DROP NOT NULL;
ALTER TABLE enquiries ADD COLUMN ordered boolean NOT NULL DEFAULT false;
