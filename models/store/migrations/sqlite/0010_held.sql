-- The one list of what is held, and the decisions of two people about it.
-- +goose Up
CREATE TABLE held_items (
    ledger_month text        NOT NULL,
    batch_id     text        NOT NULL,
    line         integer     NOT NULL, -- 0: the whole batch
    reason       text        NOT NULL,
    state        text        NOT NULL,
    owner        text        NOT NULL,
    assigned_to  text,
    district     text        NOT NULL,
    department   text        NOT NULL,
    facts        text        NOT NULL,
    held_at      datetime    NOT NULL,
    due_at       datetime    NOT NULL,
    alarmed_on   text        NOT NULL,
    changes      integer     NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line)
);
CREATE INDEX held_items_waiting ON held_items (held_at, ledger_month, batch_id, line) WHERE state IN ('held', 'proposed');
CREATE INDEX held_items_due ON held_items (due_at) WHERE state IN ('held', 'proposed');

CREATE TABLE held_proposals (
    id           text        NOT NULL PRIMARY KEY,
    ledger_month text        NOT NULL,
    batch_id     text        NOT NULL,
    line         integer     NOT NULL,
    reason       text        NOT NULL,
    decision     text        NOT NULL,
    reason_code  text        NOT NULL,
    note_sealed  blob        NOT NULL,
    state        text        NOT NULL,
    version      integer     NOT NULL,
    proposed_by  text        NOT NULL,
    proposed_at  datetime    NOT NULL,
    decided_by   text,
    decided_at   datetime   ,
    -- No decision is one person's.
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX held_proposals_open ON held_proposals (ledger_month, batch_id, line) WHERE state = 'open';
CREATE INDEX held_proposals_item ON held_proposals (ledger_month, batch_id, line);

-- A new role: who decides about what is held.
CREATE TABLE staff_roles_new (
    staff_id text NOT NULL REFERENCES staff (id),
    role     text NOT NULL CHECK (role IN ('agent', 'supervisor', 'reviewer', 'auditor', 'administrator')),
    PRIMARY KEY (staff_id, role)
);
INSERT INTO staff_roles_new SELECT staff_id, role FROM staff_roles;
DROP TABLE staff_roles;
ALTER TABLE staff_roles_new RENAME TO staff_roles;
CREATE UNIQUE INDEX staff_roles_apart ON staff_roles (staff_id) WHERE role IN ('auditor', 'administrator');
