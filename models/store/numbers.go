package store

import (
	"context"

	"onecard/models"
)

// NextNumber gives a number that is used once per name and civil day, for receipts. Numbers grow but leave gaps:
// a decision that is rolled back keeps its number out of use. On PostgreSQL it is a sequence, so that no decision
// waits for another's commit; SQLite has one writer anyway and counts in a row.
func (db *DB) NextNumber(ctx context.Context, name string, day models.Date) (int64, error) {
	var n int64
	var err error
	if db.driver == Postgres {
		err = db.w(ctx).Raw("SELECT nextval('receipt_numbers')").Row().Scan(&n)
	} else {
		err = db.w(ctx).Raw(`INSERT INTO receipt_counters (name, day, last) VALUES (?, ?, 1)
			ON CONFLICT (name, day) DO UPDATE SET last = last + 1 RETURNING last`, name, string(day)).Row().Scan(&n)
	}
	return n, translate(err)
}

// ForgetCounters drops the counters of days before day; only SQLite has any.
func (db *DB) ForgetCounters(ctx context.Context, day models.Date) (int64, error) {
	if db.driver == Postgres {
		return 0, nil
	}
	res := db.w(ctx).Exec("DELETE FROM receipt_counters WHERE day < ?", string(day))
	return res.RowsAffected, translate(res.Error)
}
