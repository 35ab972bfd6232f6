package hotline

import (
	"context"

	"onecard/models"
)

// OrderView is an order as the console shows it: with its history, and whom it is about, masked.
type OrderView struct {
	Order  WorkOrder
	Steps  []OrderStep
	Person *Person // nil where it is about no one; every value masks itself (R54)
	Acts   []OrderEvent
}

// WorkOrderQueue lists orders that the member of staff may see, newest first. It names no person (R59).
func (s *Orders) WorkOrderQueue(ctx context.Context, by models.Actor, q OrderQueue, mine, overdue bool, p Page) ([]WorkOrder, error) {
	m, err := s.member(ctx, by, MayWorkOrders)
	if err != nil {
		return nil, err
	}
	r, err := m.orderReader()
	if err != nil {
		return nil, err
	}
	if mine {
		q.Owner = m.ID
	}
	if overdue {
		q.OverdueAt = s.Clock.Now()
	}
	list, err := s.Lists.OrdersIn(ctx, q, r, p)
	if err != nil {
		return nil, err
	}
	return s.shownList(ctx, m, list)
}

// OrdersInCall lists the verified caller's orders, newest first, so that they can be followed and pressed for. It is a look at
// the person like any other (R59). The refusals of PersonOf.
func (s *Orders) OrdersInCall(ctx context.Context, by models.Actor, callID models.ID, p Page) ([]WorkOrder, error) {
	var list []WorkOrder
	_, err := s.Looking(ctx, by, callID, SeesOrders, func(ctx context.Context, in models.Actor) (err error) {
		list, err = s.Lists.OrdersIn(ctx, OrderQueue{Person: in.Subject}, OrderReader{}, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.shownList(ctx, Staff{}, list)
}

// ReadOrder reads one order with what is asked and its history. That somebody read it is written down in the same commit,
// for the person it is about to see; it counts as a look like those of calls (R59).
func (s *Orders) ReadOrder(ctx context.Context, by models.Actor, id models.ID) (OrderView, error) {
	m, err := s.member(ctx, by, MayWorkOrders)
	if err != nil {
		return OrderView{}, err
	}
	r, err := m.orderReader()
	if err != nil {
		return OrderView{}, err
	}
	var v OrderView
	var seen Seen
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if v.Order, err = s.WorkOrders.OrderByID(ctx, id, r); err != nil {
			return err
		}
		if v.Steps, err = s.WorkOrders.StepsOf(ctx, id); err != nil {
			return err
		}
		v.Acts = OrderFlow.Allowed(v.Order.State)
		if v.Order.PersonID != "" {
			seen, err = s.lookAtCase(ctx, by, MayWorkOrders, r, LookUp{PersonID: v.Order.PersonID, Kind: "order", Object: "work_orders", ObjectID: id})
			if err != nil {
				return err
			}
			if seen.Person.ID != "" {
				v.Person = &seen.Person
			}
		}
		by.Subject = v.Order.PersonID
		return s.record(ctx, by, "hotline.order.read", "work_orders", string(id), "shown")
	})
	if err == nil {
		err = s.heedCase(ctx, by, id, seen)
	}
	if err != nil {
		return OrderView{}, err
	}
	return v, s.shown(ctx, m, &v.Order)
}

// WatchOrders tells of orders that became overdue on the day after, and again when they are long overdue: each once, in
// the order's history, as an alarm and in the log. It says how many there were.
func (s *Orders) WatchOrders(ctx context.Context, limit int) (int, error) {
	told := 0
	for _, long := range []bool{false, true} {
		on, code := OrderRemind, "ORDER_OVERDUE"
		if long {
			on, code = OrderEscalate, "ORDER_LONG_OVERDUE"
		}
		var list []WorkOrder
		err := s.Journal.InTx(ctx, func(ctx context.Context) error {
			var err error
			if list, err = s.Lists.TakeOverdue(ctx, s.Clock.Now(), long, limit); err != nil {
				return err
			}
			for _, o := range list {
				if err := s.step(ctx, models.System(), o, o.State, OrderStep{Act: on}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return told, err
		}
		if len(list) > 0 {
			s.Alarms.Alarm(code, len(list))
		}
		for _, o := range list {
			s.Log.ErrorContext(ctx, "a work order is not answered in time", "code", code, "order", string(o.ID), "type", string(o.Type), "due_at", o.DueAt)
		}
		told = max(told, len(list))
	}
	return told, nil
}
