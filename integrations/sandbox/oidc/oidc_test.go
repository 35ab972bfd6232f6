package oidc

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func newProvider(t *testing.T) *httptest.Server {
	t.Helper()
	p, err := New(Options{ClientID: "console", Secret: "secret"})
	require.NoError(t, err)
	s := httptest.NewServer(p.Handler())
	t.Cleanup(s.Close)
	return s
}

func TestAPageIsForWhoAsksAsTheStandardSays(t *testing.T) {
	t.Parallel()
	s := newProvider(t)
	good := url.Values{
		"response_type": {"code"}, "client_id": {"console"}, "redirect_uri": {"http://127.0.0.1/back"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {"c"}, "code_challenge_method": {"S256"},
	}
	get := func(q url.Values) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/authorize?"+q.Encode(), http.NoBody)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	require.Equal(t, http.StatusOK, get(good))
	for _, key := range []string{"response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"} {
		bad := url.Values{}
		for k, v := range good {
			if k != key {
				bad[k] = v
			}
		}
		require.Equal(t, http.StatusBadRequest, get(bad), "without %s", key)
	}
}

func TestATokenIsForTheClientAlone(t *testing.T) {
	t.Parallel()
	s := newProvider(t)
	for name, auth := range map[string][2]string{"another client": {"other", "secret"}, "another secret": {"console", "guess"}, "nobody": {}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/token", strings.NewReader("code=x"))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(auth[0], auth[1])
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		var body map[string]string
		require.NoError(t, json.NewDecoder(res.Body).Decode(&body), name)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusUnauthorized, res.StatusCode, name)
		require.Equal(t, "invalid_client", body["error"], name)
	}
	_, err := New(Options{ClientID: "console"})
	require.Error(t, err)
}
