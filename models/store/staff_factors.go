package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// StaffFactors keeps hashes of the staff's former passwords and of their recovery codes.
type StaffFactors struct{ *DB }

// StaffFactors is what stands beside the accounts' factors.
func (db *DB) StaffFactors() *StaffFactors { return &StaffFactors{db} }

var _ hotline.FactorStore = (*StaffFactors)(nil)

// AddPassword remembers a hash and forgets all but the newest keep.
func (t *StaffFactors) AddPassword(ctx context.Context, id models.ID, hash string, at time.Time, keep int) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		err := t.w(ctx).Exec("INSERT INTO staff_passwords (staff_id, set_at, password_hash) VALUES (?, ?, ?)", string(id), at, hash).Error
		if err != nil {
			return translate(err)
		}
		return translate(t.w(ctx).Exec(`DELETE FROM staff_passwords WHERE staff_id = ? AND set_at NOT IN
			(SELECT set_at FROM staff_passwords WHERE staff_id = ? ORDER BY set_at DESC LIMIT ?)`, string(id), string(id), keep).Error)
	})
}

// FormerPasswords are the hashes kept of one member, the newest first.
func (t *StaffFactors) FormerPasswords(ctx context.Context, id models.ID) (hashes []string, err error) {
	err = t.q(ctx).Table("staff_passwords").Where("staff_id = ?", string(id)).Order("set_at DESC").Pluck("password_hash", &hashes).Error
	return hashes, translate(err)
}

// ReplaceRecoveryCodes voids every code of a member and keeps the hashes of the new ones.
func (t *StaffFactors) ReplaceRecoveryCodes(ctx context.Context, id models.ID, hashes [][]byte) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		if err := t.w(ctx).Exec("DELETE FROM staff_recovery_codes WHERE staff_id = ?", string(id)).Error; err != nil {
			return translate(err)
		}
		for _, hash := range hashes {
			if err := t.w(ctx).Exec("INSERT INTO staff_recovery_codes (staff_id, code_hash) VALUES (?, ?)", string(id), hash).Error; err != nil {
				return translate(err)
			}
		}
		return nil
	})
}

// RecoveryCodeOpen reports whether the code is the member's and not used.
func (t *StaffFactors) RecoveryCodeOpen(ctx context.Context, id models.ID, hash []byte) (bool, error) {
	var n int64
	err := t.q(ctx).Table("staff_recovery_codes").Where("staff_id = ? AND code_hash = ? AND used_at IS NULL", string(id), hash).Count(&n).Error
	return n == 1, translate(err)
}

// UseRecoveryCode spends a code; of many callers with one code a single one succeeds, the others get models.ErrConflict.
func (t *StaffFactors) UseRecoveryCode(ctx context.Context, id models.ID, hash []byte, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE staff_recovery_codes SET used_at = ? WHERE staff_id = ? AND code_hash = ? AND used_at IS NULL",
		at, string(id), hash))
}

// RecoveryCodesLeft counts those not used.
func (t *StaffFactors) RecoveryCodesLeft(ctx context.Context, id models.ID) (int, error) {
	var n int64
	err := t.q(ctx).Table("staff_recovery_codes").Where("staff_id = ? AND used_at IS NULL", string(id)).Count(&n).Error
	return int(n), translate(err)
}
