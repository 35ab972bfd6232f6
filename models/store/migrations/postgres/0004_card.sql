-- Cards as the registry tells of them, our loss reports and applications, and the commands that carry them out.
-- +goose Up
CREATE TABLE cards (
    id               uuid PRIMARY KEY,
    ref              text        NOT NULL,
    person_id        uuid        NOT NULL REFERENCES persons (id),
    number_mask      text        NOT NULL,
    area             text        NOT NULL,
    bank_code        text        NOT NULL,
    outlet_ref       text        NOT NULL,
    social           text        NOT NULL,
    financial        text        NOT NULL,
    holding          text        NOT NULL,
    version          bigint      NOT NULL,
    answered_version bigint      NOT NULL DEFAULT 0,
    next_seq         bigint      NOT NULL DEFAULT 1,
    changed_at       timestamptz NOT NULL,
    received_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX cards_ref ON cards (ref);
CREATE INDEX cards_person ON cards (person_id);

CREATE TABLE loss_reports (
    id            uuid PRIMARY KEY,
    receipt       text        NOT NULL,
    person_id     uuid        NOT NULL REFERENCES persons (id),
    card_id       uuid        NOT NULL REFERENCES cards (id),
    state         text        NOT NULL,
    version       integer     NOT NULL,
    source        text        NOT NULL,
    reported_by   text        NOT NULL,
    call_id       uuid,
    strength      text        NOT NULL,
    kind          text        NOT NULL,
    registry_ref  text        NOT NULL,
    refused_code  text        NOT NULL,
    ended_by      text        NOT NULL,
    reported_at   timestamptz NOT NULL,
    effective_at  timestamptz,
    ended_at      timestamptz,
    expires_at    timestamptz,
    waiting_since timestamptz,
    alarmed_at    timestamptz,
    reassert_at   timestamptz,
    warned_on     text        NOT NULL DEFAULT '',
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX loss_reports_receipt ON loss_reports (receipt);
CREATE UNIQUE INDEX loss_reports_open ON loss_reports (card_id)
    WHERE state IN ('received', 'unconfirmed', 'effective', 'release_requested');
CREATE INDEX loss_reports_person ON loss_reports (person_id, reported_at DESC);
CREATE INDEX loss_reports_waiting ON loss_reports (waiting_since)
    WHERE state IN ('received', 'unconfirmed') AND alarmed_at IS NULL;
CREATE INDEX loss_reports_expiring ON loss_reports (expires_at) WHERE state = 'effective' AND expires_at IS NOT NULL;
CREATE INDEX loss_reports_reassert ON loss_reports (reassert_at) WHERE reassert_at IS NOT NULL;

CREATE TABLE card_commands (
    id         uuid PRIMARY KEY,
    kind       text        NOT NULL,
    person_id  uuid        NOT NULL REFERENCES persons (id),
    person_ref text        NOT NULL,
    card_id    uuid REFERENCES cards (id),
    card_ref   text        NOT NULL,
    subject_id uuid        NOT NULL,
    card_seq   bigint,
    loss_kind  text        NOT NULL,
    channel    text        NOT NULL,
    state      text        NOT NULL,
    attempt    integer     NOT NULL,
    not_after  timestamptz NOT NULL,
    lease_ends timestamptz,
    due_at     timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    reference  text        NOT NULL,
    code       text        NOT NULL
);
CREATE UNIQUE INDEX card_commands_seq ON card_commands (card_id, card_seq) WHERE card_seq IS NOT NULL;
CREATE UNIQUE INDEX card_commands_unfinished ON card_commands (card_id)
    WHERE kind IN ('loss', 'release') AND state IN ('requested', 'sending', 'unknown');
CREATE UNIQUE INDEX card_commands_application ON card_commands (person_id)
    WHERE kind = 'application' AND state IN ('requested', 'sending', 'unknown');
CREATE INDEX card_commands_due ON card_commands (due_at) WHERE state IN ('requested', 'sending', 'unknown');
CREATE INDEX card_commands_subject ON card_commands (subject_id);

CREATE TABLE uploads (
    id         uuid PRIMARY KEY,
    person_id  uuid        NOT NULL REFERENCES persons (id),
    purpose    text        NOT NULL,
    media_type text        NOT NULL,
    width      integer     NOT NULL,
    height     integer     NOT NULL,
    bytes      bigint      NOT NULL,
    digest     text        NOT NULL,
    object_key text        NOT NULL,
    created_at timestamptz NOT NULL,
    used_by    uuid
);
CREATE INDEX uploads_unused ON uploads (created_at) WHERE used_by IS NULL;
CREATE INDEX uploads_dropping ON uploads (created_at) WHERE used_by = id;
CREATE INDEX uploads_person ON uploads (person_id, created_at);

CREATE TABLE applications (
    id           uuid PRIMARY KEY,
    receipt      text        NOT NULL,
    person_id    uuid        NOT NULL REFERENCES persons (id),
    applicant_id uuid        NOT NULL REFERENCES persons (id),
    state        text        NOT NULL,
    version      integer     NOT NULL,
    bank_code    text        NOT NULL,
    outlet_ref   text        NOT NULL,
    uploads      text        NOT NULL,
    registry_ref text        NOT NULL,
    reason_code  text        NOT NULL,
    fact_version bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX applications_receipt ON applications (receipt);
CREATE UNIQUE INDEX applications_unfinished ON applications (person_id) WHERE state NOT IN ('collected', 'rejected');
CREATE INDEX applications_person ON applications (person_id, created_at DESC);

CREATE TABLE application_steps (
    id             uuid PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES applications (id),
    state          text        NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX application_steps_application ON application_steps (application_id, at);
