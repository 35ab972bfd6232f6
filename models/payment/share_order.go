package payment

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ShareOrder lets the person a fee is for have somebody else pay it, a daughter for her mother: it answers until when a link to
// the order may be honoured. Making links, and knowing them again, is the edge's matter. Any number may be out; each ends
// with the order.
//
// Errors: ErrPayByPhone; what Gate and Family refuse; ErrOrderNotFound for anybody but the subject; ErrFeePaid, ErrFeeClosed.
func (s *Service) ShareOrder(ctx context.Context, by models.Actor, id models.ID) (until time.Time, err error) {
	if by.Kind != models.CitizenActor {
		return time.Time{}, ErrPayByPhone
	}
	if err := s.Gate.Allow(ctx, by, models.ActPay); err != nil {
		return time.Time{}, err
	}
	if err := s.route(ctx); err != nil {
		return time.Time{}, err
	}
	now := s.Clock.Now()
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		o, err := s.orderOf(ctx, id)
		switch {
		case err != nil:
			return err
		case !subject(o, by):
			return ErrOrderNotFound
		case o.State == OrderClosed:
			return ErrFeeClosed
		case !o.payable():
			return ErrFeePaid
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, now, "payment.order.shared", "fee_orders", string(o.ID), string(o.State)).About(o.SubjectID))
	})
	if err != nil {
		return time.Time{}, err
	}
	return now.Add(s.set.LinkLife).Truncate(time.Second), nil
}

// InvitedOrder shows an order to who was given a link to it: what it is for, for whom and how much, and of what went back
// her own money only. The caller has checked the link.
func (s *Service) InvitedOrder(ctx context.Context, by models.Actor, id models.ID) (View, error) {
	if by.Kind != models.CitizenActor {
		return View{}, ErrOrderNotFound
	}
	if err := s.Gate.Allow(ctx, by, models.ActPay); err != nil {
		return View{}, err
	}
	o, err := s.orderOf(ctx, id)
	if err != nil {
		return View{}, err
	}
	trades, err := s.Store.TradesOf(ctx, id)
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, o, trades, by)
}

// PayInvited is BeginPayment by who was given a link to the order. The money, should it go back, goes back to her. The
// caller has checked the link.
func (s *Service) PayInvited(ctx context.Context, by models.Actor, id models.ID) (Begun, error) {
	return s.beginPayment(ctx, by, id, true)
}

func (s *Service) orderOf(ctx context.Context, id models.ID) (Order, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Order{}, ErrOrderNotFound
	}
	o, err := s.Store.Order(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		err = ErrOrderNotFound
	}
	return o, err
}
