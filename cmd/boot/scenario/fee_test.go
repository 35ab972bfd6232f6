package scenario

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/integrations/sandbox/wechatpay"
	"onecard/models"
	"onecard/models/payment"
)

// feeFor opens a fee as another capability does, and gives its path.
func feeFor(t *testing.T, r *boottest.Rig, c *boottest.Citizen, cause string) string {
	t.Helper()
	var person string
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT CAST(id AS text) FROM persons WHERE ref = $1", c.PersonRef).Scan(&person))
	id, err := r.App.Payments.OpenFee(t.Context(), payment.FeeDraft{Cause: cause, SubjectID: models.ID(person), AmountFen: 1600,
		Basis: "豫发改收费〔2019〕195号", Item: payment.ReplacementItem})
	require.NoError(t, err)
	return "/v1/fee-orders/" + string(id)
}

// send posts what the pretend platform would.
func send(t *testing.T, to string, s wechatpay.Sealed) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(s.Body))
	require.NoError(t, err)
	req.Header = s.Header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

func TestR21_AFeeIsPaidInWeChatAndGoesBackOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, li := r.Fresh("wechat_mini", "wang"), r.Fresh("wechat_mini", "li")
	fee := feeFor(t, r, wang, "replacement:0001")
	li.Get(fee).Refused(http.StatusNotFound, "FEE_ORDER_NOT_FOUND")
	li.Post(fee+"/payment", nil).Refused(http.StatusNotFound, "FEE_ORDER_NOT_FOUND")
	require.Equal(t, "created", wang.Get(fee).Is(http.StatusOK).Text("state"))

	begun := wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	require.Equal(t, "RSA", begun.Text("params", "signType"))
	require.NotEmpty(t, begun.Text("params", "paySign"))
	require.Equal(t, begun.Text("params", "package"), wang.Post(fee+"/payment", nil).Is(http.StatusCreated).Text("params", "package"))
	require.Equal(t, "paying", wang.Get(fee).Text("state"), "not paid because a client says so")

	done := r.Happens("wechat_pay", "", map[string]any{"notices": 8})
	require.InDelta(t, 8, done.At("taken"), 0, "each is answered as taken")
	seen := wang.Get(fee).Is(http.StatusOK)
	require.Equal(t, []string{"paid", "已支付"}, []string{seen.Text("state"), seen.Text("label")})
	require.Len(t, r.Decisions("payment.order.paid"), 1, "R63: one transition")
	require.Equal(t, 1, r.Told("wang", "已支付", "16.00元"))
	wang.Post(fee+"/payment", nil).Refused(http.StatusConflict, "FEE_ALREADY_PAID")

	for range 3 {
		require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "rejected"))
	}
	r.Fault("wechat_pay", "lose_reply", map[string]any{"op": "POST /v3/refund/domestic/refunds", "times": 1})
	r.Eventually(func() bool { return wang.Get(fee).Text("state") == "refunded" })
	seen = wang.Get(fee)
	require.Equal(t, []string{"succeeded", "补换卡没有通过"}, []string{seen.Text("refunds", 0, "state"), seen.Text("refunds", 0, "reason")})
	require.Len(t, seen.List("refunds"), 1, "R49")
	require.Equal(t, 1, r.Told("wang", "原路退回", "16.00元"))
}

func TestR63_NoticesThatAreNotOurMoneyChangeNothing(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	r.Happens("wechat_pay", "", map[string]any{"notices": 0})
	require.Equal(t, "paying", wang.Get(fee).Text("state"), "its notice is lost")
	platform := r.Desk.City.WeChatPay
	amount := func(fen int) func(map[string]any) {
		return func(c map[string]any) { c["amount"] = map[string]any{"total": fen, "currency": "CNY"} }
	}
	app, _, err := platform.NoticeOf("", func(c map[string]any) { c["appid"] = "wx-other" })
	require.NoError(t, err)
	merchant, _, err := platform.NoticeOf("", func(c map[string]any) { c["mchid"] = "1900000001" })
	require.NoError(t, err)
	cheap, to, err := platform.NoticeOf("", amount(1599))
	require.NoError(t, err)
	forged := wechatpay.Sealed{Header: app.Header.Clone(), Body: cheap.Body}
	require.Equal(t, http.StatusUnauthorized, send(t, to, forged))
	require.Equal(t, http.StatusUnprocessableEntity, send(t, to, platform.Sign([]byte(`{"id":"1","event_type":"TRANSACTION.SUCCESS"}`))))
	require.Equal(t, http.StatusRequestEntityTooLarge, send(t, to, platform.Sign(make([]byte, 65<<10))))
	require.Equal(t, http.StatusOK, send(t, to, app))
	require.Equal(t, http.StatusOK, send(t, to, merchant))
	require.Equal(t, "paying", wang.Get(fee).Text("state"))
	require.Len(t, r.Decisions("payment.trade.held"), 2)

	r.Later(time.Minute)
	require.Equal(t, "paid", wang.Get(fee).Text("state"), "the query tells, without a notice")
	require.Equal(t, http.StatusOK, send(t, to, cheap))
	require.Equal(t, "paid", wang.Get(fee).Text("state"))
	require.Len(t, r.Decisions("payment.order.paid"), 1)

	r.Later(25 * time.Hour)
	lines := map[string]string{}
	for _, d := range r.Decisions("payment.bill.compared") {
		if d.Note("provider") == "wechat_pay" {
			lines[d.ObjectID] = d.Note("lines") + " lines, " + d.Note("differences") + " differ"
		}
	}
	require.Equal(t, "1 lines, 0 differ", lines["2021-12-20"])
}

func TestR49_MoneyForAFeeThatIsNotOwedGoesBackByItself(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	fee := feeFor(t, r, wang, "replacement:0001")
	wang.Post(fee+"/payment", nil).Is(http.StatusCreated)
	require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "withdrawn"))
	wang.Post(fee+"/payment", nil).Refused(http.StatusConflict, "FEE_CLOSED")
	taken, err := r.Desk.City.WeChatPay.Pay("", 1) // before the platform was told
	require.NoError(t, err)
	require.Equal(t, 1, taken)
	r.Eventually(func() bool { return wang.Get(fee).Text("state") == "refunded" })
	require.Equal(t, 1, r.Told("wang", "原路退回", "缴费已关闭"))
	require.Zero(t, r.Told("wang", "已支付社会保障卡"))
}

func TestR21_ADaughterPaysForHerMotherByALink(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, li := r.Fresh("wechat_mini", "wang"), r.Fresh("wechat_mini", "li")
	fee := feeFor(t, r, wang, "replacement:0001")
	li.Post(fee+"/links", nil).Refused(http.StatusNotFound, "FEE_ORDER_NOT_FOUND")
	link := wang.Post(fee+"/links", nil).Is(http.StatusCreated).Text("link")
	path := "/v1/fee-links/" + link
	r.Nobody().Get(path).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	for _, bad := range []string{link[:len(link)-2] + "AA", "AA" + link[2:], link[1:], "x"} {
		li.Get("/v1/fee-links/"+bad).Refused(http.StatusNotFound, "FEE_LINK_INVALID")
	}
	seen := li.Get(path).Is(http.StatusOK)
	require.Equal(t, []string{"社会保障卡补(换)卡工本费", "王*国"}, []string{seen.Text("item"), seen.Text("holder")})
	require.NotContains(t, string(seen.Raw), wang.PersonRef)
	li.Post(path+"/payment", nil).Is(http.StatusCreated)
	r.Happens("wechat_pay", "", nil)
	require.Equal(t, "paid", wang.Get(fee).Text("state"))
	require.Equal(t, 1, r.Told("li", "已支付", "16.00元"), "who pays is told")
	require.Equal(t, "paid", li.Get(fee).Is(http.StatusOK).Text("state"), "and may look at it from now on")

	require.NoError(t, r.App.Payments.ReturnFee(t.Context(), "replacement:0001", "rejected"))
	r.Eventually(func() bool { return li.Get(fee).Text("state") == "refunded" })
	require.Equal(t, 1, r.Told("li", "原路退回", "16.00元"), "R49: to the payer")
	r.Later(25 * time.Hour)
	li.Get(path).Refused(http.StatusNotFound, "FEE_LINK_INVALID")
}
