package wechatpay_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

func TestAFeeIsPaidByHandAtThePretendTill(t *testing.T) {
	t.Parallel()
	r := start(t)
	tr := r.prepared(t)
	at := func(method, target, form string) string {
		req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		r.platform.Handler().ServeHTTP(w, req)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	page := "/cashier?prepay_id=" + url.QueryEscape(tr.Ref)
	require.Contains(t, at("GET", page, ""), "16.00")
	require.Contains(t, at("POST", "/cashier", "result=cancel&prepay_id="+tr.Ref), "没有扣款")
	require.Contains(t, at("POST", "/cashier", "result=fail&prepay_id="+tr.Ref), "支付失败")
	require.Contains(t, at("POST", "/cashier", "result=pay&prepay_id="+tr.Ref), "支付成功")
	n, err := r.read(r.came(t))
	require.NoError(t, err)
	require.Equal(t, payment.ToldPaid, n.Trade.State)
	require.Contains(t, at("GET", page, ""), "已支付或已关闭")
	require.Contains(t, at("POST", "/cashier", "result=pay&prepay_id="+tr.Ref), "已支付或已关闭", "nobody pays twice")
	require.Contains(t, at("POST", "/cashier", "result=pay"), "不存在", "no trade is named")
}
