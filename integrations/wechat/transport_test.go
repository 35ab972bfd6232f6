package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/citizen"
)

// everything a log could print of an error.
func whole(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v %+v %#v %s\n", e, e, e, e.Error())
	}
	return b.String()
}

func TestNoErrorHoldsASecretACodeOrAPerson(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]fault.Failure{
		"status": {Mode: fault.Status, Status: 502}, "redirect": {Mode: fault.Status, Status: 302}, "cut": {Mode: fault.Cut}, "hang": {Mode: fault.Hang},
		"garbage": {Mode: fault.Garbage}, "refused": {Mode: fault.Refuse, Code: "40013"}, "busy": {Mode: fault.Refuse, Code: "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			m, o := r.mini(t, quick(100*time.Millisecond)), r.oa(t, r.url)
			f := m.FaceCheck()
			require.NoError(t, r.FailNext("", fault.Forever, how))
			req := request(t, r, "0123456789abcdef0123456789abcdef", "wang", "wang")
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var errs []error
			_, err := m.Exchange(ctx, "the-login-code")
			errs = append(errs, err)
			_, err = o.Exchange(ctx, "the-login-code")
			errs = append(errs, err)
			_, err = m.PhoneNumber(ctx, "the-login-code")
			errs = append(errs, err)
			_, err = f.Begin(ctx, req)
			errs = append(errs, err)
			_, err = f.Result(ctx, req, "the-verify-id")
			errs = append(errs, err)
			for _, err := range errs {
				require.ErrorIs(t, err, models.ErrUnavailable)
				for _, secret := range []string{miniSecret, oaSecret, "secret=", "the-login-code", "the-verify-id", "access_token=", town["wang"].IDNumber, town["wang"].Name, req.OpenID} {
					require.NotContains(t, whole(err), secret)
				}
			}
		})
	}
}

func TestATimeoutSaysSo(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NoError(t, r.FailNext("", 1, fault.Failure{Mode: fault.Hang}))
	_, err := r.mini(t, quick(50*time.Millisecond)).Exchange(t.Context(), "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAppsWithDifferentTargetsStandSideBySide(t *testing.T) {
	t.Parallel()
	one, two := start(t), start(t) // the same app ids on both
	a, b := one.mini(t), two.mini(t)
	code, _ := one.LoginCode(miniID, "wang")
	_, err := b.Exchange(t.Context(), code)
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, "the other platform does not know the code")
	_, err = a.Exchange(t.Context(), code)
	require.NoError(t, err)
	phoneOf(t, one, a, "wang")
	phoneOf(t, two, b, "wang")
	require.Equal(t, 1, one.TokensMade(miniID))
	require.Equal(t, 1, two.TokensMade(miniID))
}

func TestACallWithoutContextFindsItsAppByIDOrToken(t *testing.T) {
	t.Parallel()
	hits := map[string]*atomic.Int64{}
	serve := func(name string) string {
		hits[name] = new(atomic.Int64)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			hits[name].Add(1)
			_, _ = fmt.Fprintf(w, `{"access_token":"token-of-%s","expires_in":7200}`, name)
		}))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	r := start(t)
	for _, name := range []string{"first", "second"} {
		url := serve(name)
		m := r.mini(t, func(c *configs.Wechat, a *configs.WechatApp) { c.APIURL, a.AppID = url, "wxapp"+name })
		_, _ = m.PhoneNumber(t.Context(), "any") // fetches the app's token, by which it is known from now on
	}
	for _, name := range []string{"first", "second"} {
		before := hits[name].Load()
		_, err := util.HTTPGet("https://api.weixin.qq.com/x?appid=wxapp" + name)
		require.NoError(t, err)
		_, err = util.HTTPGet("https://api.weixin.qq.com/x?access_token=token-of-" + name)
		require.NoError(t, err)
		_, err = util.PostJSON("https://api.weixin.qq.com/cgi-bin/stable_token", map[string]string{"appid": "wxapp" + name})
		require.NoError(t, err)
		require.Equal(t, before+3, hits[name].Load())
	}
	for _, stray := range []string{"x", "x?appid=wxunknown", "x?access_token=unknown"} {
		_, err := util.HTTPGet("https://api.weixin.qq.com/" + stray)
		require.ErrorContains(t, err, "no registered app", "a request of nobody never leaves the machine")
	}
}

func TestAClosedAppIsForgotten(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t, func(_ *configs.Wechat, a *configs.WechatApp) { a.AppID = "wxshortlived" })
	_, err := util.HTTPGet("https://api.weixin.qq.com/sns/jscode2session?appid=wxshortlived")
	require.NoError(t, err)
	require.NoError(t, m.Close())
	_, err = util.HTTPGet("https://api.weixin.qq.com/sns/jscode2session?appid=wxshortlived")
	require.Error(t, err)
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	r := start(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := []byte(strings.Repeat(" ", 1<<16))
		for range 32 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	_, err := r.oa(t, srv.URL).Exchange(t.Context(), "any")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "too long")
}
