-- Who is in front of us: people as the registry knows them, platform accounts, sessions, consents, one-time codes and their counters, checks, slips, changes of phone.
-- +goose Up
CREATE TABLE persons (
    id                   text     NOT NULL PRIMARY KEY,
    ref                  text     NOT NULL,
    handle               text     NOT NULL,
    name_sealed          blob,
    id_number_sealed     blob,
    phone_sealed         blob,
    contact_phone_sealed blob,
    birth_date           text     NOT NULL,
    district             text     NOT NULL,
    household_ref        text     NOT NULL,
    is_head              boolean  NOT NULL,
    living_status        text     NOT NULL,
    merged_into_ref      text     NOT NULL,
    version              integer  NOT NULL,
    changed_at           datetime NOT NULL,
    received_at          datetime NOT NULL
);
CREATE UNIQUE INDEX persons_by_ref ON persons (ref);
CREATE INDEX persons_by_household ON persons (household_ref) WHERE household_ref <> '';
CREATE INDEX persons_by_merged_into ON persons (merged_into_ref) WHERE merged_into_ref <> '';

CREATE TABLE platform_accounts (
    id        text     NOT NULL PRIMARY KEY,
    platform  text     NOT NULL,
    app_id    text     NOT NULL,
    open_id   text     NOT NULL CHECK (length(open_id) BETWEEN 1 AND 128),
    union_id  text     NOT NULL,
    user_id   text     NOT NULL,
    handle    text     NOT NULL,
    person_id text,
    level     text     NOT NULL,
    bound_at  datetime,
    bound_by  text     NOT NULL,
    made_at   datetime NOT NULL,
    seen_at   datetime NOT NULL
);
CREATE UNIQUE INDEX platform_accounts_by_open_id ON platform_accounts (platform, app_id, open_id);
CREATE INDEX platform_accounts_by_person ON platform_accounts (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE sessions (
    id          text     NOT NULL PRIMARY KEY,
    kind        text     NOT NULL,
    handle      text     NOT NULL,
    secret_hash text     NOT NULL,
    account_id  text,
    person_id   text,
    channel     text     NOT NULL,
    level       text     NOT NULL,
    checked_at  datetime,
    device      text     NOT NULL,
    made_at     datetime NOT NULL,
    seen_at     datetime NOT NULL,
    expires_at  datetime NOT NULL,
    ended_at    datetime,
    ended_why   text     NOT NULL,
    version     integer  NOT NULL
);
CREATE UNIQUE INDEX sessions_by_secret ON sessions (secret_hash);
CREATE INDEX sessions_by_person ON sessions (person_id, made_at) WHERE ended_at IS NULL AND person_id IS NOT NULL;
CREATE INDEX sessions_by_account ON sessions (account_id, made_at) WHERE ended_at IS NULL AND account_id IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE authorizations (
    id          text     NOT NULL PRIMARY KEY,
    platform    text     NOT NULL,
    app_id      text     NOT NULL,
    state_hash  text     NOT NULL,
    cookie_hash text     NOT NULL,
    made_at     datetime NOT NULL,
    expires_at  datetime NOT NULL,
    used_at     datetime
);
CREATE UNIQUE INDEX authorizations_by_state ON authorizations (state_hash);
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);

CREATE TABLE consents (
    id           text     NOT NULL PRIMARY KEY,
    account_id   text,
    person_id    text,
    given_by     text,
    purpose      text     NOT NULL,
    version      text     NOT NULL,
    basis        text     NOT NULL,
    channel      text     NOT NULL,
    given_at     datetime NOT NULL,
    withdrawn_at datetime
);
CREATE INDEX consents_by_person ON consents (person_id, given_at) WHERE person_id IS NOT NULL;
CREATE INDEX consents_by_account ON consents (account_id, given_at) WHERE person_id IS NULL;

-- The digest and the phone are keyed: without the key, which is not here, six digits cannot be tried through.
CREATE TABLE one_time_codes (
    id          text     NOT NULL PRIMARY KEY,
    purpose     text     NOT NULL,
    session_id  text     NOT NULL,
    person_id   text     NOT NULL,
    object_id   text,
    phone_key   blob     NOT NULL,
    digest      blob     NOT NULL,
    tries       integer  NOT NULL,
    sent_at     datetime NOT NULL,
    expires_at  datetime NOT NULL,
    used_at     datetime,
    replaced_at datetime
);
CREATE UNIQUE INDEX one_time_codes_open ON one_time_codes (session_id, purpose) WHERE used_at IS NULL AND replaced_at IS NULL;
CREATE INDEX one_time_codes_by_phone ON one_time_codes (phone_key, sent_at);
CREATE INDEX one_time_codes_by_session ON one_time_codes (session_id, sent_at);
CREATE INDEX one_time_codes_by_age ON one_time_codes (sent_at);

CREATE TABLE code_budgets (
    scope   text    NOT NULL,
    counter blob    NOT NULL,
    day     text    NOT NULL,
    sends   integer NOT NULL,
    PRIMARY KEY (scope, counter, day)
);

CREATE TABLE bind_tries (
    counter blob    NOT NULL,
    day     text    NOT NULL,
    tries   integer NOT NULL,
    PRIMARY KEY (counter, day)
);

CREATE TABLE identity_checks (
    id          text     NOT NULL PRIMARY KEY,
    purpose     text     NOT NULL,
    session_id  text     NOT NULL,
    account_id  text     NOT NULL,
    person_id   text     NOT NULL,
    platform    text     NOT NULL,
    app_id      text     NOT NULL,
    ref_sealed  blob,
    state       text     NOT NULL,
    begun_at    datetime NOT NULL,
    expires_at  datetime NOT NULL,
    finished_at datetime
);
CREATE INDEX identity_checks_by_account ON identity_checks (account_id);
CREATE INDEX identity_checks_by_age ON identity_checks (begun_at);

CREATE TABLE slips (
    id         text     NOT NULL PRIMARY KEY,
    person_id  text     NOT NULL,
    code_hash  text     NOT NULL,
    issued_by  text,
    outlet_id  text     NOT NULL,
    issued_at  datetime NOT NULL,
    expires_at datetime NOT NULL,
    used_at    datetime,
    used_by    text
);
CREATE UNIQUE INDEX slips_by_code ON slips (code_hash);

CREATE TABLE phone_changes (
    id               text     NOT NULL PRIMARY KEY,
    person_id        text     NOT NULL,
    new_phone_sealed blob     NOT NULL,
    state            text     NOT NULL,
    requested_at     datetime NOT NULL,
    counts_at        datetime,
    ended_at         datetime,
    version          integer  NOT NULL
);
CREATE UNIQUE INDEX phone_changes_open ON phone_changes (person_id) WHERE state IN ('requested', 'waiting');
CREATE INDEX phone_changes_due ON phone_changes (state, counts_at, requested_at) WHERE state IN ('requested', 'waiting');
