package payment

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// SweepTrades asks about trades whose notice has not come, and closes at the provider what is not wanted or not paid in
// time. Of several workers one asks about each. It returns how many it asked about.
func (s *Service) SweepTrades(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.DueTrades(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, t := range due {
		errs = append(errs, ignoreConflict(s.sweepTrade(ctx, t, now)))
	}
	return len(due), errors.Join(errs...)
}

func (s *Service) sweepTrade(ctx context.Context, t Trade, now time.Time) error {
	p, next := s.provider(t.Provider), now.Add(s.backOff(t.Attempt+1))
	if p == nil {
		next = now.Add(askRarely)
	} else if t.ExpiresAt.After(now) && t.ExpiresAt.Before(next) {
		next = t.ExpiresAt
	}
	t, err := s.Store.ClaimTrade(ctx, t, next) // first: one that cannot be asked about must not stand in everybody's way
	if err != nil {
		return err
	}
	if p == nil {
		return s.providerGone(ctx, t, "trade")
	}
	return s.askTrade(ctx, t, p)
}

// askRarely is how long we wait where a person is at it: a provider that is not in the settings, a refund that failed.
const askRarely = time.Hour

// askTrade asks the provider and does what it says.
func (s *Service) askTrade(ctx context.Context, t Trade, p Provider) error {
	call, cancel := context.WithTimeout(ctx, s.set.CallProvider)
	defer cancel()
	told, err := p.Ask(call, t)
	unknown := errors.Is(err, ErrTradeUnknown)
	switch {
	case unknown:
		// A request that was just begun may still make it known, and Alipay knows a trade only once the payer has opened
		// it: only after its time is it surely nothing.
		told = Told{Number: t.Number, AppID: t.AppID, MerchantID: t.MerchantID, State: ToldUnpaid}
	case err != nil:
		return err
	case told.Number != t.Number:
		return s.held(ctx, OutcomeOther, aboutTrade, t)
	}
	if told.State == ToldPaid || unfitFor(t, told) != "" {
		_, err := s.again(func() (o Outcome, err error) {
			err = s.Store.InTx(ctx, func(ctx context.Context) (err error) {
				o, err = s.settleTrade(ctx, t.Provider, told, "query")
				return err
			})
			return o, err
		})
		return err
	}
	o, err := s.Store.Order(ctx, t.OrderID)
	if err != nil {
		return err
	}
	over := !s.Clock.Now().Before(t.ExpiresAt)
	switch {
	case told.State == ToldClosed:
	case over, !o.payable() && t.State == TradeOpen && !unknown:
		if err := p.Close(call, t); err != nil {
			return ignorePaid(err) // paid in this very moment: the next question tells
		}
	default:
		return nil
	}
	return s.closeTrade(ctx, t)
}

func ignorePaid(err error) error {
	if errors.Is(err, ErrTradePaid) {
		return nil
	}
	return err
}

// closeTrade notes that no money comes by this trade. An order that nobody is paying any more waits for the next try.
func (s *Service) closeTrade(ctx context.Context, t Trade) error {
	now := s.Clock.Now()
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		o, err := s.Store.LockOrder(ctx, t.OrderID)
		if err != nil {
			return err
		}
		trades, err := s.Store.TradesOf(ctx, t.OrderID)
		if err != nil {
			return err
		}
		others := false
		for _, have := range trades {
			if have.ID == t.ID {
				t = have
			} else if have.Unsettled() {
				others = true
			}
		}
		next, err := t.after(TradeEnded, now)
		if err != nil {
			return nil //nolint:nilerr // money came meanwhile, or it is closed
		}
		if _, err := s.Store.AdvanceTrade(ctx, next, t.State); err != nil {
			return err
		}
		if o.State == OrderPaying && !others {
			lapsed, err := o.after(PaymentLapsed, now)
			if err != nil {
				return err
			}
			if _, err := s.Store.AdvanceOrder(ctx, lapsed, o.State); err != nil {
				return err
			}
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.trade.closed", "fee_trades", string(t.ID), string(next.State)).
			About(t.PayerID).Noting("order", string(o.ID)))
	})
}

// SweepRefunds tells providers about refunds and follows each to its end. A refund is told again under the same number
// until the provider has an answer, so a lost one makes no second refund. It returns how many it worked on.
func (s *Service) SweepRefunds(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.DueRefunds(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, r := range due {
		errs = append(errs, ignoreConflict(s.sweepRefund(ctx, r, now)))
	}
	return len(due), errors.Join(errs...)
}

func (s *Service) sweepRefund(ctx context.Context, r Refund, now time.Time) error {
	t, err := s.Store.Trade(ctx, r.TradeID)
	if err != nil {
		return err
	}
	p, next := s.provider(t.Provider), now.Add(s.backOff(r.Attempt))
	if p == nil || r.State == RefundAbnormal {
		next = now.Add(askRarely) // a person is at it
	}
	if r, err = s.Store.ClaimRefund(ctx, r, next); err != nil {
		return err
	}
	if err := s.watchRefund(ctx, t, r, now); err != nil {
		return err
	}
	if p == nil {
		return s.providerGone(ctx, t, "refund")
	}
	call, cancel := context.WithTimeout(ctx, s.set.CallProvider)
	defer cancel()
	ask := p.AskRefund
	if r.State == RefundRequested {
		ask = p.Refund
	}
	told, err := ask(call, t, r)
	if err != nil {
		return err // it stays due
	}
	if told.Number != r.Number {
		return s.held(ctx, OutcomeOther, aboutRefund, t)
	}
	_, err = s.again(func() (o Outcome, err error) {
		err = s.Store.InTx(ctx, func(ctx context.Context) (err error) {
			o, err = s.settleRefund(ctx, t.Provider, told, "query")
			return err
		})
		return o, err
	})
	return err
}

func (s *Service) refundAlarmAfter(p ProviderName, r Refund) time.Duration {
	if p == NonTax && r.Stage != "" {
		return s.set.ApprovalAlarm // they have it, and people decide there
	}
	return s.set.RefundAlarm
}

// watchRefund alarms, once, about a refund that takes too long.
func (s *Service) watchRefund(ctx context.Context, t Trade, r Refund, now time.Time) error {
	if !r.AlarmedAt.IsZero() || now.Sub(r.RequestedAt) < s.refundAlarmAfter(t.Provider, r) {
		return nil
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Store.LockOrder(ctx, r.OrderID); err != nil {
			return err
		}
		have, err := s.Store.Refund(ctx, r.ID)
		if err != nil || have.State == RefundSucceeded {
			return err
		}
		have.AlarmedAt, have.UpdatedAt = now, now
		if _, err := s.Store.AdvanceRefund(ctx, have, have.State); err != nil {
			return err
		}
		return s.refundAlarm(ctx, t, have)
	})
}
