-- What a call opens is checked by its reading statement; what was said before a loss, notes and results of calls, flags, samples
-- and exports of supervision.
-- +goose Up
CREATE TABLE call_lock_keys (
    call_id     uuid NOT NULL REFERENCES calls (id),
    scope       text NOT NULL,
    key_version integer NOT NULL,
    key_index   bytea NOT NULL,
    tied_at     timestamptz NOT NULL,
    PRIMARY KEY (call_id, scope, key_version)
);
CREATE INDEX call_lock_keys_by_age ON call_lock_keys (tied_at);

ALTER TABLE calls ADD COLUMN note_sealed bytea;
ALTER TABLE calls ADD COLUMN result text NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN noted_at timestamptz;

ALTER TABLE loss_reports ADD COLUMN read_back boolean NOT NULL DEFAULT false;
ALTER TABLE loss_reports ADD COLUMN speaker text NOT NULL DEFAULT '';
ALTER TABLE loss_reports ADD COLUMN holder_reached text NOT NULL DEFAULT '';

ALTER TABLE staff ADD COLUMN person_hash bytea;
ALTER TABLE staff ADD COLUMN household_hash bytea;

CREATE TABLE call_tasks (
    call_id uuid NOT NULL REFERENCES calls (id),
    act     text NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (call_id, act)
);

CREATE TABLE call_flags (
    id         uuid NOT NULL PRIMARY KEY,
    kind       text NOT NULL,
    staff_id   uuid NOT NULL REFERENCES staff (id),
    call_id    uuid NOT NULL REFERENCES calls (id),
    span       text NOT NULL,
    looks      integer NOT NULL,
    raised_at  timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by uuid,
    reason     text NOT NULL,
    version    integer NOT NULL
);
CREATE UNIQUE INDEX call_flags_once ON call_flags (kind, staff_id, span);
CREATE INDEX call_flags_open ON call_flags (raised_at) WHERE settled_at IS NULL;

CREATE TABLE call_samples (
    id       uuid NOT NULL PRIMARY KEY,
    day      text NOT NULL,
    seed     text NOT NULL,
    finished integer NOT NULL,
    drawn_by uuid NOT NULL REFERENCES staff (id),
    drawn_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX call_samples_day ON call_samples (day);

CREATE TABLE call_sample_items (
    id        uuid NOT NULL PRIMARY KEY,
    sample_id uuid NOT NULL REFERENCES call_samples (id),
    call_id   uuid NOT NULL REFERENCES calls (id),
    staff_id  uuid NOT NULL,
    place     integer NOT NULL,
    scores    text NOT NULL,
    total     integer NOT NULL,
    scored_by uuid,
    scored_at timestamptz
);
CREATE UNIQUE INDEX call_sample_items_call ON call_sample_items (sample_id, call_id);
CREATE INDEX call_sample_items_staff ON call_sample_items (staff_id, scored_at);

CREATE TABLE call_exports (
    id       uuid NOT NULL PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    day      text NOT NULL,
    kind     text NOT NULL,
    from_day text NOT NULL,
    to_day   text NOT NULL,
    lines    integer NOT NULL,
    made_at  timestamptz NOT NULL
);
CREATE INDEX call_exports_by_staff ON call_exports (staff_id, day);
