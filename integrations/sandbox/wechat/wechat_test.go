package wechat_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	"onecard/integrations/sandbox/wechat"
)

type people map[string]wechat.Citizen

func (p people) Named() []wechat.Citizen { return []wechat.Citizen{p["wang"], p["li"]} }
func (p people) Find(key string) (wechat.Citizen, bool) {
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
	*wechat.Platform
	url   string
	clock *clock
}

func start(t *testing.T) rig {
	t.Helper()
	ck := &clock{now: time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)}
	p := wechat.New(wechat.Options{People: town, Now: ck.Now, Apps: []wechat.App{
		{ID: "wxmini", Secret: "s1", Kind: wechat.Mini, OpenPlatform: "op"},
		{ID: "wxmini2", Secret: "s2", Kind: wechat.Mini},
		{ID: "wxoa", Secret: "s3", Kind: wechat.Official, OpenPlatform: "op", RedirectHosts: []string{"card.test"}},
	}})
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	return rig{p, srv.URL, ck}
}

func (r rig) get(t *testing.T, path string, q ...string) map[string]any {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(q); i += 2 {
		v.Set(q[i], q[i+1])
	}
	return r.read(t, http.MethodGet, path+"?"+v.Encode(), nil)
}

func (r rig) post(t *testing.T, path string, body any) map[string]any {
	t.Helper()
	b, err := json.Marshal(body)
	require.NoError(t, err)
	return r.read(t, http.MethodPost, path, b)
}

func (r rig) read(t *testing.T, method, path string, body []byte) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	out := map[string]any{}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&out))
	return out
}

func (r rig) session(t *testing.T, app, secret, code string) map[string]any {
	t.Helper()
	return r.get(t, "/sns/jscode2session", "appid", app, "secret", secret, "js_code", code, "grant_type", "authorization_code")
}

func (r rig) token(t *testing.T, app, secret string, force bool) string {
	t.Helper()
	out := r.post(t, "/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": app, "secret": secret, "force_refresh": force})
	require.NotEmpty(t, out["access_token"], "%v", out)
	return out["access_token"].(string)
}

func TestALoginCodeWorksOnceForFiveMinutesInItsOwnApp(t *testing.T) {
	t.Parallel()
	r := start(t)
	code, err := r.LoginCode("wxmini", "wang")
	require.NoError(t, err)
	require.EqualValues(t, 40029, r.session(t, "wxmini2", "s2", code)["errcode"], "another app's code")
	first := r.session(t, "wxmini", "s1", code)
	require.Equal(t, r.OpenID("wxmini", "wang"), first["openid"])
	require.NotEmpty(t, first["unionid"])
	require.EqualValues(t, 40163, r.session(t, "wxmini", "s1", code)["errcode"])

	late, err := r.LoginCode("wxmini", "wang")
	require.NoError(t, err)
	r.clock.Advance(5 * time.Minute)
	require.EqualValues(t, 40029, r.session(t, "wxmini", "s1", late)["errcode"])
}

func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, c := range []struct {
		app, secret, code string
		want              int
	}{{"", "s1", "x", 41002}, {"wxno", "s1", "x", 40013}, {"wxmini", "", "x", 41004}, {"wxmini", "bad", "x", 40125}, {"wxmini", "s1", "", 41008}, {"wxmini", "s1", "nonsense", 40029}, {"wxoa", "s3", "x", 48001}} {
		require.EqualValues(t, c.want, r.session(t, c.app, c.secret, c.code)["errcode"], "%+v", c)
	}
	_, err := r.LoginCode("wxmini", "nobody")
	require.Error(t, err)
	_, err = r.LoginCode("wxoa", "wang")
	require.Error(t, err)
}

func TestOpenIDsDifferFromAppToAppAndUnionIDsJoinThem(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NotEqual(t, r.OpenID("wxmini", "wang"), r.OpenID("wxmini2", "wang"))
	require.NotEqual(t, r.OpenID("wxmini", "wang"), r.OpenID("wxmini", "li"))
	require.Len(t, r.OpenID("wxmini", "wang"), 28)
	code, _ := r.LoginCode("wxmini", "wang")
	mini := r.session(t, "wxmini", "s1", code)
	text, _ := r.OAuthCode("wxoa", "wang")
	oa := r.get(t, "/sns/oauth2/access_token", "appid", "wxoa", "secret", "s3", "code", text, "grant_type", "authorization_code")
	require.Equal(t, mini["unionid"], oa["unionid"])
	code, _ = r.LoginCode("wxmini2", "wang")
	require.NotContains(t, r.session(t, "wxmini2", "s2", code), "unionid")
}

func TestTheHundredAndFirstLoginInAMinuteIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	login := func() map[string]any {
		code, err := r.LoginCode("wxmini", "wang")
		require.NoError(t, err)
		return r.session(t, "wxmini", "s1", code)
	}
	for range 100 {
		require.NotContains(t, login(), "errcode")
	}
	require.EqualValues(t, 45011, login()["errcode"])
	r.clock.Advance(time.Minute)
	require.NotContains(t, login(), "errcode")
	r.Block("wang", true)
	require.EqualValues(t, 40226, login()["errcode"])
}

func TestTokensDieAndExpire(t *testing.T) {
	t.Parallel()
	r := start(t)
	ask := func(token string) any {
		return r.post(t, "/wxa/business/getuserphonenumber?access_token="+token, map[string]any{"code": "x"})["errcode"]
	}
	first := r.token(t, "wxmini", "s1", false)
	require.EqualValues(t, 40029, ask(first), "a good token, a bad code")
	require.Equal(t, first, r.token(t, "wxmini", "s1", false), "stable: the same while it lives")
	second := r.token(t, "wxmini", "s1", true)
	require.EqualValues(t, 40001, ask(first))
	require.EqualValues(t, 41001, ask(""))
	r.clock.Advance(2 * time.Hour)
	require.EqualValues(t, 42001, ask(second))
	third := r.token(t, "wxmini", "s1", false)
	r.KillTokens("wxmini")
	require.EqualValues(t, 40001, ask(third))
	require.Equal(t, 3, r.TokensMade("wxmini"))

	plain := r.get(t, "/cgi-bin/token", "grant_type", "client_credential", "appid", "wxmini", "secret", "s1")["access_token"].(string)
	again := r.get(t, "/cgi-bin/token", "grant_type", "client_credential", "appid", "wxmini", "secret", "s1")["access_token"].(string)
	require.EqualValues(t, 40001, ask(plain), "a plain token dies with the next")
	require.EqualValues(t, 40029, ask(again))
	require.EqualValues(t, 40125, r.get(t, "/cgi-bin/token", "grant_type", "client_credential", "appid", "wxmini", "secret", "no")["errcode"])
}

func TestThePhoneCodeIsNotTheLoginCode(t *testing.T) {
	t.Parallel()
	r := start(t)
	path := "/wxa/business/getuserphonenumber?access_token=" + r.token(t, "wxmini", "s1", false)
	login, _ := r.LoginCode("wxmini", "wang")
	require.EqualValues(t, 40029, r.post(t, path, map[string]any{"code": login})["errcode"])
	phone, _ := r.PhoneCode("wxmini", "wang")
	info := r.post(t, path, map[string]any{"code": phone})["phone_info"].(map[string]any)
	require.Equal(t, "13803790001", info["purePhoneNumber"])
	require.Equal(t, "wxmini", info["watermark"].(map[string]any)["appid"])
	require.EqualValues(t, 40029, r.post(t, path, map[string]any{"code": phone})["errcode"])
}

func TestTheAuthorizePageReturnsACodeAndTheState(t *testing.T) {
	t.Parallel()
	r := start(t)
	page := r.url + "/connect/oauth2/authorize?appid=wxoa&response_type=code&scope=snsapi_base&state=abc123&redirect_uri="
	look := func(u string) (*http.Response, string) {
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(u)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res, string(b)
	}
	back := url.QueryEscape("https://card.test/m/return?keep=1")
	_, html := look(page + back)
	require.Contains(t, html, "王建国")
	require.Contains(t, html, "citizen=li")
	require.NotContains(t, html, "410303198001010015")

	res, _ := look(page + back + "&citizen=wang")
	require.Equal(t, http.StatusFound, res.StatusCode)
	to, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "abc123", to.Query().Get("state"))
	require.Equal(t, "1", to.Query().Get("keep"))
	in := []string{"appid", "wxoa", "secret", "s3", "code", to.Query().Get("code"), "grant_type", "authorization_code"}
	require.Equal(t, r.OpenID("wxoa", "wang"), r.get(t, "/sns/oauth2/access_token", in...)["openid"])
	require.EqualValues(t, 40163, r.get(t, "/sns/oauth2/access_token", in...)["errcode"])

	res, _ = look(page + back + "&deny=1")
	to, _ = res.Location()
	require.False(t, to.Query().Has("code"))

	res, html = look(page + url.QueryEscape("https://evil.test/") + "&citizen=wang")
	require.Equal(t, http.StatusOK, res.StatusCode, "never redirected")
	require.Contains(t, html, "10003")
	_, html = look(page + url.QueryEscape("javascript:alert(1)") + "&citizen=wang")
	require.Contains(t, html, "10003")
}

func TestAFaceCheckIsPassedOnlyByTheOneItNames(t *testing.T) {
	t.Parallel()
	r := start(t)
	token := "?access_token=" + r.token(t, "wxmini", "s1", false)
	cert := map[string]any{"cert_type": "IDENTITY_CARD", "cert_name": "王建国", "cert_no": "410303198001010015"}
	b64 := base64.StdEncoding.EncodeToString
	sum := sha256.Sum256([]byte("cert_type=" + b64([]byte("IDENTITY_CARD")) + "&cert_name=" + b64([]byte("王建国")) + "&cert_no=" + b64([]byte("410303198001010015"))))
	hash := hex.EncodeToString(sum[:])
	openid := r.OpenID("wxmini", "wang")
	open := func(seq string) string {
		out := r.post(t, "/cityservice/face/identify/getverifyid"+token, map[string]any{"out_seq_no": seq, "cert_info": cert, "openid": openid})
		require.EqualValues(t, 0, out["errcode"], "%v", out)
		return out["verify_id"].(string)
	}
	query := func(id, seq, openid, hash string) map[string]any {
		return r.post(t, "/cityservice/face/identify/queryverifyinfo"+token, map[string]any{"verify_id": id, "out_seq_no": seq, "cert_hash": hash, "openid": openid})
	}
	id := open("seq-0001")
	require.EqualValues(t, 0, query(id, "seq-0001", openid, hash)["verify_ret"], "not finished")
	require.NoError(t, r.Face("wang", true))
	require.EqualValues(t, 10000, query(id, "seq-0001", openid, hash)["verify_ret"])
	for _, bad := range []map[string]any{query(id, "seq-0002", openid, hash), query(id, "seq-0001", "o-other", hash), query(id, "seq-0001", openid, strings.Repeat("0", 64)), query("none", "seq-0001", openid, hash)} {
		require.EqualValues(t, 40097, bad["errcode"])
		require.NotContains(t, bad, "verify_ret")
	}
	require.EqualValues(t, 40097, r.post(t, "/cityservice/face/identify/getverifyid"+token, map[string]any{"out_seq_no": "seq-0001", "cert_info": cert, "openid": openid})["errcode"], "a number is used once")
	require.ErrorIs(t, r.Face("wang", true), wechat.ErrNoCheck)

	id = open("seq-0003")
	require.NoError(t, r.Face("wang", false))
	require.EqualValues(t, 10004, query(id, "seq-0003", openid, hash)["verify_ret"])

	// Li holds Wang's phone and Wang's identity before her own face.
	openid = r.OpenID("wxmini", "li")
	id = open("seq-0004")
	require.NoError(t, r.Face("li", true))
	require.EqualValues(t, 10004, query(id, "seq-0004", openid, hash)["verify_ret"])

	// The page does the same by hand.
	id = open("seq-0005")
	res, err := http.PostForm(r.url+"/face", url.Values{"verify_id": {id}, "result": {"pass"}})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.EqualValues(t, 10000, query(id, "seq-0005", openid, hash)["verify_ret"])
}

func TestFailNextAnswersWithTheVendorsBody(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NoError(t, r.FailNext("/sns/jscode2session", 1, fault.Failure{Mode: fault.Refuse, Code: "-1"}))
	code, _ := r.LoginCode("wxmini", "wang")
	require.EqualValues(t, -1, r.session(t, "wxmini", "s1", code)["errcode"])
	require.NotEmpty(t, r.session(t, "wxmini", "s1", code)["openid"], "the refused call spent nothing")
}
