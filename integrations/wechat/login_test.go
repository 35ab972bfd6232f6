package wechat_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/citizen"
)

func TestAMiniProgramCodeBecomesAnOpenIDOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	require.Equal(t, models.WechatMini, m.Platform())
	require.Equal(t, miniID, m.AppID())
	code, err := r.LoginCode(miniID, "wang")
	require.NoError(t, err)
	who, err := m.Exchange(t.Context(), code)
	require.NoError(t, err)
	require.Equal(t, r.OpenID(miniID, "wang"), who.OpenID)
	require.NotEmpty(t, who.UnionID)
	_, err = m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
}

func TestAnOfficialAccountLogsInByItsAuthorizePage(t *testing.T) {
	t.Parallel()
	r := start(t)
	o := r.oa(t, r.url)
	require.Equal(t, models.WechatOA, o.Platform())
	page := o.AuthorizeURL("state-1_x")
	require.True(t, strings.HasPrefix(page, r.url+"/connect/oauth2/authorize?"), page)
	require.Contains(t, page, "scope=snsapi_base")

	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	u, err := url.Parse(page)
	require.NoError(t, err)
	q := u.Query()
	q.Set("citizen", "li")
	u.RawQuery = q.Encode()
	res, err := browser.Get(u.String())
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	back, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "card.test", back.Host)
	require.Equal(t, "state-1_x", back.Query().Get("state"))

	who, err := o.Exchange(t.Context(), back.Query().Get("code"))
	require.NoError(t, err)
	require.Equal(t, r.OpenID(oaID, "li"), who.OpenID)
	_, err = o.Exchange(t.Context(), back.Query().Get("code"))
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)

	require.NotContains(t, o.AuthorizeURL("x&redirect_uri=https://evil.test"), "&redirect_uri=https://evil.test", "a state stays a state")
}

func TestAHostileCodeSpeaksForNobodyElse(t *testing.T) {
	t.Parallel()
	r := start(t)
	m, o := r.mini(t), r.oa(t, r.url)
	good, err := r.LoginCode(miniID, "wang")
	require.NoError(t, err)
	for _, code := range []string{"", strings.Repeat("a", 513), good + "&appid=other", "x&js_code=" + good, "%zz", "a b\r\nHost: evil.test", "\x00"} {
		_, err := m.Exchange(t.Context(), code)
		require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, "%q", code)
		_, err = o.Exchange(t.Context(), code)
		require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, "%q", code)
	}
	_, err = m.Exchange(t.Context(), good)
	require.NoError(t, err, "none of them spent the code")
}

func TestVendorCodesBecomeOurErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]*models.Error{
		40029: citizen.ErrLoginCodeInvalid, 40163: citizen.ErrLoginCodeInvalid, 45011: citizen.ErrLoginTooOften, 40226: citizen.ErrLoginBlocked,
		40013: models.ErrUnavailable, 40125: models.ErrUnavailable, 41002: models.ErrUnavailable, 50001: models.ErrUnavailable,
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			r := start(t)
			m, o := r.mini(t), r.oa(t, r.url)
			require.NoError(t, r.FailNext("/sns/jscode2session", 1, fault.Failure{Mode: fault.Refuse, Code: strconv.Itoa(code)}))
			_, err := m.Exchange(t.Context(), "any")
			require.ErrorIs(t, err, want)
			require.NoError(t, r.FailNext("/sns/oauth2/access_token", 1, fault.Failure{Mode: fault.Refuse, Code: strconv.Itoa(code)}))
			_, err = o.Exchange(t.Context(), "any")
			require.ErrorIs(t, err, want)
		})
	}
}

func TestBusyIsTriedTwiceMoreAndThenUnavailable(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	busy := fault.Failure{Mode: fault.Refuse, Code: "-1"}
	require.NoError(t, r.FailNext("/sns/jscode2session", 2, busy))
	code, _ := r.LoginCode(miniID, "wang")
	_, err := m.Exchange(t.Context(), code)
	require.NoError(t, err)
	require.NoError(t, r.FailNext("/sns/jscode2session", 3, busy))
	code, _ = r.LoginCode(miniID, "wang")
	_, err = m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	_, err = m.Exchange(t.Context(), code)
	require.NoError(t, err, "exactly three tries were made")
}

func TestWrongSettingsAreAnAlarmAndNotTheUsersError(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t, func(_ *configs.Wechat, a *configs.WechatApp) { a.Secret = configs.NewSecret("another-secret") })
	code, _ := r.LoginCode(miniID, "wang")
	_, err := m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Contains(t, r.log.String(), `"alarm":true`)
	require.Contains(t, r.log.String(), `"errcode":40125`)
	require.NotContains(t, r.log.String(), "another-secret")
	_, err = m.PhoneNumber(t.Context(), "x")
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestASnapshotUserIsNotLoggedIn(t *testing.T) {
	t.Parallel()
	r := start(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// Field from the vendor's documents: developers.weixin.qq.com/community/minihome/doc/000c2c34068880629ced91a2f56001
		_, _ = w.Write([]byte(`{"access_token":"t","expires_in":7200,"refresh_token":"r","openid":"oVirtual","scope":"snsapi_base","is_snapshotuser":1}`))
	}))
	t.Cleanup(srv.Close)
	_, err := r.oa(t, srv.URL).Exchange(t.Context(), "any")
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
}

func TestAnAnswerWithoutAnOpenIDIsNobody(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, body := range []string{`{}`, `{"openid":""}`, `{"openid":"` + strings.Repeat("o", 129) + `"}`, `[]`, `null`, ``, `{"openid":7}`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		_, err := r.oa(t, srv.URL).Exchange(t.Context(), "any")
		require.ErrorIs(t, err, models.ErrUnavailable, body)
		srv.Close()
	}
}

func TestAppsWithoutTheirSettingsAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	good := configs.WechatApp{Name: "mini", Kind: "mini", AppID: "a", Secret: configs.NewSecret("b")}
	for _, bad := range []func(*configs.Wechat, *configs.WechatApp, *wechat.Deps){
		func(c *configs.Wechat, _ *configs.WechatApp, _ *wechat.Deps) { c.APIURL = "ftp://x" },
		func(c *configs.Wechat, _ *configs.WechatApp, _ *wechat.Deps) { c.Timeout = 0 },
		func(_ *configs.Wechat, a *configs.WechatApp, _ *wechat.Deps) { a.Kind = "oa" },
		func(_ *configs.Wechat, a *configs.WechatApp, _ *wechat.Deps) { a.Secret = configs.Secret{} },
		func(_ *configs.Wechat, _ *configs.WechatApp, d *wechat.Deps) { d.Tokens = nil },
	} {
		cfg, app, deps := settings(r.url), good, r.deps()
		bad(&cfg, &app, &deps)
		_, err := wechat.NewMiniProgram(cfg, app, deps)
		require.Error(t, err)
	}
}
