package oidc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/oidc"
	"onecard/integrations/sandbox/fault"
	pretend "onecard/integrations/sandbox/oidc"
	"onecard/models"
	"onecard/models/hotline"
)

const (
	back     = "https://card.example/console/sign-on"
	state    = "state-of-this-browser"
	nonce    = "nonce-of-this-browser"
	verifier = "verifier-of-this-browser-0123456789-0123456789"
)

// world is a client and the pretend sign-on over real HTTP, on one clock.
type world struct {
	*testing.T
	*oidc.Client
	desk  *pretend.Provider
	clock *models.ManualClock
}

func newWorld(t *testing.T, change ...func(*configs.SignOn)) *world {
	t.Helper()
	w := &world{T: t, clock: models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC))}
	var err error
	w.desk, err = pretend.New(pretend.Options{ClientID: "console", Secret: "a-secret-of-this-test", Prefix: "/oidc", Now: w.clock.Now})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/oidc/", http.StripPrefix("/oidc", w.desk.Handler()))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := configs.SignOn{
		Issuer: server.URL + "/oidc", ClientID: "console", Secret: configs.NewSecret("a-secret-of-this-test"), ACR: []string{pretend.ACRTwoFactors}, Timeout: time.Second,
	}
	for _, c := range change {
		c(&s)
	}
	w.Client = oidc.New(s, back, w.clock)
	return w
}

// signOn goes to the page and comes back with a code.
func (w *world) signOn(subject, secondFactor string) string {
	w.Helper()
	page, err := w.AuthorizeURL(w.Context(), state, nonce, verifier)
	require.NoError(w, err)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, page, strings.NewReader(url.Values{"subject": {subject}, "second_factor": {secondFactor}}.Encode()))
	require.NoError(w, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	require.NoError(w, err)
	defer res.Body.Close()
	require.Equal(w, http.StatusSeeOther, res.StatusCode)
	to, err := res.Location()
	require.NoError(w, err)
	require.Equal(w, state, to.Query().Get("state"))
	require.True(w, strings.HasPrefix(to.String(), back+"?"), to)
	return to.Query().Get("code")
}

func TestR56_ASignOnTellsSubjectAndSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who, err := w.Redeem(t.Context(), w.signOn("7f3a", "yes"), verifier, nonce)
	require.NoError(t, err)
	require.Equal(t, hotline.SignedOn{Subject: "7f3a", SecondFactor: true}, who)
	who, err = w.Redeem(t.Context(), w.signOn("7f3a", "no"), verifier, nonce)
	require.NoError(t, err)
	require.False(t, who.SecondFactor)
	byAMR := newWorld(t, func(s *configs.SignOn) { s.ACR, s.AMR = nil, []string{"otp", "hwk"} })
	for factor, want := range map[string]bool{"yes": true, "no": false} {
		who, err = byAMR.Redeem(t.Context(), byAMR.signOn("7f3a", factor), verifier, nonce)
		require.NoError(t, err)
		require.Equal(t, want, who.SecondFactor, factor)
	}
}

func TestR56_NoOtherCodeAndNoOtherTokenIsBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	redeem := func(code, verifier, nonce string) error {
		_, err := w.Redeem(t.Context(), code, verifier, nonce)
		return err
	}
	code := w.signOn("7f3a", "yes")
	require.NoError(t, redeem(code, verifier, nonce))
	require.ErrorIs(t, redeem(code, verifier, nonce), hotline.ErrSignOnRefused, "once")
	require.ErrorIs(t, redeem("made-up", verifier, nonce), hotline.ErrSignOnRefused)
	require.ErrorIs(t, redeem(w.signOn("7f3a", "yes"), "another-browser-s-verifier-0123456789-0123456789", nonce), hotline.ErrSignOnRefused)
	require.ErrorIs(t, redeem(w.signOn("7f3a", "yes"), verifier, "another-browser-s-nonce"), hotline.ErrSignOnRefused)
	old := w.signOn("7f3a", "yes")
	w.clock.Advance(3 * time.Minute)
	require.ErrorIs(t, redeem(old, verifier, nonce), hotline.ErrSignOnRefused)
	for _, bad := range []pretend.Bad{
		pretend.BadNonce, pretend.BadAudience, pretend.BadIssuer, pretend.BadKey, pretend.BadExpired, pretend.BadNone, pretend.BadSubject,
	} {
		code := w.signOn("7f3a", "yes")
		w.desk.Spoil(bad)
		err := redeem(code, verifier, nonce)
		require.ErrorIs(t, err, hotline.ErrSignOnRefused, bad)
		require.NotContains(t, err.Error(), "example.gov.cn", "nothing of the token goes into a log")
	}
	require.NoError(t, redeem(w.signOn("7f3a", "yes"), verifier, nonce), "and the next is good again")
}

func TestASignOnThatIsOutIsUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.desk.Faults().Next("GET /.well-known/openid-configuration", 1, fault.Failure{Mode: "refuse"}))
	_, err := w.AuthorizeURL(t.Context(), state, nonce, verifier)
	require.Equal(t, models.Unavailable, models.KindOf(err))
	_, err = w.AuthorizeURL(t.Context(), state, nonce, verifier)
	require.Equal(t, models.Unavailable, models.KindOf(err), "left alone for a moment")
	w.clock.Advance(2 * time.Second)
	code := w.signOn("7f3a", "yes") // and asked again
	require.NoError(t, w.desk.Faults().Next("POST /token", 1, fault.Failure{Mode: "refuse"}))
	_, err = w.Redeem(t.Context(), code, verifier, nonce)
	require.Equal(t, models.Unavailable, models.KindOf(err))
	require.NoError(t, w.desk.Faults().Next("POST /token", 1, fault.Failure{Mode: "hang"}))
	_, err = w.Redeem(t.Context(), code, verifier, nonce)
	require.Equal(t, models.Unavailable, models.KindOf(err))

	wrong := newWorld(t, func(s *configs.SignOn) { s.Secret = configs.NewSecret("not-the-secret-there") })
	_, err = wrong.Redeem(context.WithoutCancel(t.Context()), wrong.signOn("7f3a", "yes"), verifier, nonce)
	require.Equal(t, models.Unavailable, models.KindOf(err), "that is our mistake and nobody's wrong code")
	require.NotContains(t, err.Error(), "not-the-secret-there")
}
