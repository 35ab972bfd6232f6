package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Slips keeps one-time binding slips, by the hash of their code.
type Slips struct{ *DB }

// Slips is the table of slips.
func (db *DB) Slips() *Slips { return &Slips{db} }

var _ citizen.Slips = (*Slips)(nil)

type slipRow struct {
	ID        string `gorm:"primaryKey"`
	PersonID  string
	Purpose   string
	CodeHash  string
	IssuedBy  *string
	OutletID  string
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	UsedBy    *string
}

func (slipRow) TableName() string { return "slips" }

// AddSlip inserts one.
func (t *Slips) AddSlip(ctx context.Context, s citizen.Slip) error {
	row := slipRow{
		ID: string(s.ID), PersonID: string(s.PersonID), Purpose: string(s.Purpose), CodeHash: s.CodeHash, IssuedBy: nullID(s.IssuedBy), OutletID: s.OutletID,
		IssuedAt: s.IssuedAt, ExpiresAt: s.ExpiresAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// SlipByCode reads the slip of a code.
func (t *Slips) SlipByCode(ctx context.Context, codeHash string) (citizen.Slip, error) {
	var r slipRow
	if err := t.q(ctx).Where("code_hash = ?", codeHash).Take(&r).Error; err != nil {
		return citizen.Slip{}, translate(err)
	}
	return citizen.Slip{
		ID: models.ID(r.ID), PersonID: models.ID(r.PersonID), Purpose: citizen.SlipPurpose(r.Purpose), CodeHash: r.CodeHash, IssuedBy: idOf(r.IssuedBy), OutletID: r.OutletID,
		IssuedAt: models.Instant(r.IssuedAt), ExpiresAt: models.Instant(r.ExpiresAt), UsedAt: timeOf(r.UsedAt), UsedBy: idOf(r.UsedBy),
	}, nil
}

// UseSlip uses a slip up while it holds.
func (t *Slips) UseSlip(ctx context.Context, id, by models.ID, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE slips SET used_at = ?, used_by = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?",
		at, nullID(by), string(id), at))
}
