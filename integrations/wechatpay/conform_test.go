package wechatpay_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/payment"
	"onecard/models/payment/paymenttest"
)

func TestR63_WeChatPayIsAProvider(t *testing.T) {
	t.Parallel()
	paymenttest.Conform(t, func(t *testing.T) *paymenttest.Bench {
		t.Helper()
		r := start(t)
		fails := func(t *testing.T, call paymenttest.Call, how fault.Failure) {
			t.Helper()
			op := map[paymenttest.Call]string{paymenttest.Prepare: "POST /v3/pay/transactions/jsapi", paymenttest.Refund: "POST /v3/refund/domestic/refunds"}[call]
			require.NoError(t, r.platform.Faults().Next(op, 1, how))
		}
		return &paymenttest.Bench{
			Provider: r.Pay, Clock: r.clock, Payer: payment.Account{ID: models.NewID(), Platform: models.WechatMini, AppID: app, OpenID: "o-wang"},
			Open: func(*testing.T, payment.Trade) {},
			Pay: func(t *testing.T, tr payment.Trade, notices int) {
				t.Helper()
				taken, err := r.platform.Pay(tr.Number, notices)
				require.NoError(t, err)
				require.Equal(t, notices, taken)
			},
			PayFails: func(tr payment.Trade) bool { _, err := r.platform.Pay(tr.Number, 0); return err != nil },
			Notices: func(t *testing.T) (out []payment.Notice) {
				t.Helper()
				r.mu.Lock()
				defer r.mu.Unlock()
				for _, s := range *r.inbox {
					n, err := r.read(s)
					require.NoError(t, err)
					out = append(out, n)
				}
				return out
			},
			Loses: func(t *testing.T, call paymenttest.Call) {
				t.Helper()
				fails(t, call, fault.Failure{Mode: fault.LoseReply})
			},
			Refuses: func(t *testing.T, call paymenttest.Call) {
				t.Helper()
				fails(t, call, fault.Failure{Mode: fault.Refuse, Code: "SYSTEM_ERROR"})
			},
			HoldRefunds: r.platform.HoldRefunds,
			SettleRefunds: func(t *testing.T) {
				t.Helper()
				_, err := r.platform.SettleRefund("", "SUCCESS", 1)
				require.NoError(t, err)
			},
			Unbilled: func(t *testing.T, tr payment.Trade) { t.Helper(); require.NoError(t, r.platform.Unbilled(tr.Number)) },
		}
	})
}
