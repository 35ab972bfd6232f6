package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// IdentityChecks keeps real-person checks. The platform's reference opens a check of someone's face, so it is sealed.
type IdentityChecks struct{ *DB }

// IdentityChecks is the table of real-person checks.
func (db *DB) IdentityChecks() *IdentityChecks { return &IdentityChecks{db} }

var _ citizen.Checks = (*IdentityChecks)(nil)

type checkRow struct {
	ID         string `gorm:"primaryKey"`
	Purpose    string
	SessionID  string
	AccountID  string
	PersonID   string
	Platform   string
	AppID      string
	RefSealed  []byte
	State      string
	BegunAt    time.Time
	ExpiresAt  time.Time
	FinishedAt *time.Time
}

func (checkRow) TableName() string { return "identity_checks" }

// AddCheck inserts one.
func (t *IdentityChecks) AddCheck(ctx context.Context, c citizen.Check) error {
	ref, err := t.Seal(ctx, "identity_checks", "ref_sealed", string(c.ID), []byte(c.Ref))
	if err != nil {
		return err
	}
	row := checkRow{
		ID: string(c.ID), Purpose: string(c.Purpose), SessionID: string(c.SessionID), AccountID: string(c.AccountID),
		PersonID: string(c.PersonID), Platform: string(c.Platform), AppID: c.AppID, RefSealed: ref, State: string(c.State),
		BegunAt: c.BegunAt, ExpiresAt: c.ExpiresAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// Check reads one.
func (t *IdentityChecks) Check(ctx context.Context, id models.ID) (citizen.Check, error) {
	var r checkRow
	if err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error; err != nil {
		return citizen.Check{}, translate(err)
	}
	ref, err := t.Unseal(ctx, "identity_checks", "ref_sealed", r.ID, r.RefSealed)
	return citizen.Check{
		ID: models.ID(r.ID), Purpose: citizen.CheckPurpose(r.Purpose), SessionID: models.ID(r.SessionID), AccountID: models.ID(r.AccountID),
		PersonID: models.ID(r.PersonID), Platform: models.Channel(r.Platform), AppID: r.AppID, Ref: string(ref),
		State: citizen.CheckState(r.State), BegunAt: models.Instant(r.BegunAt), ExpiresAt: models.Instant(r.ExpiresAt),
		FinishedAt: timeOf(r.FinishedAt),
	}, err
}

// FinishCheck moves a check out of begun.
func (t *IdentityChecks) FinishCheck(ctx context.Context, id models.ID, to citizen.CheckState, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE identity_checks SET state = ?, finished_at = ? WHERE id = ? AND state = ?",
		string(to), at, string(id), string(citizen.CheckBegun)))
}

// DeleteChecksOf drops an account's checks when it is unbound.
func (t *IdentityChecks) DeleteChecksOf(ctx context.Context, account models.ID) error {
	return translate(t.w(ctx).Exec("DELETE FROM identity_checks WHERE account_id = ?", string(account)).Error)
}

// ForgetChecks drops checks begun before an instant, in pieces.
func (t *IdentityChecks) ForgetChecks(ctx context.Context, before time.Time) (int64, error) {
	return t.deleteInPieces(ctx, "DELETE FROM identity_checks WHERE id IN (SELECT id FROM identity_checks WHERE begun_at < ? LIMIT ?)", before)
}
