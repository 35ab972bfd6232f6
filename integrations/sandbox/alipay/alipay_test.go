package alipay_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/fault"
)

type people map[string]alipay.Citizen

func (p people) Named() []alipay.Citizen { return []alipay.Citizen{p["wang"]} }
func (p people) Find(key string) (alipay.Citizen, bool) {
	c, ok := p[key]
	return c, ok
}

var town = people{
	"wang": {Key: "wang", Name: "王建国", IDNumber: "410303198001010015", Phone: "13803790001"},
	"li":   {Key: "li", Name: "李秀英", IDNumber: "410303199202020028", Phone: "13803790002"},
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type rig struct {
	*alipay.Platform
	url   string
	clock *clock
	keys  alipay.Keys
}

func start(t *testing.T) rig {
	t.Helper()
	keys, err := alipay.KeysIn("")
	require.NoError(t, err)
	ck := &clock{now: time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)}
	p, err := alipay.New(alipay.Options{People: town, Now: ck.Now, Key: keys.Platform, Apps: []alipay.App{
		{ID: "2021000000000001", PublicKey: &keys.App.PublicKey, AESKey: "AAAAAAAAAAAAAAAAAAAAAA=="},
		{ID: "2021000000000002", PublicKey: &keys.App.PublicKey, AESKey: "AAAAAAAAAAAAAAAAAAAAAA==", UserIDs: true, RedirectHosts: []string{"card.test"}},
	}})
	require.NoError(t, err)
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	return rig{p, srv.URL, ck, keys}
}

func sign(t *testing.T, key *rsa.PrivateKey, v url.Values) url.Values {
	t.Helper()
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var pairs []string
	for _, k := range keys {
		pairs = append(pairs, k+"="+v.Get(k))
	}
	sum := sha256.Sum256([]byte(strings.Join(pairs, "&")))
	s, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	v.Set("sign", base64.StdEncoding.EncodeToString(s))
	return v
}

func values(app, method string, more ...string) url.Values {
	v := url.Values{"app_id": {app}, "method": {method}, "format": {"JSON"}, "charset": {"utf-8"}, "sign_type": {"RSA2"}, "timestamp": {"2021-12-20 12:00:00"}, "version": {"1.0"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// call posts a form and checks the platform's signature over the very bytes of the node.
func (r rig) call(t *testing.T, v url.Values) (node string, body map[string]any) {
	t.Helper()
	res, err := http.PostForm(r.url+"/gateway.do", v)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode, "the vendor answers 200 whatever happened")
	var raw map[string]json.RawMessage
	require.NoError(t, json.NewDecoder(res.Body).Decode(&raw))
	var s string
	require.NoError(t, json.Unmarshal(raw["sign"], &s))
	sig, err := base64.StdEncoding.DecodeString(s)
	require.NoError(t, err)
	for k, data := range raw {
		if k == "sign" {
			continue
		}
		sum := sha256.Sum256(data)
		require.NoError(t, rsa.VerifyPKCS1v15(&r.keys.Platform.PublicKey, crypto.SHA256, sum[:], sig))
		require.NoError(t, json.Unmarshal(data, &body))
		node = k
	}
	return node, body
}

func (r rig) token(t *testing.T, app, code string) (string, map[string]any) {
	t.Helper()
	return r.call(t, sign(t, r.keys.App, values(app, "alipay.system.oauth.token", "grant_type", "authorization_code", "code", code)))
}

func TestAnUnsignedOrForeignRequestIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	good := values("2021000000000001", "alipay.user.certify.open.query", "biz_content", `{"certify_id":"x"}`)
	_, body := r.call(t, good)
	require.Equal(t, "isv.invalid-signature", body["sub_code"], "no signature at all")
	tampered := sign(t, r.keys.App, good)
	tampered.Set("biz_content", `{"certify_id":"y"}`)
	_, body = r.call(t, tampered)
	require.Equal(t, "isv.invalid-signature", body["sub_code"])
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, body = r.call(t, sign(t, other, values("2021000000000001", "alipay.user.certify.open.query")))
	require.Equal(t, "isv.invalid-signature", body["sub_code"])
	_, body = r.call(t, sign(t, r.keys.App, values("2021000000009999", "alipay.user.certify.open.query")))
	require.Equal(t, "isv.invalid-app-id", body["sub_code"])
	_, body = r.call(t, sign(t, r.keys.App, values("2021000000000001", "alipay.trade.burn")))
	require.Equal(t, "isv.invalid-method", body["sub_code"])
}

func TestAnAuthCodeWorksOnceForFiveMinutesInItsOwnApp(t *testing.T) {
	t.Parallel()
	r := start(t)
	code, err := r.AuthCode("2021000000000001", "wang")
	require.NoError(t, err)
	node, body := r.token(t, "2021000000000002", code)
	require.Equal(t, "error_response", node)
	require.Equal(t, "isv.code-invalid", body["sub_code"], "another app's code")
	node, body = r.token(t, "2021000000000001", code)
	require.Equal(t, "alipay_system_oauth_token_response", node)
	require.Equal(t, r.OpenID("2021000000000001", "wang"), body["open_id"])
	require.NotContains(t, body, "user_id", "a new app is told no user_id")
	_, body = r.token(t, "2021000000000001", code)
	require.Equal(t, "isv.code-invalid", body["sub_code"], "used")

	late, _ := r.AuthCode("2021000000000002", "wang")
	r.clock.Advance(5 * time.Minute)
	_, body = r.token(t, "2021000000000002", late)
	require.Equal(t, "isv.code-invalid", body["sub_code"], "too old")
	code, _ = r.AuthCode("2021000000000002", "wang")
	_, body = r.token(t, "2021000000000002", code)
	require.Regexp(t, `^2088\d{12}$`, body["user_id"])
	require.NotEqual(t, r.OpenID("2021000000000001", "wang"), body["open_id"])

	_, info := r.call(t, sign(t, r.keys.App, values("2021000000000002", "alipay.user.info.share", "auth_token", body["access_token"].(string))))
	require.Equal(t, "isv.insufficient-user-permissions", info["sub_code"], "auth_base opens no profile")
}

func TestTheAuthorizePageReturnsACodeAndTheState(t *testing.T) {
	t.Parallel()
	r := start(t)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	look := func(back, more string) (*http.Response, string) {
		res, err := client.Get(r.url + "/oauth2/publicAppAuthorize.htm?app_id=2021000000000002&scope=auth_base&state=s%2F1&redirect_uri=" + url.QueryEscape(back) + more)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res, string(b)
	}
	_, html := look("https://card.test/m/back", "")
	require.Contains(t, html, "王建国")
	require.NotContains(t, html, "410303198001010015")
	res, _ := look("https://card.test/m/back", "&citizen=wang")
	to, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "s/1", to.Query().Get("state"))
	_, body := r.token(t, "2021000000000002", to.Query().Get("auth_code"))
	require.Equal(t, r.OpenID("2021000000000002", "wang"), body["open_id"])
	res, _ = look("https://card.test/m/back", "&deny=1")
	to, _ = res.Location()
	require.False(t, to.Query().Has("auth_code"))
	res, html = look("https://evil.test/", "&citizen=wang")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Contains(t, html, "INVALID_REDIRECT_URI")
}

func TestACertificationIsPassedOnlyByTheOneItNames(t *testing.T) {
	t.Parallel()
	r := start(t)
	const app = "2021000000000001"
	open := func(order string) string {
		content := `{"outer_order_no":"` + order + `","biz_code":"FACE","identity_param":{"identity_type":"CERT_INFO","cert_type":"IDENTITY_CARD","cert_name":"王建国","cert_no":"410303198001010015"},"merchant_config":{"return_url":"https://card.test/m/","face_reserve_strategy":"never"}}`
		_, body := r.call(t, sign(t, r.keys.App, values(app, "alipay.user.certify.open.initialize", "biz_content", content)))
		id, _ := body["certify_id"].(string)
		return id
	}
	query := func(id string) map[string]any {
		_, body := r.call(t, sign(t, r.keys.App, values(app, "alipay.user.certify.open.query", "biz_content", `{"certify_id":"`+id+`"}`)))
		return body
	}
	id := open(strings.Repeat("a", 32))
	require.NotEmpty(t, id)
	require.Empty(t, open(strings.Repeat("a", 32)), "an order number is used once")
	require.Empty(t, open("short"))
	require.Equal(t, "F", query(id)["passed"])
	require.NotContains(t, query(id), "fail_reason")
	require.ErrorIs(t, r.Face("li", true), alipay.ErrNoCheck)
	require.NoError(t, r.Face("wang", true))
	require.Equal(t, "T", query(id)["passed"])
	require.Equal(t, "CERTIFY_ID_NOT_EXIST", query("none")["sub_code"])
	id = open(strings.Repeat("b", 32))
	require.NoError(t, r.Face("wang", false))
	require.Equal(t, "F", query(id)["passed"])
	require.NotEmpty(t, query(id)["fail_reason"])

	id = open(strings.Repeat("c", 32))
	v := sign(t, r.keys.App, values(app, "alipay.user.certify.open.certify", "biz_content", `{"certify_id":"`+id+`"}`))
	res, err := http.Get(r.url + "/gateway.do?" + v.Encode())
	require.NoError(t, err)
	html, _ := io.ReadAll(res.Body)
	require.NoError(t, res.Body.Close())
	require.Contains(t, string(html), "通过")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err = client.PostForm(r.url+"/certify", url.Values{"certify_id": {id}, "result": {"pass"}})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "https://card.test/m/", res.Header.Get("Location"))
	require.Equal(t, "T", query(id)["passed"])
}

func TestFailNextKnowsMethods(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NoError(t, r.FailNext("alipay.system.oauth.token", 1, fault.Failure{Mode: fault.Refuse}))
	code, _ := r.AuthCode("2021000000000001", "wang")
	_, body := r.token(t, "2021000000000001", code)
	require.Equal(t, "20000", body["code"])
	node, _ := r.token(t, "2021000000000001", code)
	require.Equal(t, "alipay_system_oauth_token_response", node, "the refused call spent nothing")
}

func TestKeysAreKeptForTheNextStartAndNotForOthersToRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := alipay.KeysIn(dir)
	require.NoError(t, err)
	again, err := alipay.KeysIn(dir)
	require.NoError(t, err)
	require.True(t, first.App.Equal(again.App))
	require.True(t, first.Platform.Equal(again.Platform))
	require.False(t, first.App.Equal(first.Platform))
	info, err := os.Stat(filepath.Join(dir, "alipay-app.key"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alipay-app.key"), []byte("not a key"), 0o600))
	_, err = alipay.KeysIn(dir)
	require.Error(t, err)
}

// The product's processes read the keys that the desk makes, and all may start at once.
func TestKeysAreMadeOnceHoweverManyAskForThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	got := make([]alipay.Keys, 8)
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() { got[i], errs[i] = alipay.KeysIn(dir) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	for _, k := range got {
		require.True(t, k.App.Equal(got[0].App))
		require.True(t, k.Platform.Equal(got[0].Platform))
	}
	left, err := filepath.Glob(filepath.Join(dir, "new-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
