-- The one list of what is held, and the decisions of two people about it.
-- +goose Up
CREATE TABLE held_items (
    ledger_month text        NOT NULL,
    batch_id     text        NOT NULL,
    line         integer     NOT NULL, -- 0: the whole batch
    reason       text        NOT NULL,
    state        text        NOT NULL,
    owner        text        NOT NULL,
    assigned_to  uuid,
    district     text        NOT NULL,
    department   text        NOT NULL,
    facts        text        NOT NULL,
    held_at      timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    alarmed_on   text        NOT NULL,
    changes      bigint      NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line)
);
CREATE INDEX held_items_waiting ON held_items (held_at, ledger_month, batch_id, line) WHERE state IN ('held', 'proposed');
CREATE INDEX held_items_due ON held_items (due_at) WHERE state IN ('held', 'proposed');

CREATE TABLE held_proposals (
    id           uuid        NOT NULL PRIMARY KEY,
    ledger_month text        NOT NULL,
    batch_id     text        NOT NULL,
    line         integer     NOT NULL,
    reason       text        NOT NULL,
    decision     text        NOT NULL,
    reason_code  text        NOT NULL,
    note_sealed  bytea       NOT NULL,
    state        text        NOT NULL,
    version      bigint      NOT NULL,
    proposed_by  uuid        NOT NULL,
    proposed_at  timestamptz NOT NULL,
    decided_by   uuid,
    decided_at   timestamptz,
    -- No decision is one person's.
    CHECK (state <> 'approved' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX held_proposals_open ON held_proposals (ledger_month, batch_id, line) WHERE state = 'open';
CREATE INDEX held_proposals_item ON held_proposals (ledger_month, batch_id, line);

-- A new role: who decides about what is held.
ALTER TABLE staff_roles DROP CONSTRAINT staff_roles_role_check;
ALTER TABLE staff_roles ADD CONSTRAINT staff_roles_role_check CHECK (role IN ('agent', 'supervisor', 'reviewer', 'auditor', 'administrator'));
