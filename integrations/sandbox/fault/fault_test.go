package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
)

func serve(t *testing.T, p *fault.Plan) (url string, done *atomic.Int64) {
	t.Helper()
	done = new(atomic.Int64)
	work := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		done.Add(1)
		_, _ = io.WriteString(w, "done")
	})
	refuse := func(w http.ResponseWriter, _ *http.Request, code string) { _, _ = io.WriteString(w, "refused "+code) }
	srv := httptest.NewServer(p.Wrap(work, func(r *http.Request) string { return r.URL.Path }, refuse))
	t.Cleanup(srv.Close)
	return srv.URL, done
}

func get(t *testing.T, ctx context.Context, url string) (string, int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	// A fresh connection each time: Go's transport quietly repeats a GET whose reused connection was cut.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return string(b), res.StatusCode, err
}

func TestFailuresHappenToTheNamedCallAsOftenAsOrdered(t *testing.T) {
	t.Parallel()
	var p fault.Plan
	url, done := serve(t, &p)
	require.NoError(t, p.Next("/a", 2, fault.Failure{Mode: fault.Refuse, Code: "42"}))
	for range 2 {
		body, _, err := get(t, t.Context(), url+"/a")
		require.NoError(t, err)
		require.Equal(t, "refused 42", body)
	}
	require.Zero(t, done.Load())
	body, _, err := get(t, t.Context(), url+"/a")
	require.NoError(t, err)
	require.Equal(t, "done", body)
}

func TestEachModeDoesWhatItsNameSays(t *testing.T) {
	t.Parallel()
	var p fault.Plan
	url, done := serve(t, &p)

	require.NoError(t, p.Next("", 1, fault.Failure{Mode: fault.Status, Status: 502}))
	_, status, err := get(t, t.Context(), url)
	require.NoError(t, err)
	require.Equal(t, 502, status)

	require.NoError(t, p.Next("", 1, fault.Failure{Mode: fault.Cut}))
	_, _, err = get(t, t.Context(), url)
	require.Error(t, err)
	require.Zero(t, done.Load(), "a cut call does nothing")

	require.NoError(t, p.Next("", 1, fault.Failure{Mode: fault.LoseReply}))
	_, _, err = get(t, t.Context(), url)
	require.Error(t, err)
	require.EqualValues(t, 1, done.Load(), "a lost reply is of work that was done")

	require.NoError(t, p.Next("", 1, fault.Failure{Mode: fault.Hang}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err = get(t, ctx, url)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	require.NoError(t, p.Next("", fault.Forever, fault.Failure{Mode: fault.Garbage}))
	for range 3 {
		body, _, err := get(t, t.Context(), url)
		require.NoError(t, err)
		require.Contains(t, body, "<html>")
	}
	p.Clear("")
	body, _, err := get(t, t.Context(), url)
	require.NoError(t, err)
	require.Equal(t, "done", body)

	require.Error(t, p.Next("", 1, fault.Failure{Mode: "sulk"}))
}
