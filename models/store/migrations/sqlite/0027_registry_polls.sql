-- A registry that has no feed is asked person by person: whom next, how fresh each answer is, and the numbers of the questions.
-- +goose Up
CREATE TABLE registry_polls (
    person_id text PRIMARY KEY REFERENCES persons (id),
    due_at    datetime NOT NULL,
    asked_at  datetime,
    tries     integer  NOT NULL DEFAULT 0
);
CREATE INDEX registry_polls_due ON registry_polls (due_at);
CREATE INDEX registry_polls_asked ON registry_polls (asked_at) WHERE asked_at IS NOT NULL;

CREATE TABLE registry_tickets (
    source text    PRIMARY KEY,
    last   integer NOT NULL
);
