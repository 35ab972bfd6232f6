package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/policy"
)

// Policies keeps what models/policy needs: settings, banks, outlets.
type Policies struct{ *DB }

// Policies is the policy capability's view of the database.
func (db *DB) Policies() *Policies { return &Policies{db} }

var _ policy.Store = (*Policies)(nil)

type policySettingRow struct {
	ID         string `gorm:"primaryKey"`
	Key        string
	Scope      string
	Value      string
	ValidFrom  time.Time
	Basis      string
	SetBy      string
	ApprovedBy string
	SetAt      time.Time
}

func (policySettingRow) TableName() string { return "policy_settings" }

// Settings lists every decision there ever was, in the order they were made.
func (s *Policies) Settings(ctx context.Context) ([]policy.Row, error) {
	var rows []policySettingRow
	if err := s.q(ctx).Order("set_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]policy.Row, len(rows))
	for i, r := range rows {
		out[i] = policy.Row{
			ID: models.ID(r.ID), Key: r.Key, Scope: policy.Scope(r.Scope), Value: r.Value, ValidFrom: models.Instant(r.ValidFrom),
			Basis: r.Basis, SetBy: r.SetBy, ApprovedBy: r.ApprovedBy, SetAt: models.Instant(r.SetAt),
		}
	}
	return out, nil
}

// AddSetting writes one decision; the database refuses to change it afterwards.
func (s *Policies) AddSetting(ctx context.Context, r policy.Row) error {
	return translate(s.w(ctx).Create(&policySettingRow{
		ID: string(r.ID), Key: r.Key, Scope: string(r.Scope), Value: r.Value, ValidFrom: r.ValidFrom,
		Basis: r.Basis, SetBy: r.SetBy, ApprovedBy: r.ApprovedBy, SetAt: r.SetAt,
	}).Error)
}
