package store

import (
	"context"

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
