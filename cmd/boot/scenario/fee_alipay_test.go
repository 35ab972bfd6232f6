package scenario

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
)

// post sends a form as the pretend platform would, and gives the answer's status and text.
func post(t *testing.T, to string, form url.Values) (int, string) {
	t.Helper()
	res, err := http.PostForm(to, form)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestR21_AFeeIsPaidInAlipayAndGoesBackOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, li := r.Fresh("alipay_mini", "wang"), r.Fresh("alipay_mini", "li")
	fee := feeFor(t, r, wang, "replacement:0001")
	li.Post(fee+"/payment", nil).Refused(http.StatusNotFound, "FEE_ORDER_NOT_FOUND")

	begun := wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	require.Equal(t, "alipay", begun.Text("provider"))
	ref := begun.Text("params", "tradeNO")
	require.NotEmpty(t, ref)
	require.Equal(t, ref, wang.Post(fee+"/payment", nil).Is(http.StatusCreated).Text("params", "tradeNO"))
	r.Later(time.Minute) // the platform says that there is no such trade: she has not opened it
	require.Equal(t, "paying", wang.Get(fee).Text("state"))

	r.Happens("alipay_pay", "", map[string]any{"trade": ref, "failed": true})
	require.Equal(t, "paying", wang.Get(fee).Text("state"), "her balance is not enough, which another card may be")
	done := r.Happens("alipay_pay", "", map[string]any{"trade": ref, "notices": 8})
	require.InDelta(t, 8, done.At("taken"), 0, "each is answered with success")
	require.Equal(t, "paid", wang.Get(fee).Is(http.StatusOK).Text("state"))
	require.Len(t, r.Decisions("payment.order.paid"), 1, "R63: one transition")
	require.Equal(t, 1, r.Told("wang", "已支付", "16.00元"))
	wang.Post(fee+"/payment", nil).Refused(http.StatusConflict, "FEE_ALREADY_PAID")

	for range 3 {
		require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "rejected"))
	}
	r.Fault("alipay", "lose_reply", map[string]any{"op": "alipay.trade.refund", "times": 1})
	r.Eventually(func() bool { return wang.Get(fee).Text("state") == "refunded" })
	seen := wang.Get(fee)
	require.Equal(t, []string{"succeeded", "补换卡没有通过"}, []string{seen.Text("refunds", 0, "state"), seen.Text("refunds", 0, "reason")})
	require.Len(t, seen.List("refunds"), 1, "R49")
	require.Equal(t, 1, r.Told("wang", "原路退回", "16.00元"))

	form, to, err := r.Desk.City.Alipay.NoticeOf(ref, nil) // closed, by the refund: it comes after everything else
	require.NoError(t, err)
	require.Equal(t, "TRADE_CLOSED", form.Get("trade_status"))
	status, text := post(t, to, form)
	require.Equal(t, []any{http.StatusOK, "success"}, []any{status, text})
	require.Equal(t, "refunded", wang.Get(fee).Text("state"))
	require.Equal(t, 1, r.Told("wang", "原路退回", "16.00元"))
	requireBill(t, r, "2 lines, 0 differ")
}

// requireBill waits for the day after the demo's first and looks how Alipay's bill of that day compared.
func requireBill(t *testing.T, r *boottest.Rig, want string) {
	t.Helper()
	r.Later(25 * time.Hour)
	var got []string
	for _, d := range r.Decisions("payment.bill.compared") {
		if d.ObjectID == "2021-12-20" && d.Note("provider") == "alipay" {
			got = append(got, d.Note("lines")+" lines, "+d.Note("differences")+" differ")
		}
	}
	require.Equal(t, []string{want}, got)
}

func TestR63_FormsThatAreNotOurMoneyChangeNothing(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("alipay_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	platform := r.Desk.City.Alipay
	early, to, err := platform.NoticeOf("", nil)
	require.NoError(t, err)
	r.Happens("alipay_pay", "", map[string]any{"notices": 0})
	form := func(change func(url.Values)) url.Values {
		out, _, err := platform.NoticeOf("", change)
		require.NoError(t, err)
		return out
	}
	set := func(key, value string) url.Values { return form(func(f url.Values) { f.Set(key, value) }) }
	forged := form(nil)
	forged.Set("total_amount", "0.01")
	for name, c := range map[string]struct {
		form url.Values
		want int
	}{
		"forged":                {forged, http.StatusUnauthorized},
		"for an app of nobody":  {set("app_id", "2021000000000099"), http.StatusUnauthorized},
		"with nothing in it":    {url.Values{}, http.StatusUnauthorized},
		"signed, about nothing": {form(func(f url.Values) { f.Del("out_trade_no") }), http.StatusUnprocessableEntity},
		"oversized":             {url.Values{"body": {strings.Repeat("x", 65<<10)}}, http.StatusRequestEntityTooLarge},
	} {
		status, text := post(t, to, c.form)
		require.Equal(t, c.want, status, name)
		require.NotEqual(t, "success", text, name)
	}
	require.Empty(t, r.Decisions("payment.trade.held"))
	for name, f := range map[string]url.Values{
		"before it was paid, and late": early,
		"to another seller":            set("seller_id", "2088000000000001"),
		"in another app of ours":       set("app_id", "2021000000000002"),
		"about a trade of nobody":      set("out_trade_no", "00000000000000000000000000000000"),
		"closed, and never paid":       form(func(f url.Values) { f.Set("trade_status", "TRADE_CLOSED"); f.Del("gmt_payment") }),
	} {
		status, text := post(t, to, f)
		require.Equal(t, []any{http.StatusOK, "success"}, []any{status, text}, name)
	}
	require.Equal(t, "paying", wang.Get(fee).Text("state"))
	require.Len(t, r.Decisions("payment.trade.held"), 2, "seller and app")
	require.Empty(t, r.Decisions("payment.order.paid"))

	r.Later(time.Minute)
	require.Equal(t, "paid", wang.Get(fee).Text("state"), "the query tells, without a notice")
	status, _ := post(t, to, set("total_amount", "15.99"))
	require.Equal(t, http.StatusOK, status)
	_, err = platform.Finish("", 1)
	require.NoError(t, err)
	require.Equal(t, "paid", wang.Get(fee).Text("state"), "its time for refunds is over, it stays paid")
	require.Len(t, r.Decisions("payment.order.paid"), 1)
	requireBill(t, r, "1 lines, 0 differ")
}

func TestR63_OneFenLessAtAlipayIsHeld(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("alipay_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	r.Happens("alipay_pay", "", map[string]any{"notices": 0})
	form, to, err := r.Desk.City.Alipay.NoticeOf("", func(f url.Values) { f.Set("total_amount", "15.99") })
	require.NoError(t, err)
	status, text := post(t, to, form)
	require.Equal(t, []any{http.StatusOK, "success"}, []any{status, text})
	r.Later(time.Minute)
	require.Equal(t, "paying", wang.Get(fee).Text("state"))
	require.Len(t, r.Decisions("payment.trade.held"), 1)
	require.Zero(t, r.Told("wang", "已支付"))
}

func TestR49_MoneyThatComesInAlipayForAFeeNotOwedGoesBack(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("alipay_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "withdrawn"))
	r.Later(2 * time.Minute) // asked about: the platform does not know it, so nothing could be closed there
	r.Happens("alipay_pay", "", map[string]any{"notices": 0})
	r.Eventually(func() bool { return wang.Get(fee).Text("state") == "refunded" })
	require.Equal(t, 1, r.Told("wang", "原路退回", "缴费已关闭"))
	require.Zero(t, r.Told("wang", "已支付社会保障卡"))
}

func TestWithoutAMerchantAccountAlipayCannotPay(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.Alipay.SellerID = "" }))
	wang := r.Fresh("alipay_mini", "wang")
	wang.Post(feeFor(t, r, wang, "replacement:0001")+"/payment", nil).Refused(http.StatusConflict, "FEE_PAY_ELSEWHERE")
	status, _ := post(t, r.API+"/callbacks/alipay/trade", url.Values{"sign": {"x"}})
	require.Equal(t, http.StatusUnauthorized, status)
}

func TestR49_OfTwoWalletsTheLaterGetsItsMoneyBack(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	atAlipay, atWeChat := r.Fresh("alipay_mini", "wang"), r.Fresh("wechat_mini", "wang")
	fee := feeFor(t, r, atWeChat, "replacement:0001")
	require.Equal(t, "wechat_pay", atWeChat.Post(fee+"/payment", nil).Is(http.StatusCreated).Text("provider"))
	require.Equal(t, "alipay", atAlipay.Post(fee+"/payment", nil).Is(http.StatusCreated).Text("provider"))
	r.Happens("alipay_pay", "", map[string]any{"notices": 1})
	r.Happens("wechat_pay", "", map[string]any{"notices": 1})
	r.Eventually(func() bool { return atAlipay.Get(fee).Text("refunds", 0, "state") == "succeeded" })
	seen := atAlipay.Get(fee)
	require.Equal(t, []string{"paid", "重复支付"}, []string{seen.Text("state"), seen.Text("refunds", 0, "reason")})
	require.Len(t, seen.List("refunds"), 1)
	require.Equal(t, 1, r.Told("wang", "原路退回", "重复支付"))
	requireBill(t, r, "1 lines, 0 differ")
}
