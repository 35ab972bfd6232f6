package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// PhoneChecks keeps the checks of callers' phones on file.
type PhoneChecks struct{ *DB }

// PhoneChecks is that table.
func (db *DB) PhoneChecks() *PhoneChecks { return &PhoneChecks{db} }

var _ hotline.CheckedPhones = (*PhoneChecks)(nil)

type phoneCheckRow struct {
	ID        string `gorm:"primaryKey"`
	CallID    string
	PersonID  string
	Kind      string
	State     string
	Tries     int
	AskedBy   string
	AskedAt   time.Time
	ExpiresAt time.Time
	SettledAt *time.Time
	Version   int
}

func (phoneCheckRow) TableName() string { return "phone_checks" }

func (r phoneCheckRow) check() hotline.PhoneCheck {
	return hotline.PhoneCheck{
		ID: models.ID(r.ID), CallID: models.ID(r.CallID), PersonID: models.ID(r.PersonID), Kind: hotline.PhoneCheckKind(r.Kind),
		State: hotline.PhoneCheckState(r.State), Tries: r.Tries, AskedBy: models.ID(r.AskedBy), AskedAt: models.Instant(r.AskedAt),
		ExpiresAt: models.Instant(r.ExpiresAt), SettledAt: timeOf(r.SettledAt), Version: r.Version,
	}
}

// AddPhoneCheck inserts an open check; models.ErrConflict where its call has one of the kind.
func (t *PhoneChecks) AddPhoneCheck(ctx context.Context, c hotline.PhoneCheck) error {
	return translate(t.w(ctx).Create(&phoneCheckRow{
		ID: string(c.ID), CallID: string(c.CallID), PersonID: string(c.PersonID), Kind: string(c.Kind), State: string(c.State), Tries: c.Tries,
		AskedBy: string(c.AskedBy), AskedAt: c.AskedAt, ExpiresAt: c.ExpiresAt, SettledAt: nullTime(c.SettledAt), Version: c.Version,
	}).Error)
}

// UpdatePhoneCheck writes state and tries where the check has not moved.
func (t *PhoneChecks) UpdatePhoneCheck(ctx context.Context, c hotline.PhoneCheck, from hotline.PhoneCheckState) error {
	return guarded(t.w(ctx).Exec("UPDATE phone_checks SET state = ?, tries = ?, settled_at = ?, version = version + 1 WHERE id = ? AND state = ? AND version = ?",
		string(c.State), c.Tries, nullTime(c.SettledAt), string(c.ID), string(from), c.Version))
}

// PhoneCheckByID reads one.
func (t *PhoneChecks) PhoneCheckByID(ctx context.Context, id models.ID) (hotline.PhoneCheck, error) {
	var r phoneCheckRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error
	return r.check(), translate(err)
}

// OpenPhoneCheck is the open check of a call.
func (t *PhoneChecks) OpenPhoneCheck(ctx context.Context, call models.ID, kind hotline.PhoneCheckKind) (hotline.PhoneCheck, error) {
	var r phoneCheckRow
	err := t.q(ctx).Where("call_id = ? AND kind = ? AND state = 'asked'", string(call), string(kind)).Take(&r).Error
	return r.check(), translate(err)
}

// PhoneChecksLapsed are open checks whose time is over.
func (t *PhoneChecks) PhoneChecksLapsed(ctx context.Context, at time.Time, most int) ([]hotline.PhoneCheck, error) {
	var rows []phoneCheckRow
	err := t.q(ctx).Where("state = 'asked' AND expires_at <= ?", at).Order("expires_at").Limit(most).Find(&rows).Error
	out := make([]hotline.PhoneCheck, len(rows))
	for i, r := range rows {
		out[i] = r.check()
	}
	return out, translate(err)
}
