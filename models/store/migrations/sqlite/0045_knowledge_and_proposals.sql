-- Articles of the knowledge base with their versions, and policy settings that two people decide.
-- +goose Up
CREATE TABLE articles (
    id         text        NOT NULL PRIMARY KEY,
    audience   text        NOT NULL, -- public, internal; never changed
    place      integer     NOT NULL, -- order of the list without a search
    department text        NOT NULL, -- whose it is; empty: the hotline's own
    created_at datetime NOT NULL
);

CREATE TABLE article_versions (
    article_id   text        NOT NULL REFERENCES articles (id),
    version      integer     NOT NULL,
    state        text        NOT NULL,
    origin       text        NOT NULL, -- edited; shipped: brought by a release
    digest       text        NOT NULL, -- of a shipped text, as the release brought it; else empty
    question     text        NOT NULL,
    answer       text        NOT NULL,
    keywords     text        NOT NULL, -- JSON
    rules        text        NOT NULL, -- JSON
    valid_from   text        NOT NULL,
    valid_to     text        NOT NULL, -- the last day; empty: no end
    counts_from  text        NOT NULL, -- the later of valid_from and the day of publication; empty before it
    review_by    text        NOT NULL,
    reviewed_on  text        NOT NULL,
    editors      text        NOT NULL, -- JSON: everybody who wrote in it; none of them publishes it
    note        text        NOT NULL, -- why it was returned; held to the same bounds as the text
    created_at   datetime NOT NULL,
    edited_at    datetime NOT NULL,
    submitted_at datetime,
    decided_by   text,
    decided_at   datetime,
    changes      integer     NOT NULL, -- guards every change of the row
    PRIMARY KEY (article_id, version)
);
CREATE UNIQUE INDEX article_versions_one_open ON article_versions (article_id, origin) WHERE state IN ('draft', 'in_review');
CREATE INDEX article_versions_by_state ON article_versions (state, submitted_at);

CREATE TABLE article_edition (
    one integer NOT NULL PRIMARY KEY, -- always 1
    n   bigint  NOT NULL              -- grows with every change of what is published, in the same commit
);
INSERT INTO article_edition (one, n) VALUES (1, 0);

CREATE TABLE article_votes (
    article_id text        NOT NULL,
    version    integer     NOT NULL,
    staff_id   text        NOT NULL,
    useful     boolean     NOT NULL,
    voted_at   datetime NOT NULL,
    PRIMARY KEY (article_id, version, staff_id)
);

CREATE TABLE article_gaps (
    day   text   NOT NULL,
    gram  text   NOT NULL, -- two characters of a search that found nothing; never the search
    count bigint NOT NULL,
    PRIMARY KEY (day, gram)
);

CREATE TABLE policy_proposals (
    id          text        NOT NULL PRIMARY KEY,
    kind        text        NOT NULL, -- setting; stop: an act is stopped on a channel at once, for some hours
    key         text        NOT NULL,
    scope       text        NOT NULL,
    value       text        NOT NULL,
    valid_from  datetime,        -- empty: from its approval on
    basis       text        NOT NULL,
    seen        text,               -- the newest decision about key and scope when it was proposed
    state       text        NOT NULL,
    lapses_at   datetime,        -- of a stop: it ends then by itself unless approved
    ended_at    datetime,        -- of a stop: when it was lifted before that
    proposed_by text        NOT NULL,
    proposed_at datetime NOT NULL,
    decided_by  text,
    decided_at  datetime,
    reason      text        NOT NULL, -- code of a refusal
    setting_id  text                -- the decision it became
);
CREATE INDEX policy_proposals_open ON policy_proposals (proposed_at) WHERE state = 'open';
CREATE INDEX policy_proposals_stops ON policy_proposals (lapses_at) WHERE kind = 'stop';
CREATE UNIQUE INDEX policy_proposals_one_stop ON policy_proposals (key) WHERE kind = 'stop' AND state = 'open';

CREATE TABLE policy_edition (
    one integer NOT NULL PRIMARY KEY, -- always 1
    n   bigint  NOT NULL              -- grows with every decision: two at once are made one after the other
);
INSERT INTO policy_edition (one, n) VALUES (1, 0);
