-- Small questions that a session answers before a further one-time code.
-- +goose Up
CREATE TABLE challenges (
    id         uuid NOT NULL PRIMARY KEY,
    session_id uuid NOT NULL,
    kind       text NOT NULL,
    digest     bytea NOT NULL, -- keyed, of the answer
    tries      integer NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    passed_at  timestamptz,
    used_at    timestamptz
);
CREATE INDEX challenges_by_session ON challenges (session_id, made_at);
CREATE INDEX challenges_by_age ON challenges (made_at);
