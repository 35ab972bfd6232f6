package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// Colleague is a member of staff to whom an order may be given.
type Colleague struct {
	ID         models.ID
	Login      string
	Name       models.Name
	Department string
	District   string
	OnDuty     bool // logged in, and not idle for longer than a call pauses
}

// ColleagueStore finds those who work in a queue.
type ColleagueStore interface {
	// Colleagues lists accounts in use with one of the roles, by login. A department narrows to those of it who answer for the
	// whole city or for the district. On duty is who has a session that was used since an instant.
	Colleagues(ctx context.Context, roles []Role, department, district string, usedSince time.Time) ([]Colleague, error)
}

// ColleaguesFor lists those who work in the queue where an order stands, for whoever may assign it: ErrOrderNotYours for others,
// models.ErrNotFound for an order one does not see.
func (s *Orders) ColleaguesFor(ctx context.Context, by models.Actor, order models.ID) ([]Colleague, error) {
	m, err := s.member(ctx, by, MayWorkOrders)
	if err != nil {
		return nil, err
	}
	r, err := m.orderReader()
	if err != nil {
		return nil, err
	}
	o, err := s.WorkOrders.OrderByID(ctx, order, r)
	if err != nil {
		return nil, err
	}
	if !m.assigns(o) {
		return nil, ErrOrderNotYours
	}
	permission := MayAnswerOrders
	if o.Department == "" {
		permission = MaySeeCases
	}
	return s.Colleagues.Colleagues(ctx, RolesWith(permission), o.Department, o.District, s.Clock.Now().Add(-idleLimitInCall))
}

// assigns reports whether the member may give the order to another: a supervisor any, a liaison the own queue's.
func (m Staff) assigns(o WorkOrder) bool {
	return m.Can(MaySupervise) || o.Department != "" && m.inQueue(o)
}
