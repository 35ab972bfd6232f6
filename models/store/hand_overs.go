package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

var _ notice.HandOvers = (*Notices)(nil)

// DeliveryOf implements notice.HandOvers.
func (s *Notices) DeliveryOf(ctx context.Context, vendor, vendorID string) (models.ID, error) {
	if vendorID == "" {
		return "", nil
	}
	var ids []string
	err := s.q(ctx).Table("deliveries").Where("vendor_id = ? AND vendor_id <> '' AND vendor IN (?, '')", vendorID, vendor).Limit(2).Pluck("id", &ids).Error
	if err != nil || len(ids) != 1 {
		return "", translate(err)
	}
	return models.ID(ids[0]), nil
}

type earlyReceiptRow struct {
	Vendor     string `gorm:"primaryKey"`
	VendorID   string `gorm:"primaryKey"`
	Delivered  bool   `gorm:"primaryKey"`
	Code       string
	ReportedAt time.Time
	ReceivedAt time.Time
}

func (earlyReceiptRow) TableName() string { return "early_receipts" }

// earlyFor is how long a receipt waits for its delivery: longer than any settlement is tried.
const earlyFor = time.Hour

// KeepEarly implements notice.HandOvers.
func (s *Notices) KeepEarly(ctx context.Context, receipts []notice.Receipt) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	rows := make([]earlyReceiptRow, len(receipts))
	for i, r := range receipts {
		rows[i] = earlyReceiptRow{Vendor: r.Vendor, VendorID: r.VendorID, Delivered: r.Delivered, Code: r.Code, ReportedAt: r.At, ReceivedAt: now}
	}
	return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// lapseEarly takes early receipts whose delivery is known by now, and forgets old ones.
func (s *Notices) lapseEarly(ctx context.Context, now time.Time) (int, error) {
	var due []deliveryReceiptRow
	err := s.q(ctx).Raw(`SELECT e.*, d.id AS delivery_id FROM early_receipts e JOIN deliveries d ON d.vendor_id = e.vendor_id AND d.vendor_id <> ''
		AND d.vendor IN (e.vendor, '') ORDER BY e.received_at LIMIT ?`, lapseAtOnce).Scan(&due).Error
	if err != nil {
		return 0, translate(err)
	}
	for _, e := range due {
		_, err := s.TakeReceipt(ctx, e.receipt())
		if err == nil {
			err = translate(s.w(ctx).Where("vendor = ? AND vendor_id = ?", e.Vendor, e.VendorID).Delete(&earlyReceiptRow{}).Error)
		}
		if err != nil {
			return 0, err
		}
	}
	res := s.w(ctx).Where("received_at <= ?", now.Add(-earlyFor)).Delete(&earlyReceiptRow{})
	return len(due), translate(res.Error)
}

// TextsSince implements notice.HandOvers. A receipt may come before our own record of the hand-over: then the row was
// claimed, with the vendor that may have it.
func (s *Notices) TextsSince(ctx context.Context, ids []models.ID, since time.Time) (map[models.ID]string, error) {
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // none is asked about
	}
	var rows []deliveryRow
	err := s.q(ctx).Select("id, vendor").Where("id IN ? AND channel = ? AND attempt > 0 AND COALESCE(submitted_at, created_at) >= ?", ids, string(notice.SMS), models.Instant(since)).
		Find(&rows).Error
	out := make(map[models.ID]string, len(rows))
	for _, r := range rows {
		out[models.ID(r.ID)] = r.Vendor
	}
	return out, translate(err)
}
