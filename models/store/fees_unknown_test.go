package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

// forgets makes the provider say that it knows no such trade, as Alipay does before the payer has opened it.
func (b *fakeBank) forgets(number string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.trades, number)
}

func TestR49_ATradeThatNobodyOpenedYetMayStillBePaid(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.bank.forgets(tr.Number)
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "withdrawn"))
		r.sweeps(t)
		have, err := r.db.Fees().Trade(t.Context(), tr.ID)
		require.NoError(t, err)
		require.Equal(t, payment.TradeOpen, have.State, "what a provider does not know cannot be closed there")
		r.bank.pays(tr.Number, r.clock.Now())
		r.clock.Advance(5 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.OrderRefunding, r.fee(t).State, "found by asking, without its notice")
	})
}

func TestATradeThatNobodyOpenedInTimeIsClosed(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.bank.forgets(tr.Number)
		r.clock.Advance(time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.OrderPaying, r.fee(t).State)
		r.clock.Advance(30 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.OrderCreated, r.fee(t).State)
	})
}
