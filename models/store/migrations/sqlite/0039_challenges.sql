-- Small questions that a session answers before a further one-time code.
-- +goose Up
CREATE TABLE challenges (
    id         text NOT NULL PRIMARY KEY,
    session_id text NOT NULL,
    kind       text NOT NULL,
    digest     blob NOT NULL, -- keyed, of the answer
    tries      integer NOT NULL,
    made_at    datetime NOT NULL,
    expires_at datetime NOT NULL,
    passed_at  datetime,
    used_at    datetime
);
CREATE INDEX challenges_by_session ON challenges (session_id, made_at);
CREATE INDEX challenges_by_age ON challenges (made_at);
