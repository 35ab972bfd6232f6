package paymenttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
)

// behaviours are what the service counts on.
var behaviours = map[string]func(t *testing.T, b *Bench){
	"a trade nobody made is unknown": func(t *testing.T, b *Bench) {
		_, err := b.Ask(t.Context(), b.trade())
		require.ErrorIs(t, err, payment.ErrTradeUnknown)
		require.NoError(t, b.Close(t.Context(), b.trade()), "and closed already")
	},
	"prepared twice is one trade": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		again, err := b.Prepare(t.Context(), tr, b.Payer)
		require.NoError(t, err)
		require.Equal(t, tr.Ref, again)
		params, err := b.ClientParams(t.Context(), tr)
		require.NoError(t, err)
		require.NotEmpty(t, params)
	},
	"a lost answer to prepare makes no second trade": func(t *testing.T, b *Bench) {
		b.Loses(t, Prepare)
		tr := b.trade()
		_, err := b.Prepare(t.Context(), tr, b.Payer)
		require.ErrorIs(t, err, models.ErrUnavailable)
		tr.Ref, err = b.Prepare(t.Context(), tr, b.Payer)
		require.NoError(t, err)
		b.Pay(t, tr, 0)
		require.Equal(t, payment.ToldPaid, b.state(t, tr))
	},
	"another amount under the same number is refused": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		tr.AmountFen++
		_, err := b.Prepare(t.Context(), tr, b.Payer)
		require.ErrorIs(t, err, models.ErrUnavailable)
	},
	"looked at is not paid": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		require.Equal(t, payment.ToldUnpaid, b.state(t, tr), "nobody has opened it")
		b.Open(t, tr)
		told, err := b.Ask(t.Context(), tr)
		require.NoError(t, err)
		require.Equal(t, payment.ToldUnpaid, told.State)
		require.Empty(t, b.Notices(t))
	},
	"query and notice say the same of money": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 1)
		told, err := b.Ask(t.Context(), tr)
		require.NoError(t, err)
		require.NotEmpty(t, told.TransactionID)
		require.Equal(t, payment.Told{Number: tr.Number, AppID: tr.AppID, MerchantID: b.MerchantID(), AmountFen: fee, Currency: "CNY", State: payment.ToldPaid,
			TransactionID: told.TransactionID, PaidAt: b.Clock.Now()}, told)
		came := b.Notices(t)
		require.Len(t, came, 1)
		require.Equal(t, b.Name(), came[0].Provider)
		require.Equal(t, told, *came[0].Trade)
	},
	"repeated notices carry one id": func(t *testing.T, b *Bench) {
		b.paid(t, 3)
		came := b.Notices(t)
		require.Len(t, came, 3)
		require.NotEmpty(t, came[0].ID)
		require.Equal(t, came[0], came[1])
		require.Equal(t, came[0], came[2])
	},
	"what is paid is not prepared again and not closed": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		_, err := b.Prepare(t.Context(), tr, b.Payer)
		require.ErrorIs(t, err, payment.ErrTradePaid)
		require.ErrorIs(t, b.Close(t.Context(), tr), payment.ErrTradePaid)
		require.Equal(t, payment.ToldPaid, b.state(t, tr))
	},
	"closed twice is closed, and takes no money": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		b.Open(t, tr)
		require.NoError(t, b.Close(t.Context(), tr))
		require.NoError(t, b.Close(t.Context(), tr))
		require.Equal(t, payment.ToldClosed, b.state(t, tr))
		require.True(t, b.PayFails(tr))
	},
	"a lost answer to close closes once": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		b.Open(t, tr)
		b.Loses(t, Close)
		require.ErrorIs(t, b.Close(t.Context(), tr), models.ErrUnavailable)
		require.NoError(t, b.Close(t.Context(), tr))
		require.Equal(t, payment.ToldClosed, b.state(t, tr))
	},
	"nobody pays after its time": func(t *testing.T, b *Bench) {
		tr := b.prepared(t)
		b.Clock.Advance(31 * time.Minute)
		require.True(t, b.PayFails(tr))
		require.NoError(t, b.Close(t.Context(), tr))
		require.NotEqual(t, payment.ToldPaid, b.state(t, tr))
	},
	"refunded twice is one refund": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		r := b.back(tr)
		first := b.followed(t, tr, r)
		require.Equal(t, []any{r.Number, tr.Number, b.MerchantID(), fee}, []any{first.Number, first.TradeNumber, first.MerchantID, first.AmountFen})
		require.Equal(t, first, b.followed(t, tr, r))
		asked, err := b.AskRefund(t.Context(), tr, r)
		require.NoError(t, err)
		require.Equal(t, first, asked)
		require.Len(t, b.refundsIn(t), 1)
	},
	"a lost answer to a refund makes no second one": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		b.Loses(t, Refund)
		_, err := b.Refund(t.Context(), tr, b.back(tr))
		require.ErrorIs(t, err, models.ErrUnavailable)
		b.followed(t, tr, b.back(tr))
		require.Len(t, b.refundsIn(t), 1)
	},
	"a failure of the system is no word about money": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		b.Refuses(t, Ask)
		_, err := b.Ask(t.Context(), tr)
		require.ErrorIs(t, err, models.ErrUnavailable)
		b.Refuses(t, Refund)
		_, err = b.Refund(t.Context(), tr, b.back(tr))
		require.ErrorIs(t, err, models.ErrUnavailable)
		b.Refuses(t, Prepare)
		_, err = b.Prepare(t.Context(), b.trade(), b.Payer)
		require.ErrorIs(t, err, models.ErrUnavailable)
	},
	"money that went back had come": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		b.followed(t, tr, b.back(tr))
		told, err := b.Ask(t.Context(), tr)
		require.NoError(t, err)
		require.Equal(t, payment.ToldPaid, told.State)
		require.Equal(t, fee, told.AmountFen)
	},
	"a refund that waits is not done": func(t *testing.T, b *Bench) {
		tr := b.paid(t, 0)
		r := b.back(tr)
		b.HoldRefunds(true)
		for range 2 {
			told, err := b.Refund(t.Context(), tr, r)
			if err != nil {
				require.ErrorIs(t, err, models.ErrUnavailable)
			}
			require.NotEqual(t, payment.RefundSucceeded, told.State)
		}
		b.SettleRefunds(t)
		came := b.Notices(t)
		require.Len(t, came, 1)
		require.NotNil(t, came[0].Refund)
		require.Equal(t, b.followed(t, tr, r), *came[0].Refund, "notice and query say the same")
	},
	"a bill holds what came and what went back": func(t *testing.T, b *Bench) {
		day := models.DateOf(b.Clock.Now())
		kept, gone, lost := b.paid(t, 0), b.paid(t, 0), b.paid(t, 0)
		b.prepared(t)
		b.followed(t, gone, b.back(gone))
		b.Unbilled(t, lost)
		b.Clock.Advance(24 * time.Hour)
		line := func(tr payment.Trade, refund string) payment.BillLine {
			told, err := b.Ask(t.Context(), tr)
			require.NoError(t, err)
			return payment.BillLine{Number: tr.Number, TransactionID: told.TransactionID, RefundNumber: refund, AmountFen: fee}
		}
		lines, err := b.Bill(t.Context(), day)
		require.NoError(t, err)
		require.ElementsMatch(t, []payment.BillLine{line(kept, ""), line(gone, ""), line(gone, b.back(gone).Number)}, lines)
		lines, err = b.Bill(t.Context(), models.DateOf(b.Clock.Now().AddDate(0, 0, -7)))
		require.NoError(t, err)
		require.Empty(t, lines, "a day on which nothing happened")
	},
}

// refundsIn are the refunds in today's bill, read tomorrow.
func (b *Bench) refundsIn(t *testing.T) (out []payment.BillLine) {
	t.Helper()
	day := models.DateOf(b.Clock.Now())
	b.Clock.Advance(24 * time.Hour)
	lines, err := b.Bill(t.Context(), day)
	require.NoError(t, err)
	for _, l := range lines {
		if l.RefundNumber != "" {
			out = append(out, l)
		}
	}
	return out
}
