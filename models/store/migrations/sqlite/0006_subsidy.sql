-- The catalogue of programmes, announced batches, and payments under the key of their ledger month.
-- +goose Up
CREATE TABLE programmes (
    code          text        NOT NULL,
    edition       integer     NOT NULL,
    number        integer     NOT NULL,
    name          text        NOT NULL,
    short_name    text        NOT NULL,
    sms_name      text        NOT NULL,
    domain        text        NOT NULL,
    department    text        NOT NULL,
    payee_kind    text        NOT NULL,
    cadence       text        NOT NULL,
    sensitivity   text        NOT NULL,
    district      text        NOT NULL,
    policy_doc    text        NOT NULL,
    official_link text        NOT NULL,
    published_on  text        NOT NULL,
    valid_from    text        NOT NULL,
    valid_to      text        NOT NULL,
    onboarded     text        NOT NULL,
    version       integer      NOT NULL,
    changed_at    datetime    NOT NULL,
    PRIMARY KEY (code, edition)
);

CREATE TABLE payees (
    person_id     text PRIMARY KEY,
    in_system     boolean     NOT NULL,
    phone_on_file boolean     NOT NULL,
    registered_on text        NOT NULL,
    version       integer      NOT NULL,
    changed_at    datetime    NOT NULL
);

CREATE TABLE batches (
    id           text PRIMARY KEY,
    ledger_month text        NOT NULL,
    programme    text        NOT NULL,
    edition      integer     NOT NULL,
    district     text        NOT NULL,
    department   text        NOT NULL,
    paying_unit  text        NOT NULL,
    paying_bank  text        NOT NULL,
    period       text        NOT NULL,
    reissue      boolean     NOT NULL,
    count        integer     NOT NULL,
    total_fen    integer      NOT NULL,
    digest       text        NOT NULL,
    announced_at datetime    NOT NULL,
    version      integer      NOT NULL,
    changed_at   datetime    NOT NULL
);
CREATE INDEX batches_month ON batches (ledger_month);

CREATE TABLE payments (
    ledger_month    text        NOT NULL,
    batch_id        text        NOT NULL,
    line            integer     NOT NULL,
    programme       text        NOT NULL,
    edition         integer     NOT NULL,
    district        text        NOT NULL,
    person_id       text        NOT NULL,
    beneficiary_id  text,
    payee_kind      text        NOT NULL,
    household_ref   text        NOT NULL,
    exception_why   text        NOT NULL,
    exception_by    text        NOT NULL,
    amount_fen      integer      NOT NULL,
    period          text        NOT NULL,
    state           text        NOT NULL,
    hold            text        NOT NULL,
    planned_at      datetime   ,
    publicised_at   datetime   ,
    approved_at     datetime   ,
    sent_at         datetime   ,
    credited_at     datetime   ,
    returned_at     datetime   ,
    credit_no       text        NOT NULL,
    paying_bank     text        NOT NULL,
    account_bank    text        NOT NULL,
    account_tail    text        NOT NULL,
    old_channel     boolean     NOT NULL,
    return_reason   text        NOT NULL,
    reissue_of      text        NOT NULL,
    reissued_as     text        NOT NULL,
    version         integer      NOT NULL,
    changed_at      datetime    NOT NULL,
    received_at     datetime    NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line)
);
CREATE INDEX payments_person ON payments (person_id, ledger_month, changed_at);
CREATE INDEX payments_held ON payments (ledger_month) WHERE hold <> '';
