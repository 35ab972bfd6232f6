-- A newcomer enrols herself with a password that works once, a lost telephone has recovery codes, a bureau's own sign-on names
-- an account by its subject, and an auditor finds a trace by who left it.
-- +goose Up
CREATE TABLE staff_roles_new (
    staff_id text NOT NULL REFERENCES staff (id),
    role     text NOT NULL CHECK (role IN ('agent', 'supervisor', 'reviewer', 'policy_manager',
        'knowledge_editor', 'liaison', 'auditor', 'administrator')),
    PRIMARY KEY (staff_id, role)
);
INSERT INTO staff_roles_new SELECT staff_id, role FROM staff_roles;
DROP TABLE staff_roles;
ALTER TABLE staff_roles_new RENAME TO staff_roles;
CREATE UNIQUE INDEX staff_roles_apart ON staff_roles (staff_id) WHERE role IN ('auditor', 'administrator');

-- one_time_until: the password is one that opens an enrolment and nothing else, until then.
ALTER TABLE staff ADD COLUMN one_time_until datetime;
ALTER TABLE staff ADD COLUMN totp_pending_sealed blob;
ALTER TABLE staff ADD COLUMN password_at datetime;
ALTER TABLE staff ADD COLUMN sign_on_subject text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX staff_sign_on_subject ON staff (sign_on_subject) WHERE sign_on_subject <> '';

CREATE TABLE staff_passwords (
    staff_id      text     NOT NULL REFERENCES staff (id),
    set_at        datetime NOT NULL,
    password_hash text     NOT NULL,
    PRIMARY KEY (staff_id, set_at)
);

CREATE TABLE staff_recovery_codes (
    staff_id  text NOT NULL REFERENCES staff (id),
    code_hash blob NOT NULL,
    used_at   datetime,
    PRIMARY KEY (staff_id, code_hash)
);

-- What one member of staff did, and what happened in one call.
CREATE INDEX audit_entries_by_agent ON audit_entries (actor_id, id) WHERE actor_kind = 'agent';
CREATE INDEX audit_entries_by_call ON audit_entries (call_id, id) WHERE call_id <> '';
