-- What the nightly comparison with the registry's figures found, and up to where a month was found equal.
-- +goose Up
CREATE TABLE figure_checks (
    ledger_month text        NOT NULL PRIMARY KEY,
    digest       text        NOT NULL,
    checked_at   datetime    NOT NULL
);

CREATE TABLE figure_differences (
    ledger_month   text        NOT NULL,
    batch_id       text        NOT NULL,
    line           integer     NOT NULL,
    kind           text        NOT NULL,
    state          text        NOT NULL,
    programme      text        NOT NULL,
    district       text        NOT NULL,
    ours_version   integer     NOT NULL,
    ours_state     text        NOT NULL,
    ours_fen       integer     NOT NULL,
    theirs_version integer     NOT NULL,
    theirs_state   text        NOT NULL,
    theirs_fen     integer     NOT NULL,
    why            text        NOT NULL,
    found_at       datetime    NOT NULL,
    seen_at        datetime    NOT NULL,
    PRIMARY KEY (ledger_month, batch_id, line)
);
CREATE INDEX figure_differences_found ON figure_differences (found_at, ledger_month, batch_id, line);
CREATE INDEX figure_differences_open ON figure_differences (ledger_month, district) WHERE state = 'open';

-- What stands in the list of what is held, without the lines of batches that were taken back.
CREATE INDEX payments_waiting ON payments (ledger_month, batch_id, line) WHERE hold NOT IN ('', 'REJECTED', 'BATCH_WITHDRAWN');
