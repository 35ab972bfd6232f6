package store

import (
	"context"
	"encoding/hex"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// StaffAttempts counts log-ins per login, known or not. The login is kept as an HMAC: people type passwords there.
type StaffAttempts struct{ *DB }

// StaffAttempts is the counters' table.
func (db *DB) StaffAttempts() *StaffAttempts { return &StaffAttempts{db} }

var _ hotline.AttemptStore = (*StaffAttempts)(nil)

func (t *StaffAttempts) key(login string) string {
	return hex.EncodeToString(t.LookupIndexes("staff_attempts.login", login)[0].Index)
}

// CountAttempt adds one in a commit of its own, before anything is compared. After a window without a counted attempt
// it begins anew; above the limit it neither grows nor moves the end of the window.
func (t *StaffAttempts) CountAttempt(ctx context.Context, login string, now time.Time, window time.Duration, limit int) (hotline.Attempts, error) {
	var row struct {
		Attempts int
		LastAt   time.Time
	}
	key, over := t.key(login), now.Add(-window)
	err := t.InTx(ctx, func(ctx context.Context) error {
		err := t.w(ctx).Exec(`INSERT INTO staff_attempts (login_hash, attempts, last_at) VALUES (?, 1, ?)
			ON CONFLICT (login_hash) DO UPDATE SET
				attempts = CASE WHEN staff_attempts.last_at <= ? THEN 1
					WHEN staff_attempts.attempts > ? THEN staff_attempts.attempts ELSE staff_attempts.attempts + 1 END,
				last_at = CASE WHEN staff_attempts.last_at > ? AND staff_attempts.attempts >= ? THEN staff_attempts.last_at
					ELSE excluded.last_at END`, key, now, over, limit, over, limit).Error
		if err != nil {
			return translate(err)
		}
		return translate(t.q(ctx).Table("staff_attempts").Where("login_hash = ?", key).Take(&row).Error)
	})
	return hotline.Attempts{N: row.Attempts, Last: models.Instant(row.LastAt)}, err
}

// ForgetAttempts ends the counting of one login.
func (t *StaffAttempts) ForgetAttempts(ctx context.Context, login string) error {
	return translate(t.w(ctx).Exec("DELETE FROM staff_attempts WHERE login_hash = ?", t.key(login)).Error)
}

// LockedLogins are those of logins that were counted limit times and last after since.
func (t *StaffAttempts) LockedLogins(ctx context.Context, logins []string, since time.Time, limit int) ([]string, error) {
	keys, of := make([]string, len(logins)), map[string]string{}
	for i, login := range logins {
		keys[i] = t.key(login)
		of[keys[i]] = login
	}
	var found, out []string
	err := t.q(ctx).Table("staff_attempts").Where("login_hash IN ? AND attempts >= ? AND last_at > ?", keys, limit, since).
		Order("login_hash").Pluck("login_hash", &found).Error
	for _, key := range found {
		out = append(out, of[key])
	}
	return out, translate(err)
}

// DropAttemptsBefore cleans counters whose window is long over.
func (t *StaffAttempts) DropAttemptsBefore(ctx context.Context, before time.Time) error {
	_, err := t.deleteInPieces(ctx, `DELETE FROM staff_attempts WHERE login_hash IN
		(SELECT login_hash FROM staff_attempts WHERE last_at < ? LIMIT ?)`, before)
	return err
}
