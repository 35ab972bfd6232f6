package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// PhoneChanges keeps requests to change the phone messages go to. A person has at most one open; an index holds that.
type PhoneChanges struct{ *DB }

// PhoneChanges is the table of changes of phone.
func (db *DB) PhoneChanges() *PhoneChanges { return &PhoneChanges{db} }

var _ citizen.PhoneChanges = (*PhoneChanges)(nil)

type phoneChangeRow struct {
	ID             string `gorm:"primaryKey"`
	PersonID       string
	NewPhoneSealed []byte
	State          string
	RequestedAt    time.Time
	CountsAt       *time.Time
	EndedAt        *time.Time
	Version        int
}

func (phoneChangeRow) TableName() string { return "phone_changes" }

var openPhoneChange = []string{string(citizen.PhoneChangeRequested), string(citizen.PhoneChangeWaiting)}

// AddPhoneChange inserts one; models.ErrConflict while the person has an open one.
func (t *PhoneChanges) AddPhoneChange(ctx context.Context, c citizen.PhoneChange) error {
	sealed, err := t.Seal(ctx, "phone_changes", "new_phone_sealed", string(c.ID), []byte(c.NewPhone.Reveal()))
	if err != nil {
		return err
	}
	row := phoneChangeRow{
		ID: string(c.ID), PersonID: string(c.PersonID), NewPhoneSealed: sealed, State: string(c.State), RequestedAt: c.RequestedAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// PhoneChange reads one.
func (t *PhoneChanges) PhoneChange(ctx context.Context, id models.ID) (citizen.PhoneChange, error) {
	var row phoneChangeRow
	if err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return citizen.PhoneChange{}, translate(err)
	}
	return t.change(ctx, row)
}

// OpenPhoneChange reads the person's open one.
func (t *PhoneChanges) OpenPhoneChange(ctx context.Context, person models.ID) (citizen.PhoneChange, error) {
	var row phoneChangeRow
	if err := t.q(ctx).Where("person_id = ? AND state IN ?", string(person), openPhoneChange).Take(&row).Error; err != nil {
		return citizen.PhoneChange{}, translate(err)
	}
	return t.change(ctx, row)
}

func (t *PhoneChanges) change(ctx context.Context, r phoneChangeRow) (citizen.PhoneChange, error) {
	plain, err := t.Unseal(ctx, "phone_changes", "new_phone_sealed", r.ID, r.NewPhoneSealed)
	if err != nil {
		return citizen.PhoneChange{}, err
	}
	phone, err := models.ParsePhone(string(plain))
	return citizen.PhoneChange{
		ID: models.ID(r.ID), PersonID: models.ID(r.PersonID), NewPhone: phone, State: citizen.PhoneChangeState(r.State),
		RequestedAt: models.Instant(r.RequestedAt), CountsAt: timeOf(r.CountsAt), EndedAt: timeOf(r.EndedAt), Version: r.Version,
	}, err
}

// AdvancePhoneChange writes one step where nobody took it first.
func (t *PhoneChanges) AdvancePhoneChange(ctx context.Context, c citizen.PhoneChange, from citizen.PhoneChangeState) error {
	return guarded(t.w(ctx).Exec(`UPDATE phone_changes SET state = ?, counts_at = ?, ended_at = ?, version = version + 1
		WHERE id = ? AND state = ? AND version = ?`,
		string(c.State), nullTime(c.CountsAt), nullTime(c.EndedAt), string(c.ID), string(from), c.Version))
}

// DuePhoneChanges lists those whose time has come, the longest waiting first.
func (t *PhoneChanges) DuePhoneChanges(ctx context.Context, at, stale time.Time, limit int) ([]models.ID, error) {
	var ids []models.ID
	err := t.q(ctx).Table("phone_changes").
		Where("state = ? AND counts_at <= ? OR state = ? AND requested_at <= ?",
			string(citizen.PhoneChangeWaiting), at, string(citizen.PhoneChangeRequested), stale).
		Order("requested_at, id").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}
