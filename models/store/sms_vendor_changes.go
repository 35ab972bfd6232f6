package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// SMSVendors keeps which SMS vendor is preferred (notice.VendorStore).
type SMSVendors struct{ *DB }

// SMSVendors is the list of changes of the preferred vendor.
func (db *DB) SMSVendors() *SMSVendors { return &SMSVendors{db} }

var _ notice.VendorStore = (*SMSVendors)(nil)

type smsVendorChangeRow struct {
	ID         string `gorm:"primaryKey"`
	Follows    string
	FromVendor string
	ToVendor   string
	HomeVendor string
	Reason     string
	Failed     int
	Calls      int
	Basis      string
	SetBy      string
	ChangedAt  time.Time
}

func (smsVendorChangeRow) TableName() string { return "sms_vendor_changes" }

// VendorChanges implements notice.VendorStore.
func (s *SMSVendors) VendorChanges(ctx context.Context, limit int) ([]notice.VendorChange, error) {
	var rows []smsVendorChangeRow
	if err := s.q(ctx).Order("changed_at DESC, id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]notice.VendorChange, len(rows))
	for i, r := range rows {
		out[i] = notice.VendorChange{
			ID: models.ID(r.ID), Follows: models.ID(r.Follows), From: r.FromVendor, To: r.ToVendor, Home: r.HomeVendor,
			Reason: notice.ChangeReason(r.Reason), Failed: r.Failed, Calls: r.Calls, Basis: r.Basis, SetBy: r.SetBy, At: models.Instant(r.ChangedAt),
		}
	}
	return out, nil
}

// AddVendorChange implements notice.VendorStore: a unique index lets one change follow another.
func (s *SMSVendors) AddVendorChange(ctx context.Context, c notice.VendorChange) (bool, error) {
	res := s.w(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "follows"}}, DoNothing: true}).Create(&smsVendorChangeRow{
		ID: string(c.ID), Follows: string(c.Follows), FromVendor: c.From, ToVendor: c.To, HomeVendor: c.Home, Reason: string(c.Reason),
		Failed: c.Failed, Calls: c.Calls, Basis: c.Basis, SetBy: c.SetBy, ChangedAt: models.Instant(c.At),
	})
	return res.RowsAffected == 1, translate(res.Error)
}
