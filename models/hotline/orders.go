package hotline

import (
	"context"
	"errors"
	"log/slog"

	"onecard/models"
)

// Orders are the use cases of work orders and ratings (R64, R65).
type Orders struct {
	*Service
	Lists      OrderLists
	Ratings    RatingStore
	Rated      RatedCases
	Policy     OrderPolicy
	Routes     OrderRoutes
	Files      OrderFiles
	Colleagues ColleagueStore
	Alarms     Alarms
	Log        *slog.Logger
}

// reader is whose orders a member of staff sees. Agents and supervisors see all of them, which name no person; a liaison
// the own department's and district's alone.
func (m Staff) orderReader() (OrderReader, error) {
	if m.Can(MaySeeCases) || m.Can(MaySupervise) {
		return OrderReader{}, nil
	}
	if !m.Can(MayAnswerOrders) || m.Department == "" {
		return OrderReader{}, ErrNotPermitted
	}
	return OrderReader{Bound: true, Department: m.Department, District: m.District}, nil
}

// inQueue reports whether the member works in the queue where the order stands.
func (m Staff) inQueue(o WorkOrder) bool {
	if o.Department == "" {
		return m.Can(MaySeeCases)
	}
	return m.Can(MayAnswerOrders) && m.Department == o.Department && (m.District == "" || m.District == o.District)
}

// handles reports whether the order is the member's to act on: the own one, one that nobody took in the own queue, any for
// a supervisor.
func (m Staff) handles(o WorkOrder) bool {
	return m.Can(MaySupervise) || o.Owner == m.ID || o.Owner == "" && m.inQueue(o)
}

// change is what an act does to an order that still has the state it came with: the code and the note of its step.
type change func(ctx context.Context, m Staff, o *WorkOrder) (code, note string, err error)

// act moves an order by one event of a member of staff, in one guarded commit with its step and its audit entry. Of two at
// once one wins, the other is ErrOrderTaken. A repeat with the same request key is the first result.
func (s *Orders) act(ctx context.Context, by models.Actor, id models.ID, on OrderEvent, do change) (WorkOrder, error) {
	m, err := s.member(ctx, by, MayWorkOrders)
	if err != nil {
		return WorkOrder{}, err
	}
	r, err := m.orderReader()
	if err != nil {
		return WorkOrder{}, err
	}
	var out WorkOrder
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "work_orders", string(id))
		if err != nil {
			return err
		}
		if out, err = s.WorkOrders.OrderByID(ctx, id, r); err != nil || prior != "" {
			return err
		}
		from := out.State
		to, err := OrderFlow.Next(from, on)
		if factOnly(on) {
			to = from
		} else if err != nil {
			return ErrOrderState.Because(err)
		}
		code, note, err := do(ctx, m, &out)
		if err != nil {
			return err
		}
		out.State = to
		return s.write(ctx, by, &out, from, r, OrderStep{Act: on, Code: code, Note: note})
	})
	if err != nil {
		return WorkOrder{}, err
	}
	return out, s.shown(ctx, m, &out)
}

func factOnly(on OrderEvent) bool { return on == OrderExtend || on == OrderUrge }

// write stores a changed order with its step and audit entry.
func (s *Service) write(ctx context.Context, by models.Actor, o *WorkOrder, from OrderState, r OrderReader, step OrderStep) error {
	if err := s.WorkOrders.UpdateOrder(ctx, *o, from, r); err != nil {
		if errors.Is(err, models.ErrConflict) {
			return ErrOrderTaken.Because(err)
		}
		return err
	}
	o.Version++
	return s.step(ctx, by, *o, from, step)
}

// step writes one act into the order's history and into the audit, which never holds the note.
func (s *Service) step(ctx context.Context, by models.Actor, o WorkOrder, from OrderState, step OrderStep) error {
	step.ID, step.OrderID, step.At, step.By, step.From, step.To = models.NewID(), o.ID, s.Clock.Now(), by.Kind, from, o.State
	if by.Kind == models.AgentActor {
		step.StaffID = by.ID
	}
	if err := s.WorkOrders.AddStep(ctx, step); err != nil {
		return err
	}
	if by.Kind != models.CitizenActor {
		by.Subject = o.PersonID
	}
	notes := []string{"type", string(o.Type)}
	if step.Code != "" {
		notes = append(notes, "code", step.Code)
	}
	return s.record(ctx, by, "hotline.order."+string(step.Act), "work_orders", string(o.ID), string(o.State), notes...)
}

// setDates counts the three dates of an order anew, from when it was opened or re-opened.
func (s *Orders) setDates(ctx context.Context, o *WorkOrder) error {
	now := s.Clock.Now()
	t, err := s.Policy.OrderTerms(ctx, now)
	if err != nil {
		return err
	}
	from := o.OpenedAt
	if !o.ReopenedAt.IsZero() {
		from = o.ReopenedAt
	}
	if o.DueAt, err = dueAfter(ctx, s.Policy, from, t.Days[o.Type]); err != nil {
		return err
	}
	if o.AcceptBy, err = dueAfter(ctx, s.Policy, from, min(t.AcceptDays, t.Days[o.Type])); err != nil {
		return err
	}
	o.EscalateAt, err = dueAfter(ctx, s.Policy, o.DueAt, t.EscalateDays)
	return err
}
