package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

// A notice of the provider costs one transaction, whatever it says, and asks nobody outside: the provider is gone here.
func TestR63_ANoticeCostsOneCommitAndNoCall(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.bank.silent, r.bank.lose = errors.New("gone"), errors.New("gone")
		one := r.notice(tr)
		for _, c := range []struct {
			n    payment.Notice
			want payment.Outcome
		}{
			{r.notice(tr, func(told *payment.Told) { told.AppID = "wx-other" }), payment.OutcomeApp},
			{one, payment.OutcomePaid}, {one, payment.OutcomeRepeated},
			{r.notice(tr, func(told *payment.Told) { told.Number = "00000000000000000000000000000000" }), payment.OutcomeUnknown},
		} {
			ctx, counted := r.db.CountStatements(t.Context())
			got, err := r.TakeNotice(ctx, c.n)
			require.NoError(t, err)
			require.Equal(t, []any{c.want, 1}, []any{got, counted.Commits()})
			require.LessOrEqual(t, counted.Statements(), 25, c.want)
		}
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		refunds, err := r.db.Fees().RefundsOf(t.Context(), r.order)
		require.NoError(t, err)
		back := &payment.RefundTold{Number: refunds[0].Number, TradeNumber: tr.Number, MerchantID: feeMch, AmountFen: 1600, State: payment.RefundSucceeded}
		ctx, counted := r.db.CountStatements(t.Context())
		got, err := r.TakeNotice(ctx, payment.Notice{Provider: payment.WechatPay, ID: "refund", Refund: back})
		require.NoError(t, err)
		require.Equal(t, []any{payment.OutcomeRefunded, 1}, []any{got, counted.Commits()})
	})
}
