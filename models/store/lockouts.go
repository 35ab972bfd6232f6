package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Lockouts counts attempts to bind, per account and per ID number (keyed), by civil day (R52).
type Lockouts struct{ *DB }

// Lockouts is the table of attempts.
func (db *DB) Lockouts() *Lockouts { return &Lockouts{db} }

var _ citizen.Tries = (*Lockouts)(nil)

// TakeTry counts one attempt under every key, or under none. Keys are counted in one order, so that two callers who
// share keys stand in line and never wait for each other.
func (t *Lockouts) TakeTry(ctx context.Context, keys [][]byte, day models.Date, limit int) (bool, error) {
	left := true
	err := t.InTx(ctx, func(ctx context.Context) error {
		ordered := slices.SortedFunc(slices.Values(keys), bytes.Compare)
		for i, key := range ordered {
			// The day stands first: gorm spreads a slice that follows a parenthesis.
			res := t.w(ctx).Exec(`INSERT INTO bind_tries (day, counter, tries) VALUES (?,?,1)
				ON CONFLICT (counter, day) DO UPDATE SET tries = bind_tries.tries + 1 WHERE bind_tries.tries < ?`, string(day), key, limit)
			if res.Error != nil {
				return translate(res.Error)
			}
			if res.RowsAffected == 0 {
				left = false
				return t.GiveBackTry(ctx, ordered[:i], day)
			}
		}
		return nil
	})
	return left && err == nil, err
}

// GiveBackTry takes one attempt back under every key, one row after the other in TakeTry's order.
func (t *Lockouts) GiveBackTry(ctx context.Context, keys [][]byte, day models.Date) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		for _, key := range slices.SortedFunc(slices.Values(keys), bytes.Compare) {
			err := t.w(ctx).Exec("UPDATE bind_tries SET tries = tries - 1 WHERE counter = ? AND day = ? AND tries > 0", key, string(day)).Error
			if err != nil {
				return translate(err)
			}
		}
		return nil
	})
}

// ForgetTries drops the counters of days before an instant.
func (t *Lockouts) ForgetTries(ctx context.Context, before time.Time) (int64, error) {
	res := t.w(ctx).Exec("DELETE FROM bind_tries WHERE day < ?", string(models.DateOf(before)))
	return res.RowsAffected, translate(res.Error)
}
