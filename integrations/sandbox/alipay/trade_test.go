package alipay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/alipay"
)

const pid = "2088102146225135"

// shop is a platform with a merchant, and what came to the merchant's address.
type shop struct {
	rig
	to   string
	came chan url.Values
}

func openShop(t *testing.T, answer string) shop {
	t.Helper()
	r := start(t)
	p, err := alipay.New(alipay.Options{People: town, Now: r.clock.Now, Key: r.keys.Platform, Seller: pid,
		Apps: []alipay.App{{ID: "2021000000000001", PublicKey: &r.keys.App.PublicKey}}})
	require.NoError(t, err)
	s := shop{rig: r, came: make(chan url.Values, 8)}
	s.Platform = p
	mux := http.NewServeMux()
	mux.Handle("/", p.Handler())
	mux.HandleFunc("POST /taken", func(w http.ResponseWriter, req *http.Request) {
		_ = req.ParseForm()
		s.came <- req.PostForm
		_, _ = io.WriteString(w, answer)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	s.url, s.to = srv.URL, srv.URL+"/taken"
	return s
}

func (s shop) create(t *testing.T, content string) map[string]any {
	t.Helper()
	_, body := s.call(t, sign(t, s.keys.App, values("2021000000000001", "alipay.trade.create", "notify_url", s.to, "biz_content", content)))
	return body
}

const goods = `{"out_trade_no":"N1","total_amount":"16.00","subject":"工本费","product_code":"JSAPI_PAY","buyer_open_id":"o1","time_expire":"2021-12-20 12:30:00"}`

func TestATradeIsMadeOnceAndOnlyForWhoSigned(t *testing.T) {
	t.Parallel()
	s := openShop(t, "success")
	unsigned := values("2021000000000001", "alipay.trade.create", "notify_url", s.to, "biz_content", goods)
	unsigned.Set("sign", "AAAA")
	_, body := s.call(t, unsigned)
	require.Equal(t, "isv.invalid-signature", body["sub_code"])
	first := s.create(t, goods)
	require.Equal(t, "10000", first["code"])
	require.Equal(t, first["trade_no"], s.create(t, goods)["trade_no"])
	for wrong, want := range map[string]string{
		strings.Replace(goods, "16.00", "16.01", 1):     "ACQ.CONTEXT_INCONSISTENT",
		strings.Replace(goods, "16.00", "1600", 1):      "ACQ.INVALID_PARAMETER",
		strings.Replace(goods, "JSAPI_PAY", "X", 1):     "ACQ.INVALID_PARAMETER",
		strings.Replace(goods, `"o1"`, `""`, 1):         "ACQ.INVALID_PARAMETER",
		strings.Replace(goods, "2021-12-20", "soon", 1): "ACQ.INVALID_PARAMETER",
	} {
		require.Equal(t, want, s.create(t, wrong)["sub_code"], wrong)
	}
	_, body = start(t).call(t, sign(t, s.keys.App, values("2021000000000001", "alipay.trade.query", "biz_content", goods)))
	require.Equal(t, "ACQ.ACCESS_FORBIDDEN", body["sub_code"], "no merchant account")
}

func TestTheCashierPaysAndTheNoticeIsSigned(t *testing.T) {
	t.Parallel()
	s := openShop(t, "success")
	made := s.create(t, goods)
	ref, ok := made["trade_no"].(string)
	require.True(t, ok)
	ask := func() map[string]any {
		_, body := s.call(t, sign(t, s.keys.App, values("2021000000000001", "alipay.trade.query", "biz_content", `{"out_trade_no":"N1"}`)))
		return body
	}
	require.Equal(t, "ACQ.TRADE_NOT_EXIST", ask()["sub_code"], "nobody has opened it")
	page := func(res *http.Response, err error) string {
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(text)
	}
	require.Contains(t, page(http.Get(s.url+"/cashier?trade_no="+ref)), "16.00")
	require.Equal(t, "WAIT_BUYER_PAY", ask()["trade_status"])
	require.Contains(t, page(http.PostForm(s.url+"/cashier", url.Values{"trade_no": {ref}, "result": {"cancel"}})), "6001")
	require.Contains(t, page(http.PostForm(s.url+"/cashier", url.Values{"trade_no": {ref}, "result": {"fail"}})), "4000")
	require.Equal(t, "WAIT_BUYER_PAY", ask()["trade_status"])
	require.Contains(t, page(http.PostForm(s.url+"/cashier", url.Values{"trade_no": {ref}, "result": {"pay"}})), "9000")
	require.Equal(t, "TRADE_SUCCESS", ask()["trade_status"])
	require.Contains(t, page(http.Get(s.url+"/cashier?trade_no="+ref)), "TRADE_NOT_EXIST")

	form := <-s.came
	require.Equal(t, []string{pid, "N1", ref, "16.00", "TRADE_SUCCESS"},
		[]string{form.Get("seller_id"), form.Get("out_trade_no"), form.Get("trade_no"), form.Get("total_amount"), form.Get("trade_status")})
	var pairs []string
	for k := range form {
		if k != "sign" && k != "sign_type" {
			pairs = append(pairs, k+"="+form.Get(k))
		}
	}
	slices.Sort(pairs)
	sum := sha256.Sum256([]byte(strings.Join(pairs, "&")))
	sig, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(&s.keys.Platform.PublicKey, crypto.SHA256, sum[:], sig))
}

func TestANoticeWithAnotherAnswerIsNotTaken(t *testing.T) {
	t.Parallel()
	s := openShop(t, `{"code":"SUCCESS"}`)
	s.create(t, goods)
	taken, err := s.Pay("N1", 2)
	require.NoError(t, err)
	require.Zero(t, taken)
	require.Len(t, s.came, 2)
}
