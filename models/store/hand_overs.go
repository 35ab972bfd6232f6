package store

import (
	"context"
	"time"

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
