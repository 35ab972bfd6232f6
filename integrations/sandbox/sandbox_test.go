package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox"
	"onecard/integrations/sandbox/registry"
	"onecard/integrations/sandbox/sms"
	"onecard/integrations/sandbox/wechat"
)

var noon = time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)

func options() sandbox.Options {
	return sandbox.Options{
		Seed: 1, StartMonth: noon, Now: func() time.Time { return noon }, Fence: true,
		Cards: registry.Client{ID: "onecard", Secret: "cards-secret"}, Payments: registry.Client{ID: "onecard", Secret: "payments-secret"},
		WeChat: []wechat.App{{ID: "wxmini", Secret: "s1", Kind: wechat.Mini}, {ID: "wxmini2", Secret: "s3", Kind: wechat.Mini}, {ID: "wxoa", Secret: "s2", Kind: wechat.Official}},
		Alipay: []sandbox.AlipayApp{{ID: "2021000000000001", ContentKey: "AAAAAAAAAAAAAAAAAAAAAA=="}, {ID: "2021000000000002", Life: true}},
		SMS: sms.Config{AccessKeyID: smsKey, AccessKeySecret: smsSecret, SignNames: []string{"洛阳人社"}, Templates: map[string]sms.Template{
			"SMS_1": {Text: "验证码${code},5分钟内有效。", Verification: true}, "SMS_2": {Text: "您有一笔补贴到账。"},
		}},
	}
}

type world struct {
	*sandbox.City
	url string
}

func start(t *testing.T, change ...func(*sandbox.Options)) world {
	t.Helper()
	o := options()
	for _, f := range change {
		f(&o)
	}
	c, err := sandbox.New(o)
	require.NoError(t, err)
	srv := httptest.NewServer(c.Handler())
	t.Cleanup(func() { srv.Close(); require.NoError(t, c.Close()) })
	return world{c, srv.URL}
}

func (w world) do(t *testing.T, method, path string, body any, into any) int {
	t.Helper()
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(t, err)
		send = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, send)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	if into != nil {
		require.NoError(t, json.NewDecoder(res.Body).Decode(into))
	}
	return res.StatusCode
}

type issued struct {
	Platform  string `json:"platform"`
	AppID     string `json:"app_id"`
	Citizen   string `json:"citizen"`
	Code      string `json:"code"`
	PhoneCode string `json:"phone_code"`
}

func TestTheWorldOpensQuickly(t *testing.T) {
	t.Parallel()
	began := time.Now()
	c, err := sandbox.New(options())
	require.NoError(t, err)
	took := time.Since(began)
	require.NoError(t, c.Close())
	t.Logf("opened in %v", took)
	require.Less(t, took, 5*time.Second) // a loaded machine; the log tells the real figure
}

func TestCitizensAreListedNamedOnesFirstWithTheirOpenIDs(t *testing.T) {
	t.Parallel()
	w := start(t)
	var out struct {
		Citizens []struct {
			Key       string              `json:"key"`
			Name      string              `json:"name"`
			IDNumber  string              `json:"id_number"`
			Phone     string              `json:"phone"`
			PersonRef string              `json:"person_ref"`
			OpenIDs   []map[string]string `json:"openids"`
		} `json:"citizens"`
	}
	require.Equal(t, 200, w.do(t, "GET", "/desk/citizens?more=3", nil, &out))
	require.Equal(t, "wang", out.Citizens[0].Key)
	require.Equal(t, "410303198001010015", out.Citizens[0].IDNumber)
	require.Len(t, out.Citizens[0].OpenIDs, 5)
	require.Equal(t, w.WeChat.OpenID("wxmini", "wang"), out.Citizens[0].OpenIDs[0]["openid"])
	last := out.Citizens[len(out.Citizens)-1]
	require.Equal(t, last.PersonRef, last.Key, "the others are named by their reference")
	require.Equal(t, w.WeChat.OpenID("wxmini", out.Citizens[0].PersonRef), w.WeChat.OpenID("wxmini", "wang"), "one person, by whatever name")
}

func TestACodeFromTheDeskLogsInOnEachPlatform(t *testing.T) {
	t.Parallel()
	w := start(t)
	for platform, app := range map[string]string{"wechat_mini": "wxmini", "wechat_oa": "wxoa", "alipay_mini": "2021000000000001", "alipay_life": "2021000000000002"} {
		for _, method := range []string{"GET", "POST"} {
			var code issued
			require.Equal(t, 200, w.do(t, method, "/desk/codes?citizen=wang&platform="+platform, nil, &code))
			require.Equal(t, app, code.AppID)
			require.NotEmpty(t, code.Code)
			require.Equal(t, strings.HasSuffix(platform, "_mini"), code.PhoneCode != "", platform)
		}
	}
	var code issued
	require.Equal(t, 200, w.do(t, "GET", "/desk/codes?citizen=wang&platform=wechat_mini&app_id=wxmini2", nil, &code))
	require.Equal(t, "wxmini2", code.AppID)
	var session map[string]any
	require.Equal(t, 200, w.do(t, "GET", "/wechat/sns/jscode2session?appid=wxmini2&secret=s3&grant_type=authorization_code&js_code="+code.Code, nil, &session))
	require.Equal(t, w.WeChat.OpenID("wxmini2", "wang"), session["openid"])

	var bad map[string]string
	require.Equal(t, 404, w.do(t, "GET", "/desk/codes?citizen=nobody&platform=wechat_mini", nil, &bad))
	require.Equal(t, "NO_SUCH_CITIZEN", bad["code"])
	require.Equal(t, 404, w.do(t, "GET", "/desk/codes?citizen=wang&platform=icq", nil, &bad))
	require.Equal(t, "NO_SUCH_APP", bad["code"])
}

func TestMessagesAreShownToTheirCitizenAlsoAfterAChangeOfPhone(t *testing.T) {
	t.Parallel()
	w := start(t)
	wang, _ := w.Registry.Citizen("wang")
	w.text(t, wang.Phone, "SMS_1", map[string]string{"code": "135790"})
	var box struct {
		Messages []struct{ Phone, Text, Code, Status string }
		Code     string
	}
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages?citizen=wang", nil, &box))
	require.Len(t, box.Messages, 1)
	require.Equal(t, "135790", box.Code)
	require.Contains(t, box.Messages[0].Text, "验证码135790")

	require.Equal(t, 200, w.do(t, "POST", "/desk/events", map[string]any{"kind": "change_phone", "citizen": "wang", "phone": "13999990001"}, nil))
	w.text(t, "13999990001", "SMS_2", nil)
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages?citizen=wang", nil, &box))
	require.Len(t, box.Messages, 2)
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages?phone=13999990001", nil, &box))
	require.Len(t, box.Messages, 1)
	require.Equal(t, 404, w.do(t, "GET", "/desk/messages?citizen=nobody", nil, nil))
}

func TestReceiptsArePushedWhereTheyBelong(t *testing.T) {
	t.Parallel()
	w := start(t)
	pushed := make(chan string, 10)
	ours := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		pushed <- string(b)
		_, _ = io.WriteString(rw, `{"code":0,"msg":"ok"}`)
	}))
	t.Cleanup(ours.Close)
	wang, _ := w.Registry.Citizen("wang")
	w.text(t, wang.Phone, "SMS_2", nil)
	var out struct{ Settled, Taken int }
	require.Equal(t, 200, w.do(t, "POST", "/desk/receipts", map[string]any{"citizen": "wang"}, &out))
	require.Equal(t, 1, out.Settled)
	require.Zero(t, out.Taken, "nobody asked for receipts yet")
	w.SendReceiptsTo(ours.URL)
	require.Equal(t, 200, w.do(t, "POST", "/desk/receipts", map[string]any{}, &out))
	require.Equal(t, 1, out.Taken)
	require.Contains(t, <-pushed, wang.Phone)
}

func TestReceiptsComeByThemselvesWhenAsked(t *testing.T) {
	t.Parallel()
	pushed := make(chan struct{}, 10)
	ours := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, `{"code":0,"msg":"ok"}`)
		pushed <- struct{}{}
	}))
	t.Cleanup(ours.Close)
	w := start(t, func(o *sandbox.Options) { o.ReceiptEvery = time.Millisecond })
	w.SendReceiptsTo(ours.URL)
	w.text(t, "13800138000", "SMS_2", nil)
	select {
	case <-pushed:
	case <-t.Context().Done():
	}
}

func TestFaultsReachTheirTargetAndAreCleared(t *testing.T) {
	t.Parallel()
	w := start(t)
	order := func(body map[string]any) (int, map[string]any) {
		out := map[string]any{}
		return w.do(t, "POST", "/desk/faults", body, &out), out
	}
	ask := func() (any, bool) {
		res, err := http.Get(w.url + "/wechat/sns/jscode2session?appid=wxmini&secret=s1&js_code=x&grant_type=authorization_code")
		if err != nil {
			return nil, false
		}
		defer func() { _ = res.Body.Close() }()
		out := map[string]any{}
		_ = json.NewDecoder(res.Body).Decode(&out)
		return out["errcode"], true
	}
	status, _ := order(map[string]any{"target": "wechat", "fault": "refuse", "code": "45011", "op": "/sns/jscode2session", "times": 1})
	require.Equal(t, 200, status)
	code, _ := ask()
	require.EqualValues(t, 45011, code)
	code, _ = ask()
	require.EqualValues(t, 40029, code)
	status, out := order(map[string]any{"target": "wechat", "fault": "down"})
	require.Equal(t, 200, status)
	require.Len(t, out["platforms"], 1)
	for range 2 {
		_, ok := ask()
		require.False(t, ok)
	}
	order(map[string]any{"target": "wechat", "fault": "none"})
	_, ok := ask()
	require.True(t, ok)

	status, _ = order(map[string]any{"target": "cards", "fault": "delay", "delay_ms": 1})
	require.Equal(t, 200, status)
	require.Len(t, w.Registry.Faults(), 1)
	order(map[string]any{"fault": "none"})
	require.Empty(t, w.Registry.Faults())
	for _, bad := range []map[string]any{{"target": "moon", "fault": "down"}, {"target": "sms", "fault": "sulk"}, {"target": "cards", "fault": "sulk"}, {"times": "x"}} {
		status, _ = order(bad)
		require.Equal(t, 400, status, "%v", bad)
	}
}

func TestEventsReachTheRegistryOrThePlatforms(t *testing.T) {
	t.Parallel()
	w := start(t)
	var out map[string]any
	require.Equal(t, 200, w.do(t, "POST", "/desk/events", map[string]any{"kind": "loss", "citizen": "wang"}, &out))
	require.NotEmpty(t, out["card_ref"])
	require.Equal(t, 400, w.do(t, "POST", "/desk/events", map[string]any{"kind": "earthquake"}, &out))
	require.Equal(t, 400, w.do(t, "POST", "/desk/events", map[string]any{"kind": "wechat_block", "citizen": "nobody"}, &out))
	require.Equal(t, 200, w.do(t, "POST", "/desk/events", map[string]any{"kind": "wechat_block", "citizen": "wang"}, &out))
	var code issued
	w.do(t, "GET", "/desk/codes?citizen=wang&platform=wechat_mini", nil, &code)
	w.do(t, "GET", "/wechat/sns/jscode2session?appid=wxmini&secret=s1&grant_type=authorization_code&js_code="+code.Code, nil, &out)
	require.EqualValues(t, 40226, out["errcode"])
	require.Equal(t, 200, w.do(t, "GET", "/desk/registry/citizens/wang", nil, &out))
	require.Equal(t, 404, w.do(t, "GET", "/desk/nowhere", nil, &out))
}

func TestTheFaceIsShownToWhoeverWaits(t *testing.T) {
	t.Parallel()
	w := start(t)
	var out map[string]any
	require.Equal(t, 404, w.do(t, "POST", "/desk/face", map[string]any{"citizen": "wang", "passed": true}, &out))
	require.Equal(t, "NO_CHECK", out["code"])
	var token map[string]any
	w.do(t, "POST", "/wechat/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": "wxmini", "secret": "s1"}, &token)
	wang, _ := w.Registry.Citizen("wang")
	w.do(t, "POST", "/wechat/cityservice/face/identify/getverifyid?access_token="+token["access_token"].(string), map[string]any{
		"out_seq_no": "0123456789", "openid": w.WeChat.OpenID("wxmini", "wang"), "cert_info": map[string]string{"cert_type": "IDENTITY_CARD", "cert_name": wang.Name, "cert_no": wang.IDNumber},
	}, &out)
	require.Equal(t, 200, w.do(t, "POST", "/desk/face", map[string]any{"citizen": "wang", "passed": true}, &out))
	require.Equal(t, "wechat", out["platform"])
}

func TestThePageShowsCitizensMessagesAndSwitches(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.text(t, "13800138000", "SMS_1", map[string]string{"code": "<b>1</b>"})
	res, err := http.Get(w.url + "/")
	require.NoError(t, err)
	html, _ := io.ReadAll(res.Body)
	require.NoError(t, res.Body.Close())
	for _, want := range []string{"王建国", "微信小程序", "支付宝生活号", "丢失应答", "/desk/codes?platform=wechat_oa"} {
		require.Contains(t, string(html), want)
	}
	require.NotContains(t, string(html), "<b>1</b>")
	require.NotContains(t, string(html), "src=")
	require.NotContains(t, string(html), "http://")

	// The page's own forms work without script and lead back to it; another site's do not work.
	form := func(site string) int {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/desk/faults", strings.NewReader(url.Values{"target": {"sms"}, "fault": {"delay"}, "delay_ms": {"5"}, "times": {""}, "code": {"40029"}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", site)
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	require.Equal(t, http.StatusSeeOther, form("same-origin"))
	require.Len(t, w.SMS.Faults().Orders(), 1)
	require.Equal(t, http.StatusForbidden, form("cross-site"))
}

func TestTheSameSeedIsTheSameWorldAndItsKeysAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() (string, string, string) {
		o := options()
		o.Dir = dir
		c, err := sandbox.New(o)
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		private, public, err := c.AlipayKeys()
		require.NoError(t, err)
		return private, public, c.Alipay.OpenID("2021000000000001", "wang")
	}
	a1, b1, c1 := open()
	a2, b2, c2 := open()
	require.Equal(t, []string{a1, b1, c1}, []string{a2, b2, c2})
}

func TestAWorldWithoutItsSecretsIsRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []func(*sandbox.Options){
		func(o *sandbox.Options) { o.Cards.Secret = "" }, func(o *sandbox.Options) { o.SMS.AccessKeySecret = "" }, func(o *sandbox.Options) { o.Alipay[0].ContentKey = "?" },
	} {
		o := options()
		bad(&o)
		_, err := sandbox.New(o)
		require.Error(t, err)
	}
}
