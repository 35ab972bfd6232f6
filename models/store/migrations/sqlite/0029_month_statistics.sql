-- PostgreSQL's planner learns of a month as soon as it is filled. SQLite has one table for all months, and nothing to do here.
-- +goose Up
SELECT 1;
