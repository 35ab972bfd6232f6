-- Work orders: the staff's side of an enquiry, with its clock and its history; ratings; files of orders for districts without
-- a log-in.
-- +goose Up
CREATE TABLE work_orders (
    id            uuid        NOT NULL PRIMARY KEY REFERENCES enquiries (id),
    type          text        NOT NULL,
    state         text        NOT NULL,
    department    text        NOT NULL, -- whose queue; empty: the hotline's
    district      text        NOT NULL,
    programme     text        NOT NULL,
    owner_id      uuid,
    opened_by     uuid,
    call_id       uuid,
    text_sealed   bytea,
    reason_code   text        NOT NULL,
    opened_at     timestamptz NOT NULL,
    accept_by     timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    escalate_at   timestamptz NOT NULL,
    extended_at   timestamptz,
    urged_at      timestamptz,
    urges         integer     NOT NULL,
    returns       integer     NOT NULL,
    misses        integer     NOT NULL,
    reopens       integer     NOT NULL, -- by the citizen
    reopened_at   timestamptz,
    reminded_at   timestamptz,
    escalated_at  timestamptz,
    answered_at   timestamptz,
    closed_at     timestamptz,
    version       integer     NOT NULL
);
CREATE INDEX work_orders_by_state ON work_orders (state, id);
CREATE INDEX work_orders_by_queue ON work_orders (department, district, id) WHERE state NOT IN ('done', 'called_back', 'closed');
CREATE INDEX work_orders_by_owner ON work_orders (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX work_orders_due ON work_orders (due_at) WHERE state NOT IN ('done', 'called_back', 'closed');
CREATE INDEX work_orders_by_call ON work_orders (call_id) WHERE call_id IS NOT NULL;

CREATE TABLE work_order_steps (
    id          uuid        NOT NULL PRIMARY KEY,
    order_id    uuid        NOT NULL REFERENCES work_orders (id),
    at          timestamptz NOT NULL,
    actor_kind  text        NOT NULL,
    staff_id    uuid,
    act         text        NOT NULL,
    from_state  text        NOT NULL,
    to_state    text        NOT NULL,
    code        text        NOT NULL,
    note_sealed bytea
);
CREATE INDEX work_order_steps_by_order ON work_order_steps (order_id, id);

CREATE TABLE ratings (
    id        uuid        NOT NULL PRIMARY KEY,
    object    text        NOT NULL,
    object_id uuid        NOT NULL,
    kind      text        NOT NULL,
    level     integer     NOT NULL CHECK (level BETWEEN 1 AND 5),
    channel   text        NOT NULL,
    order_id  uuid,
    month     text        NOT NULL,
    at        timestamptz NOT NULL
);
-- A case is rated once (R64).
CREATE UNIQUE INDEX ratings_once ON ratings (object, object_id);
CREATE INDEX ratings_by_month ON ratings (month, kind);

CREATE TABLE order_files (
    id         uuid        NOT NULL PRIMARY KEY,
    number     integer     NOT NULL,
    department text        NOT NULL,
    district   text        NOT NULL,
    made_by    text        NOT NULL, -- the watermark: who took it out
    made_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX order_files_number ON order_files (department, district, number);

CREATE TABLE order_file_lines (
    file_id       uuid        NOT NULL REFERENCES order_files (id),
    line          integer     NOT NULL,
    order_id      uuid        NOT NULL REFERENCES work_orders (id),
    answered_at   timestamptz,
    PRIMARY KEY (file_id, line)
);
CREATE INDEX order_file_lines_by_order ON order_file_lines (order_id);
