package alipay_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/payment"
	"onecard/models/payment/paymenttest"
)

func TestR63_AlipayIsAProvider(t *testing.T) {
	t.Parallel()
	for mode, certificates := range map[string]bool{"keys": false, "certificates": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			paymenttest.Conform(t, func(t *testing.T) *paymenttest.Bench { t.Helper(); return payStart(t, certificates).bench() })
		})
	}
}

func TestR21_WhatTheMiniProgramIsGiven(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	tr := r.prepared(t)
	params, err := r.ClientParams(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"tradeNO": tr.Ref}, params)
	require.Equal(t, []bool{true, true, false}, []bool{r.Takes(models.AlipayMini), r.Takes(models.AlipayLife), r.Takes(models.WechatMini)})
	tr.AppID = "2021000000000099"
	_, err = r.Prepare(t.Context(), tr, r.payer())
	require.ErrorIs(t, err, payment.ErrPayChannel, "an app that is ours no more")
	told, err := r.Ask(t.Context(), r.paidOf(t, tr.Number))
	require.NoError(t, err)
	require.Equal(t, payment.ToldPaid, told.State)
}

// paidOf lets a trade that was prepared be paid.
func (r payRig) paidOf(t *testing.T, number string) payment.Trade {
	t.Helper()
	_, err := r.platform.Pay(number, 0)
	require.NoError(t, err)
	tr := r.trade()
	tr.Number = number
	return tr
}

func TestR63_OnlyThePlatformsOwnFormsAreRead(t *testing.T) {
	t.Parallel()
	for mode, certificates := range map[string]bool{"keys": false, "certificates": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := payStart(t, certificates)
			r.paid(t)
			n, err := r.read(t, r.form(t, nil))
			require.NoError(t, err)
			require.Equal(t, payment.Alipay, n.Provider)
			altered := func(key, value string) url.Values {
				form := r.form(t, nil)
				form.Set(key, value)
				return form
			}
			for name, form := range map[string]url.Values{
				"amount changed":            altered("total_amount", "0.01"),
				"signature changed":         altered("sign", "AAAA"),
				"no signature":              altered("sign", ""),
				"not base64":                altered("sign", "%%%"),
				"another kind of signature": altered("sign_type", "RSA"),
				"another app of ours":       altered("app_id", lifeID),
				"an app of nobody":          r.form(t, func(f url.Values) { f.Set("app_id", "2021000000000099") }),
				"another certificate":       altered("alipay_cert_sn", "0123456789abcdef0123456789abcdef"),
				"a field added":             altered("refund_fee", "16.00"),
				"empty":                     {},
			} {
				_, err := r.read(t, form)
				require.ErrorIs(t, err, payment.ErrCallback, name)
			}
			twice := r.form(t, nil)
			twice["total_amount"] = append(twice["total_amount"], "0.01")
			_, err = r.read(t, twice)
			require.ErrorIs(t, err, payment.ErrCallback, "a field that stands twice")
			hidden := r.form(t, nil)
			hidden.Set("app_id", hidden.Get("app_id")+"&auth_app_id="+hidden.Get("auth_app_id"))
			hidden.Del("auth_app_id")
			_, err = r.read(t, hidden)
			require.ErrorIs(t, err, payment.ErrCallback, "one field holding another: the signed text is the same")
			hidden = r.form(t, nil)
			hidden.Set("gmt_create", hidden.Get("gmt_create")+"&gmt_payment="+hidden.Get("gmt_payment"))
			hidden.Del("gmt_payment")
			_, err = r.read(t, hidden)
			require.ErrorIs(t, err, payment.ErrCallback, "the payment hidden in another field")
			recut := func(old, fresh url.Values) {
				t.Helper()
				form := r.form(t, func(f url.Values) {
					for k := range old {
						f.Set(k, old.Get(k))
					}
				})
				_, err := r.read(t, form)
				require.NoError(t, err, "as it was signed")
				for k := range old {
					form.Del(k)
				}
				for k := range fresh {
					form.Set(k, fresh.Get(k))
				}
				_, err = r.read(t, form)
				require.ErrorIs(t, err, payment.ErrCallback, "the same signed text, cut into other fields")
			}
			recut(url.Values{"body": {"a=b"}}, url.Values{"body=a": {"b"}})
			recut(url.Values{"gmt_close": {"x"}, "gmt_create": {"y"}}, url.Values{"gmt_close=x&gmt_create": {"y"}})
			paid := r.form(t, nil)
			without := url.Values{}
			for k := range paid {
				without.Set(k, paid.Get(k))
			}
			without.Del("gmt_create")
			without.Del("gmt_payment")
			without.Set("gmt_create="+paid.Get("gmt_create")+"&gmt_payment", paid.Get("gmt_payment"))
			_, err = r.read(t, without)
			require.ErrorIs(t, err, payment.ErrCallback, "the payment hidden in a name")
			_, err = r.Notice(t.Context(), []byte(paid.Encode()+"&total%5famount=0.01"))
			require.ErrorIs(t, err, payment.ErrCallback, "the same name, written otherwise")
			_, err = r.Notice(t.Context(), []byte("a=%zz"))
			require.ErrorIs(t, err, payment.ErrCallback)
		})
	}
}

func TestR63_SignedFormsThatSayNothingWeCanRead(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	r.paid(t)
	for name, change := range map[string]func(url.Values){
		"no id":                 func(f url.Values) { f.Del("notify_id") },
		"an endless id":         func(f url.Values) { f.Set("notify_id", strings.Repeat("x", 129)) },
		"another kind":          func(f url.Values) { f.Set("notify_type", "dut_user_sign") },
		"no trade":              func(f url.Values) { f.Del("out_trade_no") },
		"no amount":             func(f url.Values) { f.Del("total_amount") },
		"a negative amount":     func(f url.Values) { f.Set("total_amount", "-16.00") },
		"three decimals":        func(f url.Values) { f.Set("total_amount", "16.001") },
		"an amount as a power":  func(f url.Values) { f.Set("total_amount", "16e2") },
		"an unknown state":      func(f url.Values) { f.Set("trade_status", "WHO_KNOWS") },
		"no instant":            func(f url.Values) { f.Set("gmt_payment", "yesterday") },
		"a refund of no amount": func(f url.Values) { f.Set("gmt_refund", "2021-12-20 12:00:00.320"); f.Set("out_biz_no", "R1") },
	} {
		_, err := r.read(t, r.form(t, change))
		require.ErrorIs(t, err, payment.ErrCallbackBody, name)
	}
	n, err := r.read(t, r.form(t, func(f url.Values) { f.Set("trade_status", "WAIT_BUYER_PAY") }))
	require.NoError(t, err)
	require.Equal(t, payment.ToldUnpaid, n.Trade.State)
	n, err = r.read(t, r.form(t, func(f url.Values) { f.Set("trade_status", "TRADE_CLOSED"); f.Del("gmt_payment") }))
	require.NoError(t, err)
	require.Equal(t, payment.ToldClosed, n.Trade.State, "nobody paid it")
	n, err = r.read(t, r.form(t, func(f url.Values) { f.Set("trade_status", "TRADE_CLOSED") }))
	require.NoError(t, err)
	require.Equal(t, payment.ToldPaid, n.Trade.State, "a full refund closes a trade: money had come")
	n, err = r.read(t, r.form(t, func(f url.Values) {
		f.Set("gmt_refund", "2021-12-20 12:00:00.320")
		f.Set("refund_fee", "16.00")
		f.Set("out_biz_no", "R1")
	}))
	require.NoError(t, err)
	require.Equal(t, []any{"R1", models.Fen(1600), payment.RefundSucceeded, 320}, []any{n.Refund.Number, n.Refund.AmountFen, n.Refund.State, n.Refund.DoneAt.Nanosecond() / 1e6})
}

func TestR63_ARefusalThatIsNotSignedIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"in its own node": `{"alipay_trade_query_response":{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}}`,
		"as an error":     `{"error_response":{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}}`,
		"as a success":    `{"alipay_trade_query_response":{"code":"10000","msg":"Success","out_trade_no":"0190a00000007000800000000000ab01","trade_status":"TRADE_SUCCESS","total_amount":"16.00"}}`,
		"null":            `{"alipay_trade_query_response":null}`,
	} {
		r := payStart(t, false, always(http.StatusOK, body))
		_, err := r.Ask(t.Context(), r.trade())
		require.ErrorIs(t, err, models.ErrUnavailable, name)
		require.NotErrorIs(t, err, payment.ErrTradeUnknown, name)
		require.Error(t, r.Close(t.Context(), r.trade()), name)
	}
	changed := payStart(t, false, altered(func(b []byte) []byte { return []byte(strings.Replace(string(b), "TRADE_SUCCESS", "TRADE_CLOSED", 1)) }))
	_, err := changed.Ask(t.Context(), changed.paid(t))
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestR49_ATradeWhoseTimeForRefundsIsOver(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	tr := r.paid(t)
	_, err := r.platform.Finish("", 0)
	require.NoError(t, err)
	told, err := r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ToldPaid, told.State)
	back, err := r.Refund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
	require.NoError(t, err)
	require.Equal(t, payment.RefundAbnormal, back.State, "a person gives the money back")
	back, err = r.AskRefund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
	require.NoError(t, err)
	require.Equal(t, payment.RefundAbnormal, back.State)
	require.NoError(t, r.platform.FailNext("alipay.trade.refund", 1, fault.Failure{Mode: fault.Refuse, Code: "ACQ.SELLER_BALANCE_NOT_ENOUGH"}))
	_, err = r.Refund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
	require.ErrorIs(t, err, models.ErrUnavailable, "told again under the same number, once there is money")
	require.ErrorContains(t, err, "ACQ.SELLER_BALANCE_NOT_ENOUGH")
}

func TestAnAlipayThatFailsLeavesTheFateOpen(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	tr := r.paid(t)
	for _, how := range []fault.Failure{
		{Mode: fault.Refuse, Code: "ACQ.SYSTEM_ERROR"}, {Mode: fault.Refuse, Code: "20000"}, {Mode: fault.Status, Status: 502}, {Mode: fault.Garbage}, {Mode: fault.Cut}, {Mode: fault.Hang},
	} {
		require.NoError(t, r.platform.FailNext("", 1, how))
		_, err := r.Refund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
		require.ErrorIs(t, err, models.ErrUnavailable, how.Mode)
		require.NotContains(t, err.Error(), "http://")
	}
	require.NoError(t, r.platform.FailNext("", 1, fault.Failure{Mode: fault.Refuse, Code: "isv.code-invalid"}))
	_, err := r.Ask(t.Context(), tr)
	require.ErrorIs(t, err, models.ErrUnavailable, "a log-in's word is none here")
}

func TestABillThatIsNotTheVendorsIsNotRead(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	day := models.DateOf(r.clock.Now())
	r.paid(t)
	_, err := r.Bill(t.Context(), day)
	require.ErrorIs(t, err, models.ErrUnavailable, "today's is not drawn up yet")
	r.clock.Advance(24 * time.Hour)
	for _, how := range []fault.Failure{{Mode: fault.Garbage}, {Mode: fault.Status, Status: 404}} {
		require.NoError(t, r.platform.FailNext("/bill", 1, how))
		_, err = r.Bill(t.Context(), day)
		require.ErrorIs(t, err, models.ErrUnavailable, how.Mode)
		require.NotContains(t, err.Error(), "token")
	}
	lines, err := r.Bill(t.Context(), day)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	elsewhere := payStart(t, false, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.Host = "bills.example.com" // the signed answer names the host it was called by
			next.ServeHTTP(w, req)
		})
	})
	elsewhere.paid(t)
	elsewhere.clock.Advance(24 * time.Hour)
	_, err = elsewhere.Bill(t.Context(), day)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "not at the vendor's")
}

func TestAlipaySettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	r := payStart(t, false)
	for name, change := range map[string]func(*configs.Alipay, *alipay.Deps){
		"no merchant":     func(c *configs.Alipay, _ *alipay.Deps) { c.SellerID = "" },
		"no app":          func(c *configs.Alipay, _ *alipay.Deps) { c.Apps = nil },
		"gateway":         func(c *configs.Alipay, _ *alipay.Deps) { c.GatewayURL = "ftp://x" },
		"no certificates": func(_ *configs.Alipay, d *alipay.Deps) { d.KeysAllowed = false },
	} {
		cfg, deps := r.cfg, r.deps
		change(&cfg, &deps)
		_, err := alipay.NewPay(cfg, r.notify, deps)
		require.Error(t, err, name)
	}
	_, err := alipay.NewPay(r.cfg, r.notify+"?x=1", r.deps)
	require.Error(t, err)
}

func FuzzAlipayNotice(f *testing.F) {
	for _, seed := range []string{"", "a=b", "sign=&sign_type=RSA2", "app_id=" + miniID + "&sign_type=RSA2&sign=AAAA", "sign=AAAA&sign=AAAA", "%"} {
		f.Add([]byte(seed))
	}
	p := fuzzPay(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, err := p.Notice(t.Context(), body); err == nil {
			t.Fatalf("nobody signed this: %v", n.ID)
		}
	})
}
