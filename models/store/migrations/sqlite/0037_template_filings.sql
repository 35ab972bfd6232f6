-- Which version of each text was filed with which vendor, and how that vendor stands to it: only approved texts go out.
-- +goose Up
CREATE TABLE template_filings (
    id         text        NOT NULL PRIMARY KEY,
    vendor     text        NOT NULL, -- an SMS vendor, or a platform's app: wechat_mini:wx0123
    template   text        NOT NULL, -- the kind of notice; on a platform the topic
    version    text        NOT NULL, -- of the body
    code       text        NOT NULL, -- the vendor's id
    body       text        NOT NULL,
    variables  text        NOT NULL, -- their names in the order in which they were filed
    state      text        NOT NULL, -- filed, approved, refused, paused, withdrawn
    reason     text        NOT NULL, -- the vendor's words, or the operator's
    set_by     text        NOT NULL,
    filed_at   datetime NOT NULL,
    changed_at datetime NOT NULL
);
CREATE UNIQUE INDEX template_filings_one_version ON template_filings (vendor, template, version);
