package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

// lyingBank answers questions with words that do not fit.
type lyingBank struct {
	*fakeBank
	told   func(*payment.Told)
	refund func(*payment.RefundTold)
}

func (b *lyingBank) Ask(ctx context.Context, t payment.Trade) (payment.Told, error) {
	told, err := b.fakeBank.Ask(ctx, t)
	if err == nil && b.told != nil {
		b.told(&told)
	}
	return told, err
}

func (b *lyingBank) Refund(ctx context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	told, err := b.fakeBank.Refund(ctx, t, r)
	if err == nil && b.refund != nil {
		b.refund(&told)
	}
	return told, err
}

// lies puts such a bank in the rig.
func (r *feeRig) lies() *lyingBank {
	b := &lyingBank{fakeBank: r.bank}
	r.Providers[0] = b
	return b
}

// held are the alarms, audit rows and open cases of words that do not fit.
func (r *feeRig) held(t *testing.T) []int {
	t.Helper()
	return []int{r.watch.codes["PAYMENT_HELD"], r.count(t, "SELECT count(*) FROM audit_entries WHERE action = 'payment.trade.held'"),
		r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'payment_held' AND state = 'received'")}
}

// An answer that does not fit is one alarm, one row and one case, however many rounds it is asked for again.
func TestR63_AnAnswerThatDoesNotFitIsHeldOnce(t *testing.T) {
	t.Parallel()
	for want, lie := range map[payment.Outcome]func(*payment.Told){
		payment.OutcomeAmount:   func(told *payment.Told) { told.State, told.AmountFen = payment.ToldPaid, 1599 },
		payment.OutcomeApp:      func(told *payment.Told) { told.State, told.AppID = payment.ToldPaid, "wx-other" },
		payment.OutcomeMerchant: func(told *payment.Told) { told.State, told.MerchantID = payment.ToldPaid, "1900000002" },
		payment.OutcomeOther: func(told *payment.Told) {
			told.State, told.Number = payment.ToldPaid, "0123456789abcdef0123456789abcdef"
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			eachFee(t, func(t *testing.T, r *feeRig) {
				tr := r.begin(t, r.me())
				bank := r.lies()
				bank.told = lie
				for range 5 {
					r.clock.Advance(5 * time.Minute)
					r.sweeps(t)
				}
				require.Equal(t, []int{1, 1, 1}, r.held(t))
				require.Equal(t, 1, r.count(t, "SELECT count(*) FROM audit_entries WHERE action = 'payment.trade.held' AND result = $1", string(want)))
				require.Equal(t, payment.OrderPaying, r.fee(t).State)
				require.Empty(t, r.claimant.paid)
				have, err := r.db.Fees().Trade(t.Context(), tr.ID)
				require.NoError(t, err)
				if want == payment.OutcomeAmount {
					require.Equal(t, payment.TradeHeld, have.State)
					return
				}
				require.Equal(t, payment.TradeOpen, have.State, "asked on: the next answer may fit")
				r.bank.pays(tr.Number, r.clock.Now())
				bank.told = nil
				r.clock.Advance(5 * time.Minute)
				r.sweeps(t)
				require.Equal(t, payment.OrderPaid, r.fee(t).State)
				require.Equal(t, []int{1, 1, 1}, r.held(t), "the case stays until a person closes it")
			})
		})
	}
}

// What is said of somebody else's trade closes none of ours.
func TestAnAnswerThatDoesNotFitClosesNoTrade(t *testing.T) {
	t.Parallel()
	for _, lie := range []func(*payment.Told){
		func(told *payment.Told) { told.State, told.AppID = payment.ToldClosed, "wx-other" },
		func(told *payment.Told) { told.State, told.MerchantID = payment.ToldClosed, "1900000002" },
		func(told *payment.Told) {
			told.State, told.Number = payment.ToldClosed, "0123456789abcdef0123456789abcdef"
		},
	} {
		eachFee(t, func(t *testing.T, r *feeRig) {
			tr := r.begin(t, r.me())
			r.lies().told = lie
			r.clock.Advance(time.Minute)
			r.sweeps(t)
			have, err := r.db.Fees().Trade(t.Context(), tr.ID)
			require.NoError(t, err)
			require.Equal(t, payment.TradeOpen, have.State)
			require.Equal(t, []int{1, 1, 1}, r.held(t))
		})
	}
}

// The same of a refund: told again under its number each round, held once.
func TestR49_AnAnswerAboutARefundThatDoesNotFitIsHeldOnce(t *testing.T) {
	t.Parallel()
	for want, lie := range map[payment.Outcome]func(*payment.RefundTold){
		payment.OutcomeMerchant: func(told *payment.RefundTold) { told.MerchantID = "1900000002" },
		payment.OutcomeAmount:   func(told *payment.RefundTold) { told.AmountFen = 1 },
		payment.OutcomeUnknown:  func(told *payment.RefundTold) { told.TradeNumber = "0123456789abcdef0123456789abcdef" },
		payment.OutcomeOther:    func(told *payment.RefundTold) { told.Number = "R0123456789abcdef0123456789abcdef" },
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			eachFee(t, func(t *testing.T, r *feeRig) {
				require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(r.begin(t, r.me()))))
				require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
				r.lies().refund = lie
				for range 4 {
					r.clock.Advance(5 * time.Minute)
					r.sweeps(t)
				}
				require.Equal(t, []int{1, 1, 1}, r.held(t))
				require.Equal(t, payment.RefundRequested, r.fee(t).RefundState)
			})
		})
	}
}

// Two reasons are two cases, and the same reason in a notice that is sent again is none more.
func TestR63_ANoticeThatDoesNotFitIsHeldOnceForEachReason(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		for range 3 {
			require.Equal(t, payment.OutcomeApp, r.take(t, r.notice(tr, func(told *payment.Told) { told.AppID = "wx-other" })))
			require.Equal(t, payment.OutcomeMerchant, r.take(t, r.notice(tr, func(told *payment.Told) { told.MerchantID = "1900000002" })))
		}
		require.Equal(t, []int{2, 2, 2}, r.held(t))
		calls := make([]func() error, 6)
		for i := range calls {
			calls[i] = func() error {
				_, err := r.TakeNotice(context.Background(), r.notice(tr, func(told *payment.Told) { told.AmountFen = 1 }))
				return err
			}
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Equal(t, []int{3, 3, 3}, r.held(t))
	})
}
