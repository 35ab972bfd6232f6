package api

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// recordingLimiter answers as told and remembers what it was asked.
type recordingLimiter struct {
	mu    sync.Mutex
	keys  []string
	wants []int
	ok    bool
	wait  time.Duration
	err   error
}

func (l *recordingLimiter) Allow(_ context.Context, key string, per time.Duration, n int) (bool, time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys, l.wants = append(l.keys, key), append(l.wants, n)
	if per != time.Minute {
		return false, 0, errors.New("not a minute")
	}
	return l.ok, l.wait, l.err
}

func TestEachPersonHasTheirOwnFigure(t *testing.T) {
	t.Parallel()
	l := &recordingLimiter{ok: true}
	r := newRig(t, func(d *Deps) { d.Limiter = l; d.Figures = Figures{} }).withSample()
	calls := [][]string{
		{"GET", "/v1/samples", citizenToken}, {"DELETE", "/v1/samples/1", citizenToken}, {"GET", "/v1/samples", otherToken},
		{"GET", "/v1/samples", newToken}, {"GET", "/agent/v1/samples/1", agentToken}, {"GET", "/openapi.json", ""}, {"GET", "/healthz", ""},
	}
	for _, c := range calls {
		if c[2] == "" {
			r.call(c[0], c[1], "")
			continue
		}
		r.call(c[0], c[1], "", bearer(c[2])...)
	}
	require.Equal(t, []int{60, 10, 60, 60, 60, 1200}, l.wants, "the issue's figures; health is not limited")
	seen := map[string]bool{}
	for _, key := range l.keys {
		require.False(t, seen[key], "two callers share a key")
		seen[key] = true
		require.Regexp(t, `^rl:([A-Za-z0-9_-]{22}|\{[A-Za-z0-9_-]{22,32}\}:(read|write))$`, key, "a MAC, or the random handle of a token")
		require.NotContains(t, key, "person")
	}
	r.call("GET", "/v1/samples", "", bearer(citizenToken)...)
	require.Equal(t, l.keys[0], l.keys[6], "the same person, the same key")
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.Figures = Figures{Reads: 3, Writes: 2} }).withSample()
	for range 2 {
		require.Equal(t, 204, r.call("DELETE", "/v1/samples/1", "", bearer(citizenToken)...).Code)
	}
	r.clock.Advance(20 * time.Second)
	w := r.call("DELETE", "/v1/samples/1", "", bearer(citizenToken)...)
	requireProblem(t, w, 429, "RATE_LIMITED")
	require.Equal(t, "40", w.Header().Get("Retry-After"))
	require.Equal(t, 204, r.call("DELETE", "/v1/samples/1", "", bearer(otherToken)...).Code, "another person")
	require.Equal(t, 200, r.call("GET", "/v1/samples", "", bearer(citizenToken)...).Code, "reading")
	r.clock.Advance(40 * time.Second)
	require.Equal(t, 204, r.call("DELETE", "/v1/samples/1", "", bearer(citizenToken)...).Code)
}

func TestALossReportIsNotRefusedByALimiterOutage(t *testing.T) {
	t.Parallel()
	l := &recordingLimiter{err: errors.New("redis is down")}
	r := newRig(t, func(d *Deps) { d.Limiter = l; d.Figures = Figures{Writes: 1} }).withSample()
	for range 5 {
		require.Equal(t, 201, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(citizenToken)...).Code)
	}
	require.Equal(t, 204, r.call("DELETE", "/v1/samples/1", "", bearer(citizenToken)...).Code, "others are counted in this process")
	requireProblem(t, r.call("DELETE", "/v1/samples/1", "", bearer(citizenToken)...), 429, "RATE_LIMITED")
	require.Contains(t, newRecorderOf(r.metrics.handler()), "onecard_http_limiter_outages_total 7")
	require.LessOrEqual(t, strings.Count(r.log.String(), "rate limiter is out"), 2, "one line a minute")

	l.mu.Lock()
	l.err, l.ok, l.wait = nil, false, time.Second
	l.mu.Unlock()
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(citizenToken)...), 429, "RATE_LIMITED")
}

func TestTheLocalLimiterForgets(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(time.Unix(0, 0))
	l := newLocalLimiter(clock)
	for i := range maxLocalKeys {
		l.allow(strconv.Itoa(i), time.Minute, 1)
	}
	clock.Advance(time.Minute)
	ok, _ := l.allow("one more", time.Minute, 1)
	require.True(t, ok)
	require.Len(t, l.windows, 1)

	for i := range maxLocalKeys {
		l.allow(strconv.Itoa(i), time.Minute, 1)
	}
	require.LessOrEqual(t, len(l.windows), maxLocalKeys, "a flood of keys is dropped, not kept")
}

func TestAddressesOfOneSubscriberAreOne(t *testing.T) {
	t.Parallel()
	require.Equal(t, network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"))
	require.NotEqual(t, network("2001:db8:1:2::1"), network("2001:db8:1:3::1"))
	require.Equal(t, "192.0.2.1", network("192.0.2.1"))
	require.Equal(t, "nonsense", network("nonsense"))
}

func TestTheEdgeHandsTheKeyOnAndKeepsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	send := func(path, body, key string) (out struct{ Key, MAC string }) {
		t.Helper()
		w := r.call("POST", path, body, append(bearer(citizenToken), headerIdempotencyKey, key)...)
		require.Equal(t, 201, w.Code)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return out
	}
	first := send("/v1/samples/1/acts", `{"kind":"a"}`, "key-0001")
	require.Equal(t, "actOnSample/key-0001", first.Key)
	require.Equal(t, first, send("/v1/samples/1/acts", `{"kind":"a"}`, "key-0001"))
	require.NotEqual(t, first.MAC, send("/v1/samples/1/acts", `{"kind":"a" }`, "key-0001").MAC, "another body")
	require.NotEqual(t, first.MAC, send("/v1/samples/2/acts", `{"kind":"a"}`, "key-0001").MAC, "another thing acted on")
	other := newRig(t, func(d *Deps) { d.EdgeKey = []byte(strings.Repeat("k", 32)) }).withSample()
	require.NotEqual(t, first.MAC, func() string {
		var out struct{ MAC string }
		w := other.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, append(bearer(citizenToken), headerIdempotencyKey, "key-0001")...)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return out.MAC
	}(), "keyed, so a copy of the table tells no body")
	require.Empty(t, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(citizenToken)...).Header().Get(headerIdempotencyKey))
}
