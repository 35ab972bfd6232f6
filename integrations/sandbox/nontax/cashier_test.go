package nontax_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/nontax"
)

const unit = "410300017001"

// shop is a unit before the platform, and the mailbox to which notices come.
type shop struct {
	*nontax.Platform
	t    *testing.T
	key  *rsa.PrivateKey
	url  string
	came chan string
}

func open(t *testing.T) shop {
	t.Helper()
	s := shop{t: t, came: make(chan string, 4)}
	var err error
	s.key, err = rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	platform, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	s.Platform, err = nontax.New(nontax.Options{Unit: unit, Items: []string{"103044733"}, UnitKey: &s.key.PublicKey, Key: platform,
		Now: func() time.Time { return time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC) }})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/nontax/", http.StripPrefix("/nontax", s.Handler()))
	mux.HandleFunc("POST /notify", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.came <- string(body)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// asks sends a signed request of the unit and gives the answer.
func (s shop) asks(method, path string, body map[string]any) map[string]any {
	s.t.Helper()
	data := []byte{}
	if body != nil {
		var err error
		data, err = json.Marshal(body)
		require.NoError(s.t, err)
	}
	at, nonce := strconv.FormatInt(time.Now().Unix(), 10), rand.Text()
	sum := sha256.Sum256([]byte(strings.Join([]string{method, path, at, nonce, string(data)}, "\n")))
	sign, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	require.NoError(s.t, err)
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/nontax"+path, strings.NewReader(string(data)))
	require.NoError(s.t, err)
	for name, value := range map[string]string{"X-Fiscal-Unit": unit, "X-Fiscal-Time": at, "X-Fiscal-Nonce": nonce, "X-Fiscal-Sign": base64.StdEncoding.EncodeToString(sign)} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = res.Body.Close() }()
	out := map[string]any{}
	require.NoError(s.t, json.NewDecoder(res.Body).Decode(&out))
	return out
}

func (s shop) demand(number string) string {
	s.t.Helper()
	made := s.asks(http.MethodPost, "/v1/demands", map[string]any{
		"number": number, "unit": unit, "item": "103044733", "amount": "16.00", "payer_name": "王建国", "purpose": "社会保障卡补(换)卡工本费",
		"expires_at": "2021-12-23T12:00:00+08:00", "notify_url": s.url + "/notify",
	})
	code, ok := made["payment_code"].(string)
	require.True(s.t, ok, made)
	return code
}

func (s shop) stateOf(number string) any {
	s.t.Helper()
	return s.asks(http.MethodGet, "/v1/demands/"+number, nil)["state"]
}

func (s shop) page(res *http.Response, err error) string {
	s.t.Helper()
	require.NoError(s.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	return string(text)
}

func (s shop) taps(code, result string) string {
	s.t.Helper()
	return s.page(http.PostForm(s.url+"/nontax/cashier", url.Values{"code": {code}, "result": {result}}))
}

func TestAPaymentCodeIsPaidByHand(t *testing.T) {
	t.Parallel()
	s := open(t)
	code := s.demand("NO00001")
	require.Contains(t, s.page(http.Get(s.url+"/nontax/cashier")), `name="code"`, "it asks for the code")
	seen := s.page(http.Get(s.url + "/nontax/cashier?code=" + code))
	for _, word := range []string{"16.00", "社会保障卡补(换)卡工本费", unit, code} {
		require.Contains(t, seen, word)
	}
	require.NotContains(t, seen, "王", "who holds a code learns nobody's name")
	require.Contains(t, s.taps(code, "cancel"), "没有扣款")
	require.Contains(t, s.taps(code, "fail"), "可以重新缴款")
	require.Equal(t, "unpaid", s.stateOf("NO00001"))
	require.Empty(t, s.came)
	require.Contains(t, s.taps(code, "pay"), "缴款成功")
	require.Equal(t, "paid", s.stateOf("NO00001"))
	require.Contains(t, <-s.came, `"kind":"demand"`)
	for _, again := range []string{s.taps(code, "pay"), s.taps(code, "fail"), s.page(http.Get(s.url + "/nontax/cashier?code=" + code))} {
		require.Contains(t, again, "已缴款或已失效")
	}
	require.Empty(t, s.came, "paid once")
}

// The page opens what a code opens: the number of a demand, or none, pays nobody's.
func TestOnlyACodePays(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.demand("NO00002")
	for _, name := range []string{"", "NO00002", "41030000000000000000", "<b>"} {
		for _, seen := range []string{s.taps(name, "pay"), s.taps(name, "cancel")} {
			require.Contains(t, seen, "缴款码不存在")
			require.NotContains(t, seen, "<b>")
		}
	}
	require.Equal(t, "unpaid", s.stateOf("NO00002"))
	require.Equal(t, "void", s.asks(http.MethodPost, "/v1/demands/NO00002/void", nil)["state"])
	voided := s.demand("NO00003")
	s.asks(http.MethodPost, "/v1/demands/NO00003/void", nil)
	require.Contains(t, s.taps(voided, "pay"), "已失效")
	require.Empty(t, s.came)
}
