package store

import (
	"context"

	"onecard/models/subsidy"
)

// catchUpBatches lists the batches that are held whole, and ends the entries of those that are not any more. One that
// was rejected stands in no list again before it is held for another reason.
func (s *Subsidies) catchUpBatches(ctx context.Context, n subsidy.Noting) (int, error) {
	due := "?"
	if s.driver == Postgres {
		due = "CAST(? AS timestamptz)"
	}
	ended := s.w(ctx).Exec(`UPDATE held_items SET state = 'ended', changes = changes + 1 WHERE line = 0 AND state IN ('held', 'proposed', 'rejected')
		AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = held_items.batch_id AND b.state = 'held' AND b.reason = held_items.reason)`)
	if ended.Error != nil {
		return 0, translate(ended.Error)
	}
	res := s.w(ctx).Exec(`INSERT INTO held_items (ledger_month, batch_id, line, reason, state, owner, district, department, facts, held_at, due_at, alarmed_on, changes)
		SELECT b.ledger_month, b.id, 0, b.reason, 'held', CASE b.reason WHEN ? THEN ? ELSE ? END, b.district, b.department, '', `+due+`, `+due+`, '', 1 FROM batches b
		WHERE b.state = 'held' AND NOT EXISTS (SELECT 1 FROM held_items h WHERE h.line = 0 AND h.batch_id = b.id AND h.ledger_month = b.ledger_month
			AND h.reason = b.reason AND h.state IN ('held', 'proposed', 'rejected'))`+againHeld,
		subsidy.BatchNotTaken, string(subsidy.OwnerOperations), string(n.Batch.Owner), n.At, n.Batch.DueAt)
	return int(ended.RowsAffected + res.RowsAffected), translate(res.Error)
}

// ReadBatchAgain lets a held batch be tried again by whoever reads batches.
func (s *Subsidies) ReadBatchAgain(ctx context.Context, batch string) error {
	return guarded(s.w(ctx).Exec(`UPDATE batches SET state = 'announced', reason = '', waiting = TRUE, tries = 0, attempt = attempt + 1, due_at = NULL, lease_ends = NULL
		WHERE id = ? AND state = 'held'`, batch))
}
