package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

// goes takes a provider out of the settings.
func (r *feeRig) goes(name payment.ProviderName) {
	var left []payment.Provider
	for _, p := range r.Providers {
		if p.Name() != name {
			left = append(left, p)
		}
	}
	r.Providers = left
}

// A provider that is taken out of the settings: others' refunds go on, its own are a case each, and nobody reads that her
// money is on its way by itself.
func TestR49_AProviderThatIsGoneHoldsUpNobodyElsesMoneyAndSaysSo(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		f.says(payment.StageApplied, payment.ReceiptIssued)
		lost := r.begin(t, r.me())
		r.bank.pays(lost.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))

		r.route = "merchant"
		d := r.draft()
		d.Cause = "replacement:0002"
		second, err := r.OpenFee(t.Context(), d)
		require.NoError(t, err)
		b, err := r.BeginPayment(t.Context(), r.me(), second)
		require.NoError(t, err)
		require.Equal(t, payment.WechatPay, b.Trade.Provider)
		r.take(t, r.notice(b.Trade))
		require.NoError(t, r.ReturnFee(t.Context(), d.Cause, "rejected"))

		r.goes(payment.NonTax)
		for range 4 {
			r.rounds(t, 2*time.Hour)
			r.bank.refundsAre(payment.RefundSucceeded)
		}
		other, err := r.FeeOf(t.Context(), d.Cause)
		require.NoError(t, err)
		require.Equal(t, payment.OrderRefunded, other.State, "another provider's refund goes on")
		require.Equal(t, payment.RefundRequested, r.fee(t).RefundState)
		require.Equal(t, 1, r.watch.codes["FEE_PROVIDER_GONE"])
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'provider_gone' AND object_id = $1", string(lost.ID)))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM audit_entries WHERE action = 'payment.trade.provider_gone'"))
		v := r.view(t)
		require.Contains(t, v.Advice, "之前使用的支付渠道已停用")
		require.Contains(t, v.Advice, "12333")
		require.NotContains(t, v.Advice, "原路")
		require.Equal(t, []string{"支付渠道已停用,工作人员正在处理退款", "支付渠道已停用,工作人员正在处理退款"}, []string{v.RefundLabel(v.Refunds[0]), r.fee(t).RefundLabel})

		r.Providers = append(r.Providers, f)
		f.says(payment.StagePaid, payment.ReceiptReversed)
		r.rounds(t, 2*time.Hour)
		v = r.view(t)
		require.Equal(t, []any{payment.OrderRefunded, "已退付"}, []any{v.Order.State, v.RefundLabel(v.Refunds[0])}, "back in the settings, it ends by itself")
		require.Equal(t, 1, r.watch.codes["FEE_PROVIDER_GONE"])
	})
}

// Whoever had begun to pay there is told not to pay twice blindly, and may pay elsewhere.
func TestAPaymentBegunAtAProviderThatIsGone(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		atBureau(r)
		begun := r.begin(t, r.me())
		r.goes(payment.NonTax)
		r.route = "merchant"
		for range 3 {
			r.rounds(t, 2*time.Hour)
		}
		require.Equal(t, 1, r.watch.codes["FEE_PROVIDER_GONE"])
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'provider_gone' AND object_id = $1", string(begun.ID)))
		v := r.view(t)
		require.Equal(t, payment.OrderPaying, v.Order.State)
		require.True(t, v.Payable)
		for _, words := range []string{"支付渠道已停用", "不要重复支付", "12333", "可重新支付"} {
			require.Contains(t, v.Advice, words)
		}
		require.Equal(t, payment.WechatPay, r.begin(t, r.me()).Provider)
	})
}

// A bill, a receipt and a link's view of a provider that is gone fail nobody.
func TestAReceiptOfAProviderThatIsGoneIsACase(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		atBureau(r)
		tr := r.begin(t, r.me())
		r.bank.pays(tr.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		require.Equal(t, payment.ReceiptAwaited, r.view(t).Receipt.State)
		r.goes(payment.NonTax)
		r.rounds(t, 25*time.Hour)
		r.rounds(t, 25*time.Hour)
		require.Equal(t, []int{1, 1}, []int{r.watch.codes["FEE_PROVIDER_GONE"], r.watch.codes["FEE_RECEIPT_MISSING"]})
		_, err := r.CompareBills(t.Context())
		require.NoError(t, err)
		require.Equal(t, payment.OrderPaid, r.view(t).Order.State)
	})
}
