// Package paymenttest holds what every provider of payments must do, whoever it is: one table of behaviours against an
// adapter and the other side it speaks to.
package paymenttest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
)

// Bench is one adapter with its other side.
type Bench struct {
	payment.Provider
	Clock *models.ManualClock
	Payer payment.Account
	// Open lets the payer look at a trade in her wallet without paying.
	Open func(t *testing.T, trade payment.Trade)
	// Pay lets her pay it and sends its notice so often.
	Pay func(t *testing.T, trade payment.Trade, notices int)
	// PayFails reports that the other side lets nobody pay it any more.
	PayFails func(trade payment.Trade) bool
	// Notices reads all that came so far.
	Notices func(t *testing.T) []payment.Notice
	// Loses makes the other side do the next call of a kind and lose its answer; Refuses makes it fail with its own word
	// for a failure of the system.
	Loses, Refuses func(t *testing.T, call Call)
	// HoldRefunds makes refunds wait until SettleRefunds, which sends the notice of each once.
	HoldRefunds   func(hold bool)
	SettleRefunds func(t *testing.T)
	// Unbilled leaves a trade out of its day's bill.
	Unbilled func(t *testing.T, trade payment.Trade)
}

// Call is a kind of call.
type Call string

// The kinds.
const (
	Prepare Call = "prepare"
	Ask     Call = "ask"
	Close   Call = "close"
	Refund  Call = "refund"
)

// fee is what every trade of the table is for.
const fee models.Fen = 1600

func (b *Bench) trade() payment.Trade {
	id := models.NewID()
	number := []byte{}
	for i := range len(id) {
		if id[i] != '-' {
			number = append(number, id[i])
		}
	}
	return payment.Trade{ID: id, Provider: b.Name(), Number: string(number), AppID: b.Terms(b.Payer).AppID, MerchantID: b.MerchantID(), Channel: b.Payer.Platform,
		AmountFen: fee, PaidFen: fee, Item: payment.ReplacementItem, ExpiresAt: b.Clock.Now().Add(30 * time.Minute)}
}

func (b *Bench) prepared(t *testing.T) payment.Trade {
	t.Helper()
	tr := b.trade()
	var err error
	tr.Ref, err = b.Prepare(t.Context(), tr, b.Payer)
	require.NoError(t, err)
	require.NotEmpty(t, tr.Ref)
	return tr
}

func (b *Bench) paid(t *testing.T, notices int) payment.Trade {
	t.Helper()
	tr := b.prepared(t)
	b.Pay(t, tr, notices)
	return tr
}

func (b *Bench) state(t *testing.T, tr payment.Trade) payment.ToldState {
	t.Helper()
	told, err := b.Ask(t.Context(), tr)
	if errors.Is(err, payment.ErrTradeUnknown) {
		return payment.ToldUnpaid // as the port's user reads it: it may still come
	}
	require.NoError(t, err)
	return told.State
}

func (b *Bench) back(tr payment.Trade) payment.Refund {
	return payment.Refund{ID: models.NewID(), Number: "R" + tr.Number, TradeID: tr.ID, AmountFen: fee, Reason: "rejected"}
}

// followed tells about a refund until it has an answer, as the sweep does.
func (b *Bench) followed(t *testing.T, tr payment.Trade, r payment.Refund) payment.RefundTold {
	t.Helper()
	for range 5 {
		told, err := b.Refund(t.Context(), tr, r)
		if err == nil && told.State == payment.RefundProcessing {
			told, err = b.AskRefund(t.Context(), tr, r)
		}
		if err == nil && told.State == payment.RefundSucceeded {
			return told
		}
		require.True(t, err == nil || errors.Is(err, models.ErrUnavailable), "%v", err)
	}
	require.Fail(t, "the refund does not come to its end")
	return payment.RefundTold{}
}

// Conform runs the table. start makes a fresh bench for each behaviour.
func Conform(t *testing.T, start func(t *testing.T) *Bench) {
	t.Helper()
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behaves(t, start(t))
		})
	}
}
