package payment

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/flow"
	"onecard/models/notice"
)

// ReceiptState is the state of a fiscal e-receipt (财政电子票据).
type ReceiptState string

// The states of a receipt.
const (
	ReceiptAwaited  ReceiptState = "awaited"      // the money came; without a receipt nothing may be charged, so it is asked for until it is there
	ReceiptIssued   ReceiptState = "issued"       // by the finance platform's signed word
	ReceiptReversed ReceiptState = "red_reversed" // 冲红: the money went back
)

// ReceiptEvent is what happens to a receipt.
type ReceiptEvent string

// The events of a receipt.
const (
	ReceiptCame ReceiptEvent = "receipt_came"
	ReceiptRed  ReceiptEvent = "reversed"
)

// ReceiptFlow is the table of a receipt.
var ReceiptFlow = flow.New("fiscal receipt", ReceiptAwaited,
	flow.Edge[ReceiptState, ReceiptEvent]{From: ReceiptAwaited, On: ReceiptCame, To: ReceiptIssued},
	flow.Edge[ReceiptState, ReceiptEvent]{From: ReceiptAwaited, On: ReceiptRed, To: ReceiptReversed},
	flow.Edge[ReceiptState, ReceiptEvent]{From: ReceiptIssued, On: ReceiptRed, To: ReceiptReversed},
)

// Receipt is the fiscal e-receipt of one trade that was paid as non-tax revenue. It names the card's holder.
type Receipt struct {
	TradeID   models.ID
	OrderID   models.ID
	Code      string // 票据代码
	Number    string // 票据号码
	CheckCode string // 校验码
	URL       string // where it can be seen; empty where the platform has no such page
	State     ReceiptState
	Version   int
	IssuedAt  time.Time
	AlarmedAt time.Time
	OpenedAt  time.Time
	DueAt     time.Time // zero: nothing is waited for
	Attempt   int
	UpdatedAt time.Time
}

// ReceiptTold is the finance platform's signed word about a receipt.
type ReceiptTold struct {
	TradeNumber string
	MerchantID  string
	Code        string
	Number      string
	CheckCode   string
	URL         string
	State       ReceiptState // issued or red_reversed
	IssuedAt    time.Time
}

// ErrNoReceipt is a trade whose receipt has not been issued yet.
var ErrNoReceipt = errors.New("provider: no receipt yet")

// Receipted is a provider that issues fiscal receipts.
type Receipted interface {
	// AskReceipt: ErrNoReceipt.
	AskReceipt(ctx context.Context, t Trade) (ReceiptTold, error)
}

// Receipts are the receipts. A trade has one.
type Receipts interface {
	CreateReceipt(ctx context.Context, r Receipt) error
	// ReceiptOf: models.ErrNotFound.
	ReceiptOf(ctx context.Context, trade models.ID) (Receipt, error)
	AdvanceReceipt(ctx context.Context, r Receipt, from ReceiptState) (Receipt, error)
	// DueReceipts lists those that are awaited, and those whose reversal is.
	DueReceipts(ctx context.Context, at time.Time, limit int) ([]Receipt, error)
	// ClaimReceipt puts the next question off; models.ErrConflict when another worker was first.
	ClaimReceipt(ctx context.Context, r Receipt, next time.Time) (Receipt, error)
}

// awaitReceipt writes down, with the payment, that a receipt must come.
func (s *Service) awaitReceipt(ctx context.Context, t Trade, now time.Time) error {
	if t.Provider != NonTax {
		return nil
	}
	return s.Store.CreateReceipt(ctx, Receipt{TradeID: t.ID, OrderID: t.OrderID, State: ReceiptAwaited, OpenedAt: now, DueAt: now, UpdatedAt: now})
}

// settleReceipt does what the finance platform says of a receipt. It must run in a transaction.
func (s *Service) settleReceipt(ctx context.Context, provider ProviderName, told ReceiptTold, via string) (Outcome, error) {
	t, err := s.Store.TradeByNumber(ctx, provider, told.TradeNumber)
	if errors.Is(err, models.ErrNotFound) {
		return OutcomeUnknown, s.nobodys(ctx)
	}
	if err != nil {
		return "", err
	}
	o, err := s.Store.LockOrder(ctx, t.OrderID)
	if err != nil {
		return "", err
	}
	r, err := s.Store.ReceiptOf(ctx, t.ID)
	switch {
	case told.MerchantID != t.MerchantID:
		return OutcomeMerchant, s.held(ctx, OutcomeMerchant, aboutReceipt, t)
	case errors.Is(err, models.ErrNotFound):
		return OutcomeNoMoney, nil // a receipt ahead of its payment: the sweep asks for it again
	case err != nil:
		return "", err
	case told.Code == "" || told.Number == "" || told.CheckCode == "":
		return "", ErrCallbackBody
	case r.State != ReceiptAwaited && (r.Code != told.Code || r.Number != told.Number):
		return OutcomeSecondNumber, s.held(ctx, OutcomeSecondNumber, aboutReceipt, t)
	}
	on := map[ReceiptState]ReceiptEvent{ReceiptIssued: ReceiptCame, ReceiptReversed: ReceiptRed}[told.State]
	next, err := ReceiptFlow.Next(r.State, on)
	if err != nil {
		return OutcomeRepeated, nil //nolint:nilerr // known before, or a word that was overtaken
	}
	from, now := r.State, s.Clock.Now()
	if r.DueAt, err = s.afterReceipt(ctx, t, next, now); err != nil {
		return "", err
	}
	r.State, r.Code, r.Number, r.CheckCode, r.URL, r.IssuedAt, r.UpdatedAt = next, told.Code, told.Number, told.CheckCode, told.URL, told.IssuedAt, now
	if _, err := s.Store.AdvanceReceipt(ctx, r, from); err != nil {
		return "", err
	}
	if !r.AlarmedAt.IsZero() && from == ReceiptAwaited { // what the case was opened for has come
		if err := s.Cases.SettleCase(ctx, receiptMissing(t.ID)); err != nil {
			return "", err
		}
	}
	if err := s.tellReceipt(ctx, o, r, now); err != nil {
		return "", err
	}
	return OutcomeReceipt, s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "payment.receipt.moved", "fee_receipts", string(t.ID), string(next)).
		About(t.PayerID).Noting("order", string(t.OrderID)).Noting("via", via))
}

// tellReceipt tells the card's holder, whom the receipt names, that it is there: by its number, no name. One whose money is
// on its way back is about to be reversed, and nobody is told of it.
func (s *Service) tellReceipt(ctx context.Context, o Order, r Receipt, now time.Time) error {
	if r.State != ReceiptIssued || o.State != OrderPaid || o.TradeID != r.TradeID {
		return nil
	}
	return s.Store.AddNotice(ctx, notice.Draft{
		Cause: receiptCause(r.TradeID), Kind: notice.FeeReceipt, PersonID: o.SubjectID, Object: "fee_order", ObjectID: o.ID, At: now, FactAt: r.IssuedAt,
		Params: map[string]string{"number": r.Number},
	})
}

// receiptMissing names the case of a receipt that does not come.
func receiptMissing(trade models.ID) string { return "fee_receipt:" + string(trade) }

// receiptCause names the notice that a trade's receipt was issued.
func receiptCause(trade models.ID) string { return "fee_receipt:" + string(trade) + ":issued" }

// afterReceipt is when a receipt is asked about next: never, unless its money went back already and it must be reversed.
func (s *Service) afterReceipt(ctx context.Context, t Trade, state ReceiptState, now time.Time) (time.Time, error) {
	if state != ReceiptIssued {
		return time.Time{}, nil
	}
	refunds, err := s.Store.RefundsOf(ctx, t.OrderID)
	for _, r := range refunds {
		if r.TradeID == t.ID && r.State == RefundSucceeded {
			return now, err
		}
	}
	return time.Time{}, err
}

// wantReversal makes the receipt of money that went back be asked about until it is reversed.
func (s *Service) wantReversal(ctx context.Context, t Trade, now time.Time) error {
	r, err := s.Store.ReceiptOf(ctx, t.ID)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil || r.State != ReceiptIssued {
		return err
	}
	r.DueAt, r.UpdatedAt = now, now
	_, err = s.Store.AdvanceReceipt(ctx, r, r.State)
	return err
}

// SweepReceipts asks for receipts that have not come, and for the reversal of those whose money went back. It returns how
// many it asked about.
func (s *Service) SweepReceipts(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.DueReceipts(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, r := range due {
		errs = append(errs, ignoreConflict(s.sweepReceipt(ctx, r, now)))
	}
	return len(due), errors.Join(errs...)
}

func (s *Service) sweepReceipt(ctx context.Context, r Receipt, now time.Time) error {
	t, err := s.Store.Trade(ctx, r.TradeID)
	if err != nil {
		return err
	}
	p, next := s.provider(t.Provider), now.Add(s.backOff(r.Attempt))
	if p == nil {
		next = now.Add(askRarely)
	}
	if r, err = s.Store.ClaimReceipt(ctx, r, next); err != nil {
		return err
	}
	if err := s.watchReceipt(ctx, t, r, now); err != nil {
		return err
	}
	if p == nil {
		return s.providerGone(ctx, t, "receipt")
	}
	issuer, ok := p.(Receipted)
	if !ok {
		return ErrPayChannel
	}
	call, cancel := context.WithTimeout(ctx, s.set.CallProvider)
	defer cancel()
	told, err := issuer.AskReceipt(call, t)
	if errors.Is(err, ErrNoReceipt) {
		return nil
	}
	if err != nil {
		return err
	}
	if told.TradeNumber != t.Number {
		return s.held(ctx, OutcomeOther, aboutReceipt, t)
	}
	_, err = s.again(func() (o Outcome, err error) {
		err = s.Store.InTx(ctx, func(ctx context.Context) (err error) {
			o, err = s.settleReceipt(ctx, t.Provider, told, "query")
			return err
		})
		return o, err
	})
	return err
}

// watchReceipt alarms, once, about a receipt that does not come: charging without one is not allowed.
func (s *Service) watchReceipt(ctx context.Context, t Trade, r Receipt, now time.Time) error {
	if r.State != ReceiptAwaited || !r.AlarmedAt.IsZero() || now.Sub(r.OpenedAt) < s.set.ReceiptAlarm {
		return nil
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Store.LockOrder(ctx, r.OrderID); err != nil {
			return err
		}
		have, err := s.Store.ReceiptOf(ctx, r.TradeID)
		if err != nil || have.State != ReceiptAwaited {
			return err
		}
		have.AlarmedAt, have.UpdatedAt = now, now
		if _, err := s.Store.AdvanceReceipt(ctx, have, have.State); err != nil {
			return err
		}
		s.Store.AfterCommit(ctx, func() {
			s.Watch.Alarm("FEE_RECEIPT_MISSING", 1)
			s.Log.ErrorContext(ctx, "a fee is paid and has no fiscal receipt", "code", "FEE_RECEIPT_MISSING", "trade", t.ID)
		})
		_, err = s.Store.OpenCase(ctx, receiptMissing(t.ID), "receipt_missing", t.PayerID, "fee_trades", string(t.ID))
		return err
	})
}
