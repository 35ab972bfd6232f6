-- Yearly statements that were handed out, by the code that anybody can verify them with.
-- +goose Up
CREATE TABLE statements (
    id        uuid        NOT NULL PRIMARY KEY,
    person_id uuid        NOT NULL,
    year      integer     NOT NULL,
    code      text        NOT NULL,
    digest    text        NOT NULL,
    count     integer     NOT NULL,
    total_fen bigint      NOT NULL,
    as_of     timestamptz,
    made_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX statements_code ON statements (code);
-- The same facts are one statement.
CREATE UNIQUE INDEX statements_facts ON statements (person_id, year, digest);
