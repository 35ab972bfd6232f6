-- Which SMS vendor all replicas prefer, what messages cost by programme and department, and which alarms were given.
-- +goose Up
CREATE TABLE sms_vendor_changes (
    id          uuid        NOT NULL PRIMARY KEY,
    follows     text        NOT NULL, -- the change before it; empty for the first
    from_vendor text        NOT NULL,
    to_vendor   text        NOT NULL,
    home_vendor text        NOT NULL, -- the vendor that probes lead back to
    reason      text        NOT NULL,
    failed      integer     NOT NULL, -- of so many calls
    calls       integer     NOT NULL,
    basis       text        NOT NULL, -- by hand: the operator's words
    set_by      text        NOT NULL,
    changed_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX sms_vendor_changes_one_follows ON sms_vendor_changes (follows);
CREATE INDEX sms_vendor_changes_by_time ON sms_vendor_changes (changed_at);

CREATE TABLE message_costs (
    day        text    NOT NULL,
    channel    text    NOT NULL,
    vendor     text    NOT NULL,
    programme  text    NOT NULL, -- the catalogue's code; empty: no subsidy
    department text    NOT NULL, -- who pays the programme; empty: ourselves
    kind       text    NOT NULL,
    messages   bigint  NOT NULL,
    parts      bigint  NOT NULL,
    cost_milli bigint  NOT NULL, -- thousandths of a yuan: a part costs fractions of a fen
    PRIMARY KEY (day, channel, vendor, programme, department, kind)
);

CREATE TABLE message_alarms (
    span     text        NOT NULL, -- the day, or the hour of it
    code     text        NOT NULL,
    about    text        NOT NULL, -- an app, a share
    given_at timestamptz NOT NULL,
    PRIMARY KEY (span, code, about)
);
