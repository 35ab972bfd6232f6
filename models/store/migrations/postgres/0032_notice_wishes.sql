-- What a citizen allowed a platform to send her, and what she switched off.
-- +goose Up
CREATE TABLE notice_subscriptions (
    account_id uuid        NOT NULL REFERENCES platform_accounts (id) ON DELETE CASCADE,
    topic      text        NOT NULL, -- empty: the account follows us, or does not
    always     boolean     NOT NULL, -- a standing consent
    once_left  integer     NOT NULL, -- consents to one message each that are not used up
    off_reason text        NOT NULL, -- why it takes none any more; empty: it does
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, topic)
);

CREATE TABLE notice_preferences (
    person_id  uuid        NOT NULL,
    about_id   uuid        NOT NULL, -- herself, or the child whose notices she gets
    topic      text        NOT NULL,
    channel    text        NOT NULL,
    wanted     boolean     NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, about_id, topic, channel)
);
