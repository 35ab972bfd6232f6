-- Sweeps find what is theirs alone: enquiries without an order, orders and promised calls that nobody was told of yet.
-- +goose NO TRANSACTION
-- +goose Up
-- The build stands in nobody's way, so it may wait for a long transaction; one that broke off leaves an index nobody can use.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS enquiries_without_order;
CREATE INDEX CONCURRENTLY enquiries_without_order ON enquiries (id) WHERE state = 'received' AND NOT ordered;
DROP INDEX CONCURRENTLY IF EXISTS work_orders_to_remind;
CREATE INDEX CONCURRENTLY work_orders_to_remind ON work_orders (due_at)
    WHERE state NOT IN ('done', 'called_back', 'closed') AND reminded_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS work_orders_to_escalate;
CREATE INDEX CONCURRENTLY work_orders_to_escalate ON work_orders (escalate_at)
    WHERE state NOT IN ('done', 'called_back', 'closed') AND escalated_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS call_backs_to_alarm;
CREATE INDEX CONCURRENTLY call_backs_to_alarm ON call_backs (due_at) WHERE state IN ('due', 'taken') AND alarmed_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS call_backs_taken;
CREATE INDEX CONCURRENTLY call_backs_taken ON call_backs (taken_at) WHERE state = 'taken';
RESET lock_timeout;
