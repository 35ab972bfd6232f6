package scenario

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/integrations/sandbox/nontax"
	"onecard/models/policy"
)

// fiscal posts what the pretend bureau would.
func fiscal(t *testing.T, to string, s nontax.Sealed) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(s.Body))
	require.NoError(t, err)
	req.Header = s.Header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

func TestR21_AFeeIsPaidByCodeAndHasItsReceipt(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	set(t, r, policy.FeeRoute, "non_tax")
	wang := r.Fresh("alipay_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	r.Desk.City.NonTax.HoldReceipts(true)
	begun := wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	require.Equal(t, "non_tax", begun.Text("provider"))
	code := begun.Text("params", "paymentCode")
	require.Regexp(t, `^\d{20}$`, code)
	require.Equal(t, code, wang.Post(fee+"/payment", nil).Is(http.StatusCreated).Text("params", "paymentCode"))

	done := r.Happens("nontax_pay", "", map[string]any{"trade": code, "notices": 8})
	require.InDelta(t, 8, done.At("taken"), 0)
	seen := wang.Get(fee).Is(http.StatusOK)
	require.Equal(t, []string{"paid", "awaited", "财政电子票据正在开具"}, []string{seen.Text("state"), seen.Text("receipt", "state"), seen.Text("receipt", "label")})
	require.Len(t, r.Decisions("payment.order.paid"), 1, "R63: one transition")
	require.Equal(t, 1, r.Told("wang", "已支付", "16.00元"))
	r.Happens("nontax_receipt", "", nil)
	seen = wang.Get(fee)
	require.Equal(t, []string{"issued", "财政电子票据已开具"}, []string{seen.Text("receipt", "state"), seen.Text("receipt", "label")})
	require.Regexp(t, `^\d{8}$`, seen.Text("receipt", "code"))
	require.Regexp(t, `^\d{10}$`, seen.Text("receipt", "number"))
	require.NotEmpty(t, seen.Text("receipt", "check_code"))
	require.Equal(t, 1, r.Told("wang", "财政电子票据已开具", "票据号码"+seen.Text("receipt", "number")))

	r.Desk.City.NonTax.HoldRefunds(true)
	require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "rejected"))
	r.Fault("non_tax", "lose_reply", map[string]any{"op": "POST /v1/refunds", "times": 1})
	r.Eventually(func() bool { return wang.Get(fee).Text("refunds", 0, "stage") == "applied" })
	refund := func() []string {
		seen := wang.Get(fee)
		require.Len(t, seen.List("refunds"), 1, "R49")
		return []string{seen.Text("state"), seen.Text("refunds", 0, "label"), seen.Text("refunds", 0, "stage")}
	}
	require.Equal(t, []string{"refunding", "已申请退付", "applied"}, refund())
	r.Happens("nontax_refund", "", map[string]any{"status": "approved"})
	require.Equal(t, []string{"refunding", "已申请退付", "approved"}, refund(), "approved is not money")
	r.Happens("nontax_refund", "", map[string]any{"status": "paid_back"})
	require.Equal(t, []string{"refunded", "已退付", "paid_back"}, refund())
	r.Eventually(func() bool { return wang.Get(fee).Text("receipt", "state") == "red_reversed" })
	require.Equal(t, 1, r.Told("wang", "原路退回", "16.00元"))

	r.Later(25 * time.Hour)
	var bills []string
	for _, d := range r.Decisions("payment.bill.compared") {
		if d.ObjectID == "2021-12-20" && d.Note("provider") == "non_tax" {
			bills = append(bills, d.Note("lines")+" lines, "+d.Note("differences")+" differ")
		}
	}
	require.Equal(t, []string{"2 lines, 0 differ"}, bills)
}

func TestR63_FiscalNoticesThatAreNotOurMoneyChangeNothing(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	set(t, r, policy.FeeRoute, "non_tax")
	wang := r.Fresh("wechat_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	r.Happens("nontax_pay", "", map[string]any{"notices": 0})
	platform := r.Desk.City.NonTax
	with := func(key, value string) (nontax.Sealed, string) {
		s, to, err := platform.NoticeOf("", func(c map[string]any) { c[key] = value })
		require.NoError(t, err)
		return s, to
	}
	unit, to := with("unit", "410300000000")
	item, _ := with("item", "999")
	cheap, _ := with("amount", "15.99")
	forged := nontax.Sealed{Header: unit.Header, Body: cheap.Body}
	require.Equal(t, http.StatusUnauthorized, fiscal(t, to, forged))
	require.Equal(t, http.StatusUnprocessableEntity, fiscal(t, to, platform.Sign([]byte(`{"id":"1","kind":"demand"}`))))
	require.Equal(t, http.StatusRequestEntityTooLarge, fiscal(t, to, platform.Sign(make([]byte, 65<<10))))
	require.Equal(t, http.StatusOK, fiscal(t, to, unit))
	require.Equal(t, http.StatusOK, fiscal(t, to, item))
	require.Equal(t, "paying", wang.Get(fee).Text("state"))
	require.Len(t, r.Decisions("payment.trade.held"), 2)
	require.Equal(t, http.StatusOK, fiscal(t, to, cheap))
	r.Later(time.Minute)
	require.Equal(t, "paying", wang.Get(fee).Text("state"), "held: a person decides")
	require.Len(t, r.Decisions("payment.trade.held"), 3)
}

func TestWithoutACollectingUnitTheNonTaxRouteIsRefused(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.NonTax.UnitCode = "" }))
	wang := r.Fresh("wechat_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	set(t, r, policy.FeeRoute, "non_tax")
	payable, err := r.App.Payments.Payable(t.Context())
	require.NoError(t, err)
	require.False(t, payable, "of which the operator is warned at start")
	wang.Post(fee+"/payment", nil).Refused(http.StatusServiceUnavailable, "FEE_ROUTE_NOT_AVAILABLE")
	require.Equal(t, http.StatusUnauthorized, fiscal(t, r.API+"/callbacks/nontax", nontax.Sealed{Header: http.Header{}, Body: []byte("{}")}))
}
