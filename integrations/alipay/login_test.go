package alipay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/citizen"
)

const tokenMethod = "alipay.system.oauth.token"

func TestR52_AMiniProgramCodeBecomesAnOpenIDOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	require.Equal(t, models.AlipayMini, m.Platform())
	require.Equal(t, miniID, m.AppID())
	code, err := r.AuthCode(miniID, "wang")
	require.NoError(t, err)
	who, err := m.Exchange(t.Context(), code)
	require.NoError(t, err)
	require.Equal(t, citizen.PlatformIdentity{OpenID: r.OpenID(miniID, "wang")}, who, "a new app is told an open id and no user id")
	_, err = m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
	for _, bad := range []string{"", strings.Repeat("x", 513), "nonsense", "a&app_id=1", "\x00"} {
		_, err = m.Exchange(t.Context(), bad)
		require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
	}
}

func TestALifeAccountLogsInByItsAuthorizePage(t *testing.T) {
	t.Parallel()
	r := start(t)
	l := r.life(t)
	require.Equal(t, models.AlipayLife, l.Platform())
	page, err := url.Parse(l.AuthorizeURL("state 1&x=2"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(page.String(), r.url+"/oauth2/publicAppAuthorize.htm?"))
	q := page.Query()
	require.Equal(t, "auth_base", q.Get("scope"))
	q.Set("citizen", "li")
	page.RawQuery = q.Encode()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.Get(page.String())
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	back, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "state 1&x=2", back.Query().Get("state"))
	who, err := l.Exchange(t.Context(), back.Query().Get("auth_code"))
	require.NoError(t, err)
	require.Equal(t, r.OpenID(lifeID, "li"), who.OpenID)
	require.Regexp(t, `^2088\d{12}$`, who.UserID, "an old app still gets one")
}

func TestABusinessFailureIsAnErrorThoughTheSDKHasNone(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	require.NoError(t, r.FailNext(tokenMethod, 1, fault.Failure{Mode: fault.Refuse, Code: "isv.something"}))
	_, err := m.Exchange(t.Context(), "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "40004 isv.something")
}

func TestUnavailableIsTriedTwiceMore(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	down := fault.Failure{Mode: fault.Refuse, Code: "20000"}
	require.NoError(t, r.FailNext(tokenMethod, 2, down))
	code, _ := r.AuthCode(miniID, "wang")
	_, err := m.Exchange(t.Context(), code)
	require.NoError(t, err)
	require.NoError(t, r.FailNext(tokenMethod, 3, down))
	code, _ = r.AuthCode(miniID, "wang")
	_, err = m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	_, err = m.Exchange(t.Context(), code)
	require.NoError(t, err, "exactly three tries were made")
}

func TestATamperedAnswerIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]byte) []byte{
		"another open id": func(b []byte) []byte { return bytes.Replace(b, []byte(`"open_id":"0`), []byte(`"open_id":"1`), 1) },
		"no signature": func(b []byte) []byte {
			return append(b[:bytes.Index(b, []byte(`,"sign"`))], '}')
		},
		"an unsigned success": func([]byte) []byte {
			return []byte(`{"alipay_system_oauth_token_response":{"code":"10000","msg":"Success","access_token":"a","open_id":"mallory"}}`)
		},
		"another's certificate": func(b []byte) []byte {
			return bytes.Replace(b, []byte(`,"sign"`), []byte(`,"alipay_cert_sn":"00","sign"`), 1)
		},
		"null":            func([]byte) []byte { return []byte(`{"alipay_system_oauth_token_response":null}`) },
		"null and signed": func([]byte) []byte { return []byte(`{"alipay_system_oauth_token_response":null,"sign":"AA=="}`) },
		"a text":          func([]byte) []byte { return []byte(`{"alipay_system_oauth_token_response":"AAAA","sign":"AA=="}`) },
		"null error":      func([]byte) []byte { return []byte(`{"error_response":null}`) },
		"nothing":         func([]byte) []byte { return nil },
		"a list":          func([]byte) []byte { return []byte(`[]`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, altered(change))
			code, _ := r.AuthCode(miniID, "wang")
			who, err := r.mini(t).Exchange(t.Context(), code)
			require.ErrorIs(t, err, models.ErrUnavailable)
			require.NotEmpty(t, err.Error())
			require.Empty(t, who)
		})
	}
}

func TestAnAnswerForgedWithAnotherKeyIsAnAlarm(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t, func(_ *configs.Alipay, a *configs.AlipayApp) { a.PublicKey = publicOf(t, r.keys.App) })
	code, _ := r.AuthCode(miniID, "wang")
	_, err := m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Contains(t, r.log.String(), `"alarm":true`)
}

func TestAWrongKeyOfOursIsAnAlarmAndNotTheUsersError(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t, func(_ *configs.Alipay, a *configs.AlipayApp) {
		a.PrivateKey = configs.NewSecret(privateText(r.keys.Platform))
	})
	code, _ := r.AuthCode(miniID, "wang")
	_, err := m.Exchange(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Contains(t, r.log.String(), "isv.invalid-signature")
	require.NotContains(t, r.log.String(), privateText(r.keys.Platform)[:40])
}

// whole is everything a log could print of an error.
func whole(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v %+v %#v %s\n", e, e, e, e.Error())
	}
	return b.String()
}

func TestNoErrorHoldsAKeyACodeOrAPerson(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]fault.Failure{
		"status": {Mode: fault.Status, Status: 502}, "redirect": {Mode: fault.Status, Status: 302}, "cut": {Mode: fault.Cut}, "hang": {Mode: fault.Hang},
		"garbage": {Mode: fault.Garbage}, "refused": {Mode: fault.Refuse, Code: "INVALID_PARAMETER"}, "busy": {Mode: fault.Refuse, Code: "20000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			m := r.mini(t, func(c *configs.Alipay, _ *configs.AlipayApp) { c.Timeout = 150 * time.Millisecond })
			f, err := m.FaceCheck("https://card.test/m/")
			require.NoError(t, err)
			require.NoError(t, r.FailNext("", fault.Forever, how))
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			req := request(t, r, "0123456789abcdef0123456789abcdef", "wang")
			var errs []error
			_, err = m.Exchange(ctx, "the-login-code")
			errs = append(errs, err)
			_, err = f.Begin(ctx, req)
			errs = append(errs, err)
			_, err = f.Result(ctx, req, "the-certify-id")
			errs = append(errs, err)
			for _, err := range errs {
				require.ErrorIs(t, err, models.ErrUnavailable)
				for _, secret := range []string{privateText(r.keys.App)[:40], contentKey, "the-login-code", "the-certify-id", "sign=", town["wang"].IDNumber, town["wang"].Name, "biz_content"} {
					require.NotContains(t, whole(err), secret)
				}
			}
		})
	}
}

func TestATimeoutSaysSoAndAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NoError(t, r.FailNext("", 1, fault.Failure{Mode: fault.Hang}))
	_, err := r.mini(t, func(c *configs.Alipay, _ *configs.AlipayApp) { c.Timeout = 50 * time.Millisecond }).Exchange(t.Context(), "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	long := start(t, always(http.StatusOK, strings.Repeat(" ", 2<<20)))
	_, err = long.mini(t).Exchange(t.Context(), "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "too long")
}

func TestManyAtOnceAreSignedInTurnAndAllServed(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			code, err := r.AuthCode(miniID, "wang")
			if err == nil {
				_, err = m.Exchange(t.Context(), code)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Exchange(over, "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestAppsWithoutTheirSettingsAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	for name, bad := range map[string]func(*configs.Alipay, *configs.AlipayApp, *alipay.Deps){
		"keys in production": func(_ *configs.Alipay, _ *configs.AlipayApp, d *alipay.Deps) { d.KeysAllowed = false },
		"no public key":      func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) { a.PublicKey = "" },
		"bad public key":     func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) { a.PublicKey = "AAAA" },
		"bad private key": func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) {
			a.PrivateKey = configs.NewSecret("secret!")
		},
		"not a key": func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) {
			a.PrivateKey = configs.NewSecret("AAAA")
		},
		"bad content key": func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) { a.ContentKey = configs.NewSecret("%%%") },
		"gateway":         func(c *configs.Alipay, _ *configs.AlipayApp, _ *alipay.Deps) { c.GatewayURL = "gateway" },
		"timeout":         func(c *configs.Alipay, _ *configs.AlipayApp, _ *alipay.Deps) { c.Timeout = 0 },
		"kind":            func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) { a.Kind = "life" },
		"one certificate": func(_ *configs.Alipay, a *configs.AlipayApp, _ *alipay.Deps) { a.AppCertPath = "nowhere.crt" },
	} {
		cfg, app := r.settings(t, miniID, "mini")
		deps := r.deps()
		bad(&cfg, &app, &deps)
		_, err := alipay.NewMiniProgram(cfg, app, deps)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "secret!")
	}
}
