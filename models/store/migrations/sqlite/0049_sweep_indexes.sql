-- Sweeps find what is theirs alone: enquiries without an order, orders and promised calls that nobody was told of yet.
-- +goose Up
CREATE INDEX enquiries_without_order ON enquiries (id) WHERE state = 'received' AND NOT ordered;
CREATE INDEX work_orders_to_remind ON work_orders (due_at)
    WHERE state NOT IN ('done', 'called_back', 'closed') AND reminded_at IS NULL;
CREATE INDEX work_orders_to_escalate ON work_orders (escalate_at)
    WHERE state NOT IN ('done', 'called_back', 'closed') AND escalated_at IS NULL;
CREATE INDEX call_backs_to_alarm ON call_backs (due_at) WHERE state IN ('due', 'taken') AND alarmed_at IS NULL;
CREATE INDEX call_backs_taken ON call_backs (taken_at) WHERE state = 'taken';
