package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox"
	"onecard/integrations/sandbox/telephone"
)

// A newcomer calls 12333 as a citizen from the desk's page, with nothing but a browser.
func TestTheDeskCalls12333AsACitizen(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *sandbox.Options) {
		o.Telephone = telephone.Options{ClientID: "onecard-12333", Secret: "a-secret-of-both-sides"}
	})
	events := make(chan string, 10)
	status := http.StatusOK
	ours := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events <- string(body)
		res.WriteHeader(status)
	}))
	t.Cleanup(ours.Close)
	w.Telephone.TellTo(ours.URL)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	does := func(wanted int, fields ...string) {
		t.Helper()
		form := url.Values{}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		res, err := browser.Post(w.url+"/desk/events", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		require.Equal(t, wanted, res.StatusCode)
	}
	page := func() string {
		res, err := http.Get(w.url + "/")
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(text)
	}
	require.Contains(t, page(), "拨打12333")
	does(http.StatusSeeOther, "kind", "call_in", "citizen", "zhang", "extension", "8001")
	require.Contains(t, <-events, `"kind":"call.ringing"`)
	require.Contains(t, page(), "响铃")
	does(http.StatusSeeOther, "kind", "call_key", "citizen", "zhang", "keys", "1")
	require.Contains(t, <-events, `"question":"queue_call_back"`)
	does(http.StatusSeeOther, "kind", "call_answer", "citizen", "zhang")
	require.Contains(t, <-events, `"kind":"call.answered"`)
	require.Contains(t, page(), "通话中")
	does(http.StatusBadRequest, "kind", "call_key", "citizen", "zhang", "keys", "1") // nothing was asked
	does(http.StatusSeeOther, "kind", "call_hang_up", "citizen", "zhang")
	require.Contains(t, <-events, `"kind":"call.ended"`)
	does(http.StatusBadRequest, "kind", "call_in", "citizen", "nobody")
	status = http.StatusUnauthorized
	does(http.StatusBadRequest, "kind", "call_in", "citizen", "zhang")
	require.NotContains(t, func() string {
		res, err := http.Get(start(t).url + "/")
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(text)
	}(), "拨打12333", "no exchange in this world")
}
