-- Work orders: the staff's side of an enquiry, with its clock and its history; ratings; files of orders for districts without
-- a log-in.
-- +goose Up
CREATE TABLE work_orders (
    id            text        NOT NULL PRIMARY KEY REFERENCES enquiries (id),
    type          text        NOT NULL,
    state         text        NOT NULL,
    department    text        NOT NULL, -- whose queue; empty: the hotline's
    district      text        NOT NULL,
    programme     text        NOT NULL,
    owner_id      text,
    opened_by     text,
    call_id       text,
    text_sealed   blob,
    reason_code   text        NOT NULL,
    opened_at     datetime    NOT NULL,
    accept_by     datetime    NOT NULL,
    due_at        datetime    NOT NULL,
    escalate_at   datetime    NOT NULL,
    extended_at   datetime,
    urged_at      datetime,
    urges         integer     NOT NULL,
    returns       integer     NOT NULL,
    misses        integer     NOT NULL,
    reopens       integer     NOT NULL, -- by the citizen
    reopened_at   datetime,
    reminded_at   datetime,
    escalated_at  datetime,
    answered_at   datetime,
    closed_at     datetime,
    version       integer     NOT NULL
);
CREATE INDEX work_orders_by_state ON work_orders (state, id);
CREATE INDEX work_orders_by_queue ON work_orders (department, district, id) WHERE state NOT IN ('done', 'called_back', 'closed');
CREATE INDEX work_orders_by_owner ON work_orders (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX work_orders_due ON work_orders (due_at) WHERE state NOT IN ('done', 'called_back', 'closed');
CREATE INDEX work_orders_by_call ON work_orders (call_id) WHERE call_id IS NOT NULL;

CREATE TABLE work_order_steps (
    id          text        NOT NULL PRIMARY KEY,
    order_id    text        NOT NULL REFERENCES work_orders (id),
    at          datetime    NOT NULL,
    actor_kind  text        NOT NULL,
    staff_id    text,
    act         text        NOT NULL,
    from_state  text        NOT NULL,
    to_state    text        NOT NULL,
    code        text        NOT NULL,
    note_sealed blob
);
CREATE INDEX work_order_steps_by_order ON work_order_steps (order_id, id);

CREATE TABLE ratings (
    id        text        NOT NULL PRIMARY KEY,
    object    text        NOT NULL,
    object_id text        NOT NULL,
    kind      text        NOT NULL,
    level     integer     NOT NULL CHECK (level BETWEEN 1 AND 5),
    channel   text        NOT NULL,
    order_id  text,
    month     text        NOT NULL,
    at        datetime    NOT NULL
);
-- A case is rated once (R64).
CREATE UNIQUE INDEX ratings_once ON ratings (object, object_id);
CREATE INDEX ratings_by_month ON ratings (month, kind);

CREATE TABLE order_files (
    id         text        NOT NULL PRIMARY KEY,
    number     integer     NOT NULL,
    department text        NOT NULL,
    district   text        NOT NULL,
    made_by    text        NOT NULL, -- the watermark: who took it out
    made_at    datetime    NOT NULL
);
CREATE UNIQUE INDEX order_files_number ON order_files (department, district, number);

CREATE TABLE order_file_lines (
    file_id       text        NOT NULL REFERENCES order_files (id),
    line          integer     NOT NULL,
    order_id      text        NOT NULL REFERENCES work_orders (id),
    answered_at   datetime,
    PRIMARY KEY (file_id, line)
);
CREATE INDEX order_file_lines_by_order ON order_file_lines (order_id);
