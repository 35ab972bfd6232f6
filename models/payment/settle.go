package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Outcome names what was made of a provider's word.
type Outcome string

// The outcomes. Those after OutcomeRepeated change no order; each of them but a word without money is an alarm and a case.
const (
	OutcomePaid         Outcome = "paid"           // the order's one transition to paid
	OutcomePaidTwice    Outcome = "paid_twice"     // the order was paid already: this money goes back
	OutcomePaidLate     Outcome = "paid_late"      // the order had been closed: this money goes back
	OutcomeRefunded     Outcome = "refunded"       // a refund came to its end
	OutcomeRefundMoved  Outcome = "refund_moved"   // a refund went one step
	OutcomeReceipt      Outcome = "receipt"        // a fiscal receipt was issued or reversed
	OutcomeRepeated     Outcome = "repeated"       // known before
	OutcomeNoMoney      Outcome = "no_money"       // a word that is not about money that came
	OutcomeUnknown      Outcome = "unknown_number" // no trade or refund of ours has this number
	OutcomeMerchant     Outcome = "wrong_merchant"
	OutcomeApp          Outcome = "wrong_app"
	OutcomeAmount       Outcome = "wrong_amount"       // held: a person decides about the money
	OutcomeSecondNumber Outcome = "second_transaction" // one trade paid under two numbers of the provider
	OutcomeOther        Outcome = "other_number"       // an answer about something else than was asked about
)

// Notice is one verified message of a provider: about a trade, a refund, or a receipt.
type Notice struct {
	Provider ProviderName
	ID       string
	Trade    *Told
	Refund   *RefundTold
	Receipt  *ReceiptTold
}

// about counts what a notice is about: one thing.
func (n Notice) about() (things int) {
	for _, there := range []bool{n.Trade != nil, n.Refund != nil, n.Receipt != nil} {
		if there {
			things++
		}
	}
	return things
}

// TakeNotice does what a notice says, in one transaction and without asking anybody outside: of any number of equal
// notices one has an effect (R63). What it cannot do anything about is written down, alarmed and answered as taken:
// sent again, it would say the same. An error means that nothing was taken and the provider shall send it again.
func (s *Service) TakeNotice(ctx context.Context, n Notice) (Outcome, error) {
	if n.ID == "" || n.about() != 1 {
		return "", ErrCallbackBody
	}
	return s.again(func() (Outcome, error) {
		var outcome Outcome
		err := s.Store.InTx(ctx, func(ctx context.Context) (err error) {
			switch {
			case n.Trade != nil:
				outcome, err = s.settleTrade(ctx, n.Provider, *n.Trade, "notice")
			case n.Refund != nil:
				outcome, err = s.settleRefund(ctx, n.Provider, *n.Refund, "notice")
			default:
				outcome, err = s.settleReceipt(ctx, n.Provider, *n.Receipt, "notice")
			}
			if err != nil {
				return err
			}
			_, err = s.Store.TakenNotice(ctx, n.Provider, n.ID, outcome, s.Clock.Now())
			return err
		})
		return outcome, err
	})
}

// conflicts is how often a decision is made anew after somebody else was first: the locks of who asked for the fee and
// ours may be taken in either order, and a database that sees them cross refuses one.
const conflicts = 3

func (s *Service) again(do func() (Outcome, error)) (outcome Outcome, err error) {
	for range conflicts {
		if outcome, err = do(); !errors.Is(err, models.ErrConflict) {
			break
		}
	}
	return outcome, err
}

// settleTrade holds a provider's word against the trade. It must run in a transaction.
func (s *Service) settleTrade(ctx context.Context, provider ProviderName, told Told, via string) (Outcome, error) {
	t, err := s.Store.TradeByNumber(ctx, provider, told.Number)
	if errors.Is(err, models.ErrNotFound) {
		return OutcomeUnknown, s.nobodys(ctx)
	}
	if err != nil {
		return "", err
	}
	o, err := s.Store.LockOrder(ctx, t.OrderID)
	if err == nil {
		t, err = s.Store.Trade(ctx, t.ID) // as it is under the lock
	}
	if err != nil {
		return "", err
	}
	unfit := unfitFor(t, told)
	switch {
	case unfit != "":
		return unfit, s.held(ctx, unfit, aboutTrade, t)
	case told.State != ToldPaid:
		return OutcomeNoMoney, nil
	case (t.State == TradePaid || t.State == TradeHeld) && told.TransactionID == t.TransactionID:
		return OutcomeRepeated, nil
	case t.State == TradePaid || t.State == TradeHeld:
		return OutcomeSecondNumber, s.held(ctx, OutcomeSecondNumber, aboutTrade, t)
	case told.AmountFen != t.AmountFen || told.Currency != "CNY" || told.TransactionID == "":
		return OutcomeAmount, s.otherMoney(ctx, t, told)
	}
	return s.moneyCame(ctx, o, t, told, via)
}

// otherMoney holds a trade whose money is not what we asked for: the order stays unpaid, and a person decides.
func (s *Service) otherMoney(ctx context.Context, t Trade, told Told) error {
	next, err := t.after(TradeOtherwise, s.Clock.Now())
	if err != nil {
		return err
	}
	next.TransactionID, next.PaidFen, next.PaidAt = told.TransactionID, told.AmountFen, told.PaidAt
	if next, err = s.Store.AdvanceTrade(ctx, next, t.State); err != nil {
		return err
	}
	return s.held(ctx, OutcomeAmount, aboutTrade, next)
}

// moneyCame is the one transition of a trade to paid, and what follows for its order.
func (s *Service) moneyCame(ctx context.Context, o Order, t Trade, told Told, via string) (Outcome, error) {
	now := s.Clock.Now()
	paid, err := t.after(TradeMoney, now)
	if err != nil {
		return "", err
	}
	paid.TransactionID, paid.PaidFen, paid.PaidAt = told.TransactionID, told.AmountFen, told.PaidAt
	if paid.PaidAt.IsZero() {
		paid.PaidAt = now
	}
	if paid, err = s.Store.AdvanceTrade(ctx, paid, t.State); err != nil {
		return "", err
	}
	if err := s.awaitReceipt(ctx, paid, now); err != nil {
		return "", err
	}
	outcome := OutcomePaid
	switch {
	case o.State == OrderClosed:
		outcome = OutcomePaidLate
	case !o.payable():
		outcome = OutcomePaidTwice
	}
	err = s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.trade.paid", "fee_trades", string(t.ID), string(outcome)).
		About(t.PayerID).Noting("order", string(o.ID)).Noting("via", via).Noting("provider", string(t.Provider)))
	if err != nil {
		return "", err
	}
	if outcome == OutcomePaidTwice {
		return outcome, s.requestRefund(ctx, paid, WhyDouble, now)
	}
	from := o.State
	if o, err = o.after(MoneyCame, now); err != nil {
		return "", err
	}
	o.TradeID, o.PayerID, o.PaidAt = paid.ID, paid.PayerID, paid.PaidAt
	if o, err = s.Store.AdvanceOrder(ctx, o, from); err != nil {
		return "", err
	}
	if outcome == OutcomePaidLate {
		return outcome, s.requestRefund(ctx, paid, WhyLate, now)
	}
	return outcome, s.tellPaid(ctx, o, paid, now)
}

// tellPaid tells who asked for the fee, then the payer, unless the money goes back at once.
func (s *Service) tellPaid(ctx context.Context, o Order, t Trade, now time.Time) error {
	if err := s.record(ctx, o, "payment.order.paid", map[string]string{"trade": string(t.ID)}); err != nil {
		return err
	}
	if err := s.Claimant.Paid(ctx, o.Cause, o.PaidAt); err != nil {
		return fmt.Errorf("payment: paid, but not taken: %w", err)
	}
	o, err := s.Store.Order(ctx, o.ID)
	if err != nil || o.State != OrderPaid {
		return err
	}
	return s.Store.AddNotice(ctx, notice.Draft{
		Cause: paidCause(o), Kind: notice.FeePaid, PersonID: t.PayerID, Object: "fee_order", ObjectID: o.ID, At: now, FactAt: t.PaidAt,
		Params: map[string]string{"amount": t.PaidFen.Yuan()},
	})
}

// paidCause names the notice that an order is paid.
func paidCause(o Order) string { return "fee:" + string(o.ID) + ":paid" }

// settleRefund does what a provider says of a refund. It must run in a transaction.
func (s *Service) settleRefund(ctx context.Context, provider ProviderName, told RefundTold, via string) (Outcome, error) {
	r, err := s.Store.RefundByNumber(ctx, told.Number)
	if errors.Is(err, models.ErrNotFound) {
		return OutcomeUnknown, s.nobodys(ctx)
	}
	if err != nil {
		return "", err
	}
	o, err := s.Store.LockOrder(ctx, r.OrderID)
	if err != nil {
		return "", err
	}
	t, err := s.Store.Trade(ctx, r.TradeID)
	if err == nil {
		r, err = s.Store.Refund(ctx, r.ID)
	}
	switch {
	case err != nil:
		return "", err
	case t.Provider != provider || told.TradeNumber != t.Number:
		return OutcomeUnknown, s.held(ctx, OutcomeUnknown, aboutRefund, t)
	case told.MerchantID != t.MerchantID:
		return OutcomeMerchant, s.held(ctx, OutcomeMerchant, aboutRefund, t)
	case r.State == RefundSucceeded || told.State == r.State && told.Stage == r.Stage:
		return OutcomeRepeated, nil
	case told.AmountFen != r.AmountFen:
		return OutcomeAmount, s.held(ctx, OutcomeAmount, aboutRefund, t)
	case told.State == r.State:
		return s.moveStage(ctx, o, t, r, told, via)
	}
	return s.moveRefund(ctx, o, t, r, told, via)
}

func (s *Service) moveRefund(ctx context.Context, o Order, t Trade, r Refund, told RefundTold, via string) (Outcome, error) {
	now := s.Clock.Now()
	on := map[RefundState]RefundEvent{RefundProcessing: RefundTaken, RefundSucceeded: RefundDone, RefundAbnormal: RefundFailed}[told.State]
	next, err := r.after(on, now)
	if err != nil {
		return OutcomeRepeated, nil //nolint:nilerr // a word that was overtaken
	}
	next.ProviderRef, next.Stage = told.ProviderRef, told.Stage
	if next.State == RefundSucceeded {
		if next.DoneAt = told.DoneAt; next.DoneAt.IsZero() {
			next.DoneAt = now
		}
	}
	if next, err = s.Store.AdvanceRefund(ctx, next, r.State); err != nil {
		return "", err
	}
	err = s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.refund.moved", "fee_refunds", string(r.ID), string(next.State)).
		About(t.PayerID).Noting("order", string(o.ID)).Noting("via", via))
	if err != nil {
		return "", err
	}
	if next.State == RefundSucceeded && (r.State == RefundAbnormal || !r.AlarmedAt.IsZero()) { // what the case was opened for is over
		if err := s.Cases.SettleCase(ctx, refundStuck(r)); err != nil {
			return "", err
		}
	}
	switch next.State {
	case RefundSucceeded:
		return OutcomeRefunded, s.refunded(ctx, o, t, next, now)
	case RefundAbnormal:
		return OutcomeRefundMoved, s.refundAlarm(ctx, t, next)
	}
	return OutcomeRefundMoved, nil
}

// moveStage notes how far an application for a refund has come.
func (s *Service) moveStage(ctx context.Context, o Order, t Trade, r Refund, told RefundTold, via string) (Outcome, error) {
	now := s.Clock.Now()
	r.Stage, r.ProviderRef, r.UpdatedAt = told.Stage, told.ProviderRef, now
	if _, err := s.Store.AdvanceRefund(ctx, r, r.State); err != nil {
		return "", err
	}
	return OutcomeRefundMoved, s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.refund.moved", "fee_refunds", string(r.ID), string(r.State)).
		About(t.PayerID).Noting("order", string(o.ID)).Noting("via", via).Noting("stage", string(r.Stage)))
}

// refunded ends the order whose money went back, and tells the payer.
func (s *Service) refunded(ctx context.Context, o Order, t Trade, r Refund, now time.Time) error {
	if err := s.wantReversal(ctx, t, now); err != nil {
		return err
	}
	var replaces []string
	if o.TradeID == t.ID {
		replaces = []string{paidCause(o), receiptCause(t.ID)} // what has not left yet would be false now
	}
	if o.TradeID == t.ID && o.State == OrderRefunding {
		from := o.State
		o, err := o.after(RefundFinished, now)
		if err != nil {
			return err
		}
		o.EndedAt = r.DoneAt
		if o, err = s.Store.AdvanceOrder(ctx, o, from); err != nil {
			return err
		}
		if err := s.record(ctx, o, "payment.order.refunded", map[string]string{"why": r.Reason}); err != nil {
			return err
		}
	}
	return s.Store.AddNotice(ctx, notice.Draft{
		Cause: "fee_refund:" + string(r.ID) + ":done", Kind: notice.FeeRefunded, PersonID: t.PayerID, Object: "fee_order", ObjectID: o.ID, At: now, FactAt: r.DoneAt,
		Params: map[string]string{"amount": r.AmountFen.Yuan(), "reason": refundReasons[r.Reason]}, Replaces: replaces,
	})
}
