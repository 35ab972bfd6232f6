-- Replacements of cards, whose fee is an order of the payment capability, and the commands that carry them.
-- +goose Up
CREATE TABLE replacements (
    id           uuid PRIMARY KEY,
    receipt      text        NOT NULL,
    person_id    uuid        NOT NULL REFERENCES persons (id),
    applicant_id uuid        NOT NULL REFERENCES persons (id),
    card_id      uuid        NOT NULL REFERENCES cards (id), -- the old card
    reason       text        NOT NULL,
    state        text        NOT NULL,
    version      integer     NOT NULL,
    bank_code    text        NOT NULL,
    outlet_ref   text        NOT NULL,
    channel      text        NOT NULL,
    loss_id      uuid,
    registry_ref text        NOT NULL,
    reason_code  text        NOT NULL,
    defects      text        NOT NULL, -- codes that we have words for
    fact_version bigint      NOT NULL,
    pay_by       timestamptz NOT NULL,
    reminders    integer     NOT NULL,
    activations  integer     NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    completed_at timestamptz
);
CREATE UNIQUE INDEX replacements_receipt ON replacements (receipt);
CREATE UNIQUE INDEX replacements_unfinished ON replacements (card_id) WHERE state NOT IN ('completed', 'rejected', 'withdrawn', 'lapsed');
CREATE INDEX replacements_person ON replacements (person_id, created_at DESC);
CREATE INDEX replacements_unpaid ON replacements (pay_by) WHERE state = 'awaiting_fee';
CREATE INDEX replacements_uncollected ON replacements (reminders, updated_at) WHERE state = 'at_outlet';
CREATE INDEX replacements_to_activate ON replacements (activations, completed_at) WHERE state = 'completed';

CREATE TABLE replacement_steps (
    id             uuid PRIMARY KEY,
    replacement_id uuid        NOT NULL REFERENCES replacements (id),
    state          text        NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX replacement_steps_replacement ON replacement_steps (replacement_id, at);

CREATE UNIQUE INDEX card_commands_of_replacement ON card_commands (subject_id)
    WHERE kind IN ('replacement', 'replacement_withdrawal') AND state IN ('requested', 'sending', 'unknown');
