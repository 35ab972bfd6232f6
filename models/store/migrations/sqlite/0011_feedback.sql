-- What citizens answer about their payments, confidential reports of misuse, where lists are posted, and public totals.
-- +goose Up
CREATE TABLE payment_feedback (
    ledger_month text        NOT NULL,
    batch_id     text        NOT NULL,
    line         integer     NOT NULL,
    person_id    text        NOT NULL,
    answer       text        NOT NULL,
    seen_fen     integer      NOT NULL, -- -1: not told
    note_sealed  blob,
    enquiry_id   text,
    answered_at  datetime NOT NULL,
    version      integer     NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line, person_id)
);
CREATE INDEX payment_feedback_person ON payment_feedback (person_id);

-- The sentence that explained the payment when the enquiry was opened: its id and how fresh its facts were.
ALTER TABLE enquiries ADD COLUMN sentence_id     text NOT NULL DEFAULT '';
ALTER TABLE enquiries ADD COLUMN explained_as_of datetime;

CREATE TABLE misuse_reports (
    id             text        NOT NULL PRIMARY KEY,
    number         text        NOT NULL,
    code_hash      blob       NOT NULL,
    kind           text        NOT NULL,
    department     text        NOT NULL,
    programme      text        NOT NULL,
    district       text        NOT NULL,
    text_sealed    blob       NOT NULL,
    contact_sealed blob,
    person_id      text,
    state          text        NOT NULL,
    answer_sealed  blob,
    answered_by    text,
    opened_at      datetime NOT NULL,
    due_at         datetime NOT NULL,
    alarmed_at     datetime,
    answered_at    datetime,
    closed_at      datetime,
    version        integer     NOT NULL
);
CREATE UNIQUE INDEX misuse_reports_number ON misuse_reports (number);
CREATE INDEX misuse_reports_by_state ON misuse_reports (state, id);
CREATE INDEX misuse_reports_by_person ON misuse_reports (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX misuse_reports_due ON misuse_reports (due_at) WHERE state = 'received' AND alarmed_at IS NULL;

ALTER TABLE batches ADD COLUMN posting_place  text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN posting_from   text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN posting_to     text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN posting_office text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN posting_phone  text NOT NULL DEFAULT '';
CREATE INDEX batches_posted ON batches (posting_to, id) WHERE posting_place <> '';

-- Only what may be printed: of a cell that is suppressed nothing but its name is kept.
CREATE TABLE public_totals (
    ledger_month text    NOT NULL,
    programme    text    NOT NULL,
    district     text    NOT NULL, -- *: the whole city
    shown        boolean NOT NULL,
    people       integer  NOT NULL,
    payments     integer  NOT NULL,
    total_fen    integer  NOT NULL,
    PRIMARY KEY (ledger_month, programme, district)
);
-- Which months have changed since they were counted.
CREATE TABLE public_total_months (
    ledger_month text        NOT NULL PRIMARY KEY,
    changes      integer      NOT NULL,
    counted      integer      NOT NULL,
    least        integer     NOT NULL,
    due_at       datetime NOT NULL,
    computed_at  datetime
);
