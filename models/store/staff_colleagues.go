package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

var _ hotline.ColleagueStore = (*Staff)(nil)

// Colleagues implements hotline.ColleagueStore.
func (t *Staff) Colleagues(ctx context.Context, roles []hotline.Role, department, district string, usedSince time.Time) ([]hotline.Colleague, error) {
	var rows []struct {
		ID, Login, Department, District string
		NameSealed                      []byte
		OnDuty                          bool
	}
	q := t.q(ctx).Table("staff s").
		Select(`s.id, s.login, s.department, s.district, s.name_sealed,
			EXISTS (SELECT 1 FROM staff_sessions x WHERE x.staff_id = s.id AND x.ended_at IS NULL AND x.seen_at >= ?) AS on_duty`, usedSince).
		Where("s.disabled_at IS NULL AND s.one_time_until IS NULL AND s.id IN (SELECT staff_id FROM staff_roles WHERE role IN ?)", roles)
	if department != "" {
		q = q.Where("s.department = ? AND s.district IN ?", department, []string{"", district})
	}
	if err := q.Order("s.login").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.Colleague, len(rows))
	for i, r := range rows {
		name, err := staffName(ctx, t.DB, r.ID, r.NameSealed)
		if err != nil {
			return nil, err
		}
		out[i] = hotline.Colleague{ID: models.ID(r.ID), Login: r.Login, Name: name, Department: r.Department, District: r.District, OnDuty: r.OnDuty}
	}
	return out, nil
}
