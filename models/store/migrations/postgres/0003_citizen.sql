-- Who is in front of us: people as the registry knows them, platform accounts, sessions, consents, one-time codes and their counters, checks, slips, changes of phone.
-- +goose Up
CREATE TABLE persons (
    id                   uuid        NOT NULL PRIMARY KEY,
    ref                  text        NOT NULL,
    handle               text        NOT NULL,
    name_sealed          bytea,
    id_number_sealed     bytea,
    phone_sealed         bytea,
    contact_phone_sealed bytea,
    birth_date           text        NOT NULL,
    district             text        NOT NULL,
    household_ref        text        NOT NULL,
    is_head              boolean     NOT NULL,
    living_status        text        NOT NULL,
    merged_into_ref      text        NOT NULL,
    version              bigint      NOT NULL,
    changed_at           timestamptz NOT NULL,
    received_at          timestamptz NOT NULL
);
CREATE UNIQUE INDEX persons_by_ref ON persons (ref);
CREATE INDEX persons_by_household ON persons (household_ref) WHERE household_ref <> '';
CREATE INDEX persons_by_merged_into ON persons (merged_into_ref) WHERE merged_into_ref <> '';

CREATE TABLE platform_accounts (
    id        uuid        NOT NULL PRIMARY KEY,
    platform  text        NOT NULL,
    app_id    text        NOT NULL,
    open_id   text        NOT NULL CHECK (length(open_id) BETWEEN 1 AND 128),
    union_id  text        NOT NULL,
    user_id   text        NOT NULL,
    handle    text        NOT NULL,
    person_id uuid,
    level     text        NOT NULL,
    bound_at  timestamptz,
    bound_by  text        NOT NULL,
    made_at   timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX platform_accounts_by_open_id ON platform_accounts (platform, app_id, open_id);
CREATE INDEX platform_accounts_by_person ON platform_accounts (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE sessions (
    id          uuid        NOT NULL PRIMARY KEY,
    kind        text        NOT NULL,
    handle      text        NOT NULL,
    secret_hash text        NOT NULL,
    account_id  uuid,
    person_id   uuid,
    channel     text        NOT NULL,
    level       text        NOT NULL,
    checked_at  timestamptz,
    device      text        NOT NULL,
    made_at     timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    ended_why   text        NOT NULL,
    version     integer     NOT NULL
);
CREATE UNIQUE INDEX sessions_by_secret ON sessions (secret_hash);
CREATE INDEX sessions_by_person ON sessions (person_id, made_at) WHERE ended_at IS NULL AND person_id IS NOT NULL;
CREATE INDEX sessions_by_account ON sessions (account_id, made_at) WHERE ended_at IS NULL AND account_id IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE authorizations (
    id          uuid        NOT NULL PRIMARY KEY,
    platform    text        NOT NULL,
    app_id      text        NOT NULL,
    state_hash  text        NOT NULL,
    cookie_hash text        NOT NULL,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE UNIQUE INDEX authorizations_by_state ON authorizations (state_hash);
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);

CREATE TABLE consents (
    id           uuid        NOT NULL PRIMARY KEY,
    account_id   uuid,
    person_id    uuid,
    given_by     uuid,
    purpose      text        NOT NULL,
    version      text        NOT NULL,
    basis        text        NOT NULL,
    channel      text        NOT NULL,
    given_at     timestamptz NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX consents_by_person ON consents (person_id, given_at) WHERE person_id IS NOT NULL;
CREATE INDEX consents_by_account ON consents (account_id, given_at) WHERE person_id IS NULL;

-- The digest and the phone are keyed: without the key, which is not here, six digits cannot be tried through.
CREATE TABLE one_time_codes (
    id          uuid        NOT NULL PRIMARY KEY,
    purpose     text        NOT NULL,
    session_id  uuid        NOT NULL,
    person_id   uuid        NOT NULL,
    object_id   uuid,
    phone_key   bytea       NOT NULL,
    digest      bytea       NOT NULL,
    tries       integer     NOT NULL,
    sent_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    replaced_at timestamptz
);
CREATE UNIQUE INDEX one_time_codes_open ON one_time_codes (session_id, purpose) WHERE used_at IS NULL AND replaced_at IS NULL;
CREATE INDEX one_time_codes_by_phone ON one_time_codes (phone_key, sent_at);
CREATE INDEX one_time_codes_by_session ON one_time_codes (session_id, sent_at);
CREATE INDEX one_time_codes_by_age ON one_time_codes (sent_at);

CREATE TABLE code_budgets (
    scope   text    NOT NULL,
    counter bytea   NOT NULL,
    day     text    NOT NULL,
    sends   integer NOT NULL,
    PRIMARY KEY (scope, counter, day)
);

CREATE TABLE bind_tries (
    counter bytea   NOT NULL,
    day     text    NOT NULL,
    tries   integer NOT NULL,
    PRIMARY KEY (counter, day)
);

CREATE TABLE identity_checks (
    id          uuid        NOT NULL PRIMARY KEY,
    purpose     text        NOT NULL,
    session_id  uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    person_id   uuid        NOT NULL,
    platform    text        NOT NULL,
    app_id      text        NOT NULL,
    ref_sealed  bytea,
    state       text        NOT NULL,
    begun_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX identity_checks_by_account ON identity_checks (account_id);
CREATE INDEX identity_checks_by_age ON identity_checks (begun_at);

CREATE TABLE slips (
    id         uuid        NOT NULL PRIMARY KEY,
    person_id  uuid        NOT NULL,
    code_hash  text        NOT NULL,
    issued_by  uuid,
    outlet_id  text        NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    used_by    uuid
);
CREATE UNIQUE INDEX slips_by_code ON slips (code_hash);

CREATE TABLE phone_changes (
    id               uuid        NOT NULL PRIMARY KEY,
    person_id        uuid        NOT NULL,
    new_phone_sealed bytea       NOT NULL,
    state            text        NOT NULL,
    requested_at     timestamptz NOT NULL,
    counts_at        timestamptz,
    ended_at         timestamptz,
    version          integer     NOT NULL
);
CREATE UNIQUE INDEX phone_changes_open ON phone_changes (person_id) WHERE state IN ('requested', 'waiting');
CREATE INDEX phone_changes_due ON phone_changes (state, counts_at, requested_at) WHERE state IN ('requested', 'waiting');
