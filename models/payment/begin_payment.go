package payment

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Begun is a payment that a client can go on with.
type Begun struct {
	Trade  Trade
	Params map[string]string // of wx.requestPayment or my.tradePay, or the payment code
}

// BeginPayment lets a citizen pay an order with the account of her own session. The trade is written down before the
// provider is asked, so money can never come for something we do not know. She gets the same trade again while it is
// young; whoever else may pay gets one of their own, and of two that are paid the later goes back. A guardian's right is
// looked at again within the decision.
//
// Errors: ErrPayByPhone; what Gate and Family refuse; ErrPayChannel, ErrFeeRoute; ErrOrderNotFound for anybody else's;
// ErrFeePaid, ErrFeeClosed; models.ErrUnavailable when the provider does not answer, which may be tried again.
func (s *Service) BeginPayment(ctx context.Context, by models.Actor, id models.ID) (Begun, error) {
	return s.beginPayment(ctx, by, id, false)
}

func (s *Service) beginPayment(ctx context.Context, by models.Actor, id models.ID, invited bool) (Begun, error) {
	account, provider, err := s.payer(ctx, by)
	if err != nil {
		return Begun{}, err
	}
	if _, err := models.ParseID(string(id)); err != nil {
		return Begun{}, ErrOrderNotFound
	}
	t, err := s.openTrade(ctx, by, id, account, provider, invited)
	if err != nil {
		return Begun{}, err
	}
	if t.State == TradePrepared {
		if t, err = s.prepare(ctx, t, account, provider); err != nil {
			return Begun{}, err
		}
	}
	switch t.State {
	case TradeOpen:
	case TradePaid, TradeHeld:
		return Begun{}, ErrFeePaid
	default:
		return Begun{}, models.ErrConflict // closed since; the next try opens another
	}
	params, err := provider.ClientParams(ctx, t)
	if err != nil {
		return Begun{}, models.ErrUnavailable.Because(err)
	}
	return Begun{t, params}, nil
}

// payer is the account and the provider of who asks.
func (s *Service) payer(ctx context.Context, by models.Actor) (Account, Provider, error) {
	if by.Kind != models.CitizenActor {
		return Account{}, nil, ErrPayByPhone
	}
	if err := s.Gate.Allow(ctx, by, models.ActPay); err != nil {
		return Account{}, nil, err
	}
	open, err := s.open(ctx)
	if err != nil {
		return Account{}, nil, err
	}
	account, err := s.Accounts.PayerAccount(ctx, by.AccountID)
	if errors.Is(err, models.ErrNotFound) {
		return Account{}, nil, ErrPayChannel // a borrowed phone has no account of hers
	}
	if err != nil {
		return Account{}, nil, err
	}
	for _, p := range open {
		if p.Takes(account.Platform) {
			return account, p, nil
		}
	}
	return Account{}, nil, ErrPayChannel
}

// openTrade is the decision: one commit.
func (s *Service) openTrade(ctx context.Context, by models.Actor, id models.ID, account Account, p Provider, invited bool) (t Trade, err error) {
	now, terms := s.Clock.Now(), p.Terms(account)
	if terms.Life == 0 {
		terms.Life = s.set.TradeLife
	}
	fresh := Trade{ID: models.NewID(), OrderID: id, Provider: p.Name(), AppID: terms.AppID, MerchantID: p.MerchantID(), PayerID: by.ID,
		AccountID: account.ID, Channel: by.Channel, State: TradePrepared, ExpiresAt: now.Add(terms.Life).Truncate(time.Second),
		CreatedAt: now, DueAt: now.Add(s.set.FirstAsk), UpdatedAt: now}
	fresh.Number = numberOf(fresh.ID)
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "fee_trades", string(fresh.ID))
		if err != nil {
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		o, err := s.Store.LockOrder(ctx, id)
		if errors.Is(err, models.ErrNotFound) {
			return ErrOrderNotFound
		}
		if err != nil {
			return err
		}
		trades, err := s.Store.TradesOf(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case !invited && !sees(o, trades, by):
			return ErrOrderNotFound
		case o.State == OrderClosed:
			return ErrFeeClosed
		case !o.payable():
			return ErrFeePaid
		}
		for _, have := range trades {
			again := have.Provider == fresh.Provider && have.AccountID == account.ID && have.PayerID == by.ID && have.Unsettled()
			if string(have.ID) == prior || again && have.ExpiresAt.Sub(now) > s.set.ReuseLeast {
				t = have
				return nil
			}
		}
		fresh.AmountFen, fresh.Item = o.AmountFen, o.Item
		t = fresh
		return s.writeTrade(ctx, by, o, fresh, now)
	})
	return t, err
}

// stillActsFor looks at a guardian's right again inside the transaction of the decision.
func (s *Service) stillActsFor(ctx context.Context, by models.Actor) error {
	switch {
	case by.Kind != models.CitizenActor, by.ForSelf():
		return nil
	case s.Family == nil:
		return models.ErrForbidden
	}
	return s.Family.StillActsFor(ctx, by)
}

func (s *Service) writeTrade(ctx context.Context, by models.Actor, o Order, t Trade, now time.Time) error {
	if err := s.Store.CreateTrade(ctx, t); err != nil {
		return err
	}
	if o.State == OrderCreated {
		next, err := o.after(PaymentBegun, now)
		if err != nil {
			return err
		}
		if _, err := s.Store.AdvanceOrder(ctx, next, o.State); err != nil {
			return err
		}
	}
	return s.Store.RecordAudit(ctx, audit.Of(by, now, "payment.trade.begun", "fee_trades", string(t.ID), string(t.State)).
		About(o.SubjectID).Noting("order", string(o.ID)).Noting("provider", string(t.Provider)))
}

// prepare makes the provider know the trade. It is asked outside of any transaction; asked twice, it knows one trade.
func (s *Service) prepare(ctx context.Context, t Trade, account Account, p Provider) (Trade, error) {
	if p.Terms(account).NamesHolder {
		o, err := s.Store.Order(ctx, t.OrderID)
		if err != nil {
			return t, err
		}
		if account.Holder, err = s.Accounts.HolderName(ctx, o.SubjectID); err != nil {
			return t, err
		}
	}
	call, cancel := context.WithTimeout(ctx, s.set.CallProvider)
	defer cancel()
	ref, err := p.Prepare(call, t, account)
	if errors.Is(err, ErrTradePaid) {
		if err := s.askTrade(ctx, t, p); err != nil {
			return t, models.ErrUnavailable.Because(err)
		}
		return t, ErrFeePaid
	}
	if err != nil {
		return t, unavailable(err)
	}
	now := s.Clock.Now()
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Store.LockOrder(ctx, t.OrderID); err != nil {
			return err
		}
		have, err := s.Store.Trade(ctx, t.ID)
		if err != nil || have.State != TradePrepared { // another request was first, or money came already
			t = have
			return err
		}
		next, err := have.after(TradeKnown, now)
		if err != nil {
			return err
		}
		next.Ref = ref
		if t, err = s.Store.AdvanceTrade(ctx, next, have.State); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.trade.opened", "fee_trades", string(t.ID), string(t.State)).About(t.PayerID))
	})
	return t, err
}

// unavailable keeps a refusal of ours and makes everything else one that may be tried again.
func unavailable(err error) error {
	var ours *models.Error
	if errors.As(err, &ours) {
		return err
	}
	return models.ErrUnavailable.Because(err)
}
