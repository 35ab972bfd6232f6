-- A newcomer enrols herself with a password that works once, a lost telephone has recovery codes, a bureau's own sign-on names
-- an account by its subject, and an auditor finds a trace by who left it. Each statement may be run again after a break.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE staff_roles DROP CONSTRAINT IF EXISTS staff_roles_role_check;
ALTER TABLE staff_roles ADD CONSTRAINT staff_roles_role_check CHECK (role IN ('agent', 'supervisor', 'reviewer', 'policy_manager',
    'knowledge_editor', 'liaison', 'auditor', 'administrator'));

-- one_time_until: the password is one that opens an enrolment and nothing else, until then.
ALTER TABLE staff ADD COLUMN IF NOT EXISTS one_time_until timestamptz;
ALTER TABLE staff ADD COLUMN IF NOT EXISTS totp_pending_sealed bytea;
ALTER TABLE staff ADD COLUMN IF NOT EXISTS password_at timestamptz;
ALTER TABLE staff ADD COLUMN IF NOT EXISTS sign_on_subject text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX IF NOT EXISTS staff_sign_on_subject ON staff (sign_on_subject) WHERE sign_on_subject <> '';

CREATE TABLE IF NOT EXISTS staff_passwords (
    staff_id      uuid        NOT NULL REFERENCES staff (id),
    set_at        timestamptz NOT NULL,
    password_hash text        NOT NULL,
    PRIMARY KEY (staff_id, set_at)
);

CREATE TABLE IF NOT EXISTS staff_recovery_codes (
    staff_id  uuid  NOT NULL REFERENCES staff (id),
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (staff_id, code_hash)
);

-- What one member of staff did, and what happened in one call. The build stands in nobody's way, so it may wait for a long
-- transaction; one that broke off leaves an index nobody can use.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_by_agent;
CREATE INDEX CONCURRENTLY audit_entries_by_agent ON audit_entries (actor_id, id) WHERE actor_kind = 'agent';
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_by_call;
CREATE INDEX CONCURRENTLY audit_entries_by_call ON audit_entries (call_id, id) WHERE call_id <> '';
RESET lock_timeout;
