-- Who may act for whom: guardians of children under 16, and family helpers whom an adult named; and who reported a loss.
-- +goose Up
CREATE TABLE relations (
    id            text PRIMARY KEY,
    kind          text    NOT NULL,
    actor_id      text NOT NULL REFERENCES persons (id),
    subject_id    text NOT NULL REFERENCES persons (id),
    state         text    NOT NULL,
    version       integer NOT NULL,
    proof         text    NOT NULL,
    book_front_id text,
    book_child_id text,
    recipients    text    NOT NULL,
    reason_code   text    NOT NULL,
    made_at       datetime NOT NULL,
    decided_at    datetime,
    ends_at       datetime,
    ended_at      datetime
);
CREATE UNIQUE INDEX relations_open ON relations (kind, actor_id, subject_id) WHERE state IN ('requested', 'proved', 'named', 'active');
CREATE INDEX relations_actor ON relations (actor_id, kind, made_at DESC);
CREATE INDEX relations_subject ON relations (subject_id, kind, made_at DESC);
CREATE INDEX relations_offers ON relations (made_at) WHERE state = 'named';
CREATE INDEX relations_terms ON relations (ends_at) WHERE state = 'active';
CREATE INDEX relations_requests ON relations (id) WHERE state = 'requested';
CREATE INDEX relations_books ON relations (id) WHERE book_front_id IS NOT NULL;

ALTER TABLE slips ADD COLUMN purpose text NOT NULL DEFAULT 'bind';
ALTER TABLE loss_reports ADD COLUMN reporter_id text;
