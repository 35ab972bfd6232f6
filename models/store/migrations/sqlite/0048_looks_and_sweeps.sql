-- A look may be at whom an order is about or a promised call goes to, outside a call; an enquiry says whether it has its order, so
-- that those without one are found alone.
-- +goose Up
CREATE TABLE call_look_ups_new (
    id        text        NOT NULL PRIMARY KEY,
    call_id   text        REFERENCES calls (id),
    staff_id  text        NOT NULL,
    person_id text,
    kind      text        NOT NULL,
    at        datetime    NOT NULL,
    object    text        NOT NULL DEFAULT '',
    object_id text        NOT NULL DEFAULT ''
);
INSERT INTO call_look_ups_new (id, call_id, staff_id, person_id, kind, at) SELECT id, call_id, staff_id, person_id, kind, at FROM call_look_ups;
DROP TABLE call_look_ups;
ALTER TABLE call_look_ups_new RENAME TO call_look_ups;
CREATE INDEX call_look_ups_by_staff ON call_look_ups (staff_id, at);
CREATE INDEX call_look_ups_by_time ON call_look_ups (at);

CREATE TABLE call_flags_new (
    id         text     NOT NULL PRIMARY KEY,
    kind       text     NOT NULL,
    staff_id   text     NOT NULL REFERENCES staff (id),
    call_id    text     REFERENCES calls (id),
    span       text     NOT NULL,
    looks      integer  NOT NULL,
    raised_at  datetime NOT NULL,
    settled_at datetime,
    settled_by text,
    reason     text     NOT NULL,
    version    integer  NOT NULL
);
INSERT INTO call_flags_new SELECT id, kind, staff_id, call_id, span, looks, raised_at, settled_at, settled_by, reason, version FROM call_flags;
DROP TABLE call_flags;
ALTER TABLE call_flags_new RENAME TO call_flags;
CREATE UNIQUE INDEX call_flags_once ON call_flags (kind, staff_id, span);
CREATE INDEX call_flags_open ON call_flags (raised_at) WHERE settled_at IS NULL;

ALTER TABLE enquiries ADD COLUMN ordered boolean NOT NULL DEFAULT false;
