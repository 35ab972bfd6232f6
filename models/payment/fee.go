package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// FeeDraft is a fee that another capability asks for.
type FeeDraft struct {
	Cause     string // "replacement:<id>"; a second draft of it finds the first order
	SubjectID models.ID
	AmountFen models.Fen
	Basis     string
	Item      string
}

// Fee is what the one who asked for a fee may know of it.
type Fee struct {
	OrderID     models.ID
	Number      string
	AmountFen   models.Fen
	State       OrderState
	PayerID     models.ID
	RefundState RefundState // of the money that was paid; empty while none goes back
	RefundLabel string      // its word in Chinese
	OpenedAt    time.Time
	PaidAt      time.Time
	RefundedAt  time.Time
	EndedAt     time.Time
}

// OpenFee opens a fee order in the caller's transaction. A cause that has one keeps it, whatever the draft says now.
// ErrFeeRoute while fees are to be taken in a way that is not set up.
func (s *Service) OpenFee(ctx context.Context, d FeeDraft) (models.ID, error) {
	if d.Cause == "" || d.SubjectID == "" || d.AmountFen <= 0 || d.Item == "" || d.Basis == "" {
		return "", fmt.Errorf("payment: a fee needs cause, subject, amount, item and basis")
	}
	if err := s.route(ctx); err != nil {
		return "", err
	}
	now := s.Clock.Now()
	o := Order{ID: models.NewID(), Cause: d.Cause, SubjectID: d.SubjectID, AmountFen: d.AmountFen, Basis: d.Basis, Item: d.Item,
		State: OrderCreated, OpenedAt: now, UpdatedAt: now}
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		have, err := s.Store.OrderByCause(ctx, d.Cause)
		if err == nil {
			o = have
			return nil
		}
		if !errors.Is(err, models.ErrNotFound) {
			return err
		}
		n, err := s.Store.NextNumber(ctx, "fee_order", models.DateOf(now))
		if err != nil {
			return err
		}
		o.Number = models.ReceiptNumber(now, n)
		if err := s.Store.CreateOrder(ctx, o); err != nil {
			return err
		}
		return s.record(ctx, o, "payment.order.opened", nil)
	})
	return o.ID, err
}

// ReturnFee says in the caller's transaction that the fee of a cause is not owed: what was paid goes back once, an
// unpaid order is closed, and what is paid for it later goes back by itself. Repeating it changes nothing, and a cause
// without an order has nothing to return. why is a word like rejected or withdrawn.
func (s *Service) ReturnFee(ctx context.Context, cause, why string) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		o, err := s.Store.OrderByCause(ctx, cause)
		if errors.Is(err, models.ErrNotFound) {
			return nil
		}
		if err == nil {
			o, err = s.Store.LockOrder(ctx, o.ID)
		}
		if err != nil || !o.payable() && o.State != OrderPaid {
			return err
		}
		now, from := s.Clock.Now(), o.State
		if o, err = o.after(FeeNotOwed, now); err != nil {
			return err
		}
		o.Why = why
		if from != OrderPaid {
			o.EndedAt = now
		}
		if o, err = s.Store.AdvanceOrder(ctx, o, from); err != nil {
			return err
		}
		if err := s.record(ctx, o, "payment.order.not_owed", map[string]string{"why": why}); err != nil {
			return err
		}
		if from != OrderPaid {
			return s.Store.HurryTrades(ctx, o.ID, now)
		}
		t, err := s.Store.Trade(ctx, o.TradeID)
		if err != nil {
			return err
		}
		return s.requestRefund(ctx, t, why, now)
	})
}

// requestRefund decides that a trade's money goes back. The number is the trade's own, so that it can be made once only.
func (s *Service) requestRefund(ctx context.Context, t Trade, why string, now time.Time) error {
	r := Refund{ID: models.NewID(), Number: "R" + t.Number, TradeID: t.ID, OrderID: t.OrderID, AmountFen: t.PaidFen, Reason: why,
		State: RefundRequested, RequestedAt: now, DueAt: now, UpdatedAt: now}
	if err := s.Store.CreateRefund(ctx, r); err != nil {
		return err
	}
	return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.refund.requested", "fee_refunds", string(r.ID), string(r.State)).
		About(t.PayerID).Noting("why", why).Noting("order", string(t.OrderID)))
}

// FeeOf shows the fee of a cause to the capability that asked for it; models.ErrNotFound.
func (s *Service) FeeOf(ctx context.Context, cause string) (Fee, error) {
	o, err := s.Store.OrderByCause(ctx, cause)
	if err != nil {
		return Fee{}, err
	}
	f := Fee{OrderID: o.ID, Number: o.Number, AmountFen: o.AmountFen, State: o.State, PayerID: o.PayerID, OpenedAt: o.OpenedAt,
		PaidAt: o.PaidAt, EndedAt: o.EndedAt}
	refunds, err := s.Store.RefundsOf(ctx, o.ID)
	for _, r := range refunds {
		if r.TradeID != o.TradeID {
			continue
		}
		t, err := s.Store.Trade(ctx, r.TradeID)
		if err != nil {
			return Fee{}, err
		}
		f.RefundState, f.RefundedAt, f.RefundLabel = r.State, r.DoneAt, refundLabel(r.State, s.provider(t.Provider) == nil)
	}
	return f, err
}

// record writes one decision about an order, by the system.
func (s *Service) record(ctx context.Context, o Order, action string, more map[string]string) error {
	e := audit.Of(models.System(), s.Clock.Now(), action, "fee_orders", string(o.ID), string(o.State)).About(o.SubjectID)
	for k, v := range more {
		e = e.Noting(k, v)
	}
	return s.Store.RecordAudit(ctx, e)
}
