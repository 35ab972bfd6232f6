-- The catalogue of programmes, announced batches, and payments, which live for ever in the partition of their ledger month.
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
    version       bigint      NOT NULL,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (code, edition)
);

CREATE TABLE payees (
    person_id     uuid PRIMARY KEY,
    in_system     boolean     NOT NULL,
    phone_on_file boolean     NOT NULL,
    registered_on text        NOT NULL,
    version       bigint      NOT NULL,
    changed_at    timestamptz NOT NULL
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
    total_fen    bigint      NOT NULL,
    digest       text        NOT NULL,
    announced_at timestamptz NOT NULL,
    version      bigint      NOT NULL,
    changed_at   timestamptz NOT NULL
);
CREATE INDEX batches_month ON batches (ledger_month);

CREATE TABLE payments (
    ledger_month    text        NOT NULL,
    batch_id        text        NOT NULL,
    line            integer     NOT NULL,
    programme       text        NOT NULL,
    edition         integer     NOT NULL,
    district        text        NOT NULL,
    person_id       uuid        NOT NULL,
    beneficiary_id  uuid,
    payee_kind      text        NOT NULL,
    household_ref   text        NOT NULL,
    exception_why   text        NOT NULL,
    exception_by    text        NOT NULL,
    amount_fen      bigint      NOT NULL,
    period          text        NOT NULL,
    state           text        NOT NULL,
    hold            text        NOT NULL,
    planned_at      timestamptz,
    publicised_at   timestamptz,
    approved_at     timestamptz,
    sent_at         timestamptz,
    credited_at     timestamptz,
    returned_at     timestamptz,
    credit_no       text        NOT NULL,
    paying_bank     text        NOT NULL,
    account_bank    text        NOT NULL,
    account_tail    text        NOT NULL,
    old_channel     boolean     NOT NULL,
    return_reason   text        NOT NULL,
    reissue_of      text        NOT NULL,
    reissued_as     text        NOT NULL,
    version         bigint      NOT NULL,
    changed_at      timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line)
) PARTITION BY LIST (ledger_month);
CREATE INDEX payments_person ON payments (person_id, ledger_month, changed_at);
CREATE INDEX payments_held ON payments (ledger_month) WHERE hold <> '';

-- Makes the partition of one ledger month. It runs as the owner, so that the service's role needs no right to create
-- tables. Attaching, unlike CREATE ... PARTITION OF, leaves readers and writers of the other months alone.
-- +goose StatementBegin
CREATE FUNCTION make_payments_partition(month text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(part, 0));
    -- Who waited here asks the table itself: to_regclass still remembers that there was none.
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE payments INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE payments ATTACH PARTITION %I FOR VALUES IN (%L)', part, month);
END
$$;
-- +goose StatementEnd
