package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// admissionRow is one role of a session's owner, with the session and the call that is open, if any, beside it.
type admissionRow struct {
	Session    staffSessionRow `gorm:"embedded"`
	DisabledAt *time.Time
	Demo       bool
	Role       *string
	Call       callRow `gorm:"embedded;embeddedPrefix:call_"`
}

// Admission implements hotline.SessionStore. Every request of the console asks it, so it opens no cell: neither the factors nor the
// caller's number are needed.
func (t *StaffSessions) Admission(ctx context.Context, handle string) (hotline.Admission, error) {
	var rows []admissionRow
	err := t.q(ctx).Raw(`SELECT v.id, v.staff_id, v.handle, v.secret_hash, v.opened_at, v.seen_at, v.ended_at, v.end_reason, s.disabled_at, s.demo, r.role,
		c.id AS call_id, c.staff_id AS call_staff_id, c.source AS call_source, c.asked_fact AS call_asked_fact, c.person_id AS call_person_id,
		c.level AS call_level, c.strength AS call_strength, c.full_id AS call_full_id, c.failures AS call_failures, c.call_back_at AS call_call_back_at,
		c.slip_sent AS call_slip_sent, c.district AS call_district, c.department AS call_department, c.opened_at AS call_opened_at, c.used_at AS call_used_at,
		c.ended_at AS call_ended_at, c.exchange_ref AS call_exchange_ref, c.version AS call_version
		FROM staff_sessions v JOIN staff s ON s.id = v.staff_id LEFT JOIN staff_roles r ON r.staff_id = v.staff_id
		LEFT JOIN calls c ON c.staff_id = v.staff_id AND c.closed_at IS NULL WHERE v.handle = ? ORDER BY r.role`, handle).Find(&rows).Error
	if err != nil {
		return hotline.Admission{}, translate(err)
	}
	if len(rows) == 0 {
		return hotline.Admission{}, models.ErrNotFound
	}
	first := rows[0]
	a := hotline.Admission{Session: first.Session.session(), Disabled: first.DisabledAt != nil, Demo: first.Demo}
	for _, r := range rows {
		if r.Role != nil {
			a.Roles = append(a.Roles, hotline.Role(*r.Role))
		}
	}
	if first.Call.ID != "" {
		a.Call = first.Call.unsaid()
	}
	return a, nil
}
