-- Numbers that get no text messages, because their holder answered 退订 or because the carrier does not know them.
-- +goose Up
CREATE TABLE sms_stops (
    id          uuid        PRIMARY KEY,
    key_version integer     NOT NULL,
    phone_index bytea       NOT NULL, -- the number, keyed; it stands nowhere here
    reason      text        NOT NULL, -- asked, dead_number
    active      boolean     NOT NULL, -- false: lifted, or not yet struck often enough
    vendor      text        NOT NULL, -- whose word it was
    since       timestamptz NOT NULL, -- when the newest word was given; an older one counts no more
    strikes     integer     NOT NULL, -- days on which the carrier said that the number may be dead
    struck_on   text        NOT NULL, -- the last of them
    UNIQUE (phone_index, reason, key_version)
);
