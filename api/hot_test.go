package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

func (f *fakeSubsidies) MayListArrivals(context.Context, models.Actor) error { return f.err }

func (f *fakeSubsidies) GroundOfList(context.Context) (subsidy.ListGround, error) {
	return subsidy.ListGround{Mark: "m", AsOf: f.asOf}, nil
}

// fakeHot is a store of ready answers in memory, under one version.
type fakeHot struct {
	mu      sync.Mutex
	version string
	bodies  map[string][]byte
	looks   int
	full    bool // the limit is reached
	out     bool
}

func (h *fakeHot) Look(ctx context.Context, q HotAsk) (HotLook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looks++
	actor, err := fakeAuth{}.Citizen(ctx, q.Token)
	if err != nil || h.out {
		return HotLook{Actor: actor}, err
	}
	actor.Level = models.LevelReal
	return HotLook{Actor: actor, Counted: true, Fits: !h.full, Wait: 3 * time.Second, Version: h.version,
		Body: bytes.Clone(h.bodies[handleOf(q.Token)+q.View+h.version+q.Mark])}, nil
}

func (h *fakeHot) Keep(handle, view, version, mark string, body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies[handle+view+version+mark] = body
}

func hotRig(t *testing.T) (*rig, *fakeSubsidies, *fakeHot) {
	t.Helper()
	f := &fakeSubsidies{asOf: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}
	h := &fakeHot{version: "1", bodies: map[string][]byte{}}
	return newRig(t, func(d *Deps) { d.Subsidies, d.Hot = f, h }), f, h
}

func TestAReadyAnswerIsTheAnswerThatIsRead(t *testing.T) {
	t.Parallel()
	r, f, h := hotRig(t)
	long, _ := subsidyRig(t)
	for _, path := range []string{"/v1/arrivals", "/v1/arrivals?year=2021"} {
		want := long.call(http.MethodGet, path, "", bearer(citizenToken)...)
		require.Equal(t, 200, want.Code)
		before := f.calls
		for range 3 { // read, then ready twice
			got := r.call(http.MethodGet, path, "", bearer(citizenToken)...)
			require.Equal(t, want.Code, got.Code)
			require.Equal(t, want.Body.String(), got.Body.String())
			for _, name := range []string{"ETag", "Content-Type", "Cache-Control", "X-Content-Type-Options"} {
				require.Equal(t, want.Header().Get(name), got.Header().Get(name), name)
			}
		}
		require.Equal(t, before+1, f.calls)
	}
	require.Equal(t, 6, h.looks)

	// as_of moves by itself; what it says stays the same answer, to 304 too.
	tag := r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...).Header().Get("ETag")
	f.asOf = f.asOf.Add(time.Hour)
	later := r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...)
	require.Equal(t, tag, later.Header().Get("ETag"))
	var body map[string]any
	require.NoError(t, json.Unmarshal(later.Body.Bytes(), &body))
	require.Equal(t, "2021-12-20T02:00:00Z", body["as_of"])
	same := r.call(http.MethodGet, "/v1/arrivals", "", append(bearer(citizenToken), "If-None-Match", tag)...)
	require.Equal(t, 304, same.Code)
	require.Empty(t, same.Body.String())
	f.asOf = time.Time{}
	require.NotContains(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...).Body.String(), "as_of")
}

func TestAReadyAnswerIsOnlyForWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	r, f, h := hotRig(t)
	require.Equal(t, 200, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...).Code)
	calls := f.calls
	f.err = policy.ErrRecheckRequired // the gate is asked for a ready answer too
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...), 403, "RECHECK_REQUIRED")
	f.err = nil
	require.Equal(t, calls, f.calls)
	require.Equal(t, 200, r.call(http.MethodGet, "/v1/arrivals", "", bearer(otherToken)...).Code)
	require.Equal(t, calls+1, f.calls, "another person's is another answer")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer("oc1.xxxxxxxxxxxxxxxxxxxxxx.ccccccccccccccccccccccccccccccccccccccccccc")...), 401, "LOGIN_REQUIRED")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer(agentToken)...), 401, "LOGIN_REQUIRED")
	h.full = true
	w := r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...)
	requireProblem(t, w, 429, "RATE_LIMITED")
	require.Equal(t, "3", w.Header().Get("Retry-After"))
}

func TestOnlyUnfilteredFirstPagesAreReady(t *testing.T) {
	t.Parallel()
	r, _, h := hotRig(t)
	for _, query := range []string{"?programme=P41", "?state=credited", "?limit=5", "?year=2021&state=returned", "?year=02021", "?year=2021&limit=20", "?year=%32021"} {
		r.call(http.MethodGet, "/v1/arrivals"+query, "", bearer(citizenToken)...)
	}
	r.call(http.MethodGet, "/v1/arrivals/summary", "", bearer(citizenToken)...)
	require.Zero(t, h.looks)
	require.Empty(t, h.bodies)
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?state=paid", "", bearer(citizenToken)...), 422, "INVALID_INPUT")
}

func TestWithNothingReadyTheDatabaseAnswersAndTheEdgeCounts(t *testing.T) {
	t.Parallel()
	r, f, h := hotRig(t)
	h.out = true
	for range 3 {
		require.Equal(t, 200, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...).Code)
	}
	require.Equal(t, 3, f.calls)
	require.Empty(t, h.bodies)
	r.Figures.Reads = 3
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...), 429, "RATE_LIMITED")
	require.Contains(t, newRecorderOf((&Server{r.server}).Metrics()), `onecard_http_ready_answers_total{result="out"} 3`)
}

// slowSubsidies answers when it is let to.
type slowSubsidies struct {
	fakeSubsidies
	begun   chan struct{}
	release chan struct{}
	reads   atomic.Int64
}

func (f *slowSubsidies) Arrivals(ctx context.Context, by models.Actor, q subsidy.ListQuery) (subsidy.Arrivals, error) {
	f.reads.Add(1)
	f.begun <- struct{}{}
	select {
	case <-f.release:
	case <-ctx.Done():
		return subsidy.Arrivals{}, ctx.Err()
	}
	return subsidy.Arrivals{Year: q.Year, From: "2021-10", To: "2021-12"}, nil
}

func TestThoseWhoAskAtOnceShareOneReading(t *testing.T) {
	t.Parallel()
	f := &slowSubsidies{begun: make(chan struct{}, 100), release: make(chan struct{})}
	h := &fakeHot{version: "1", bodies: map[string][]byte{}}
	r := newRig(t, func(d *Deps) { d.Subsidies, d.Hot, d.ReadSlots = f, h, 1 })
	var done sync.WaitGroup
	status := make([]int, 8)
	for i := range status {
		done.Go(func() { status[i] = r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...).Code })
	}
	<-f.begun
	require.Eventually(t, func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.looks == len(status) }, 5*time.Second, time.Millisecond)
	// Who asks after an invalidation reads anew, and waits for the one slot.
	h.mu.Lock()
	h.version = "2"
	h.mu.Unlock()
	done.Go(func() { r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...) })
	require.Eventually(t, func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.looks == len(status)+1 }, 5*time.Second, time.Millisecond)
	require.EqualValues(t, 1, f.reads.Load(), "one slot, one reading")
	close(f.release)
	done.Wait()
	for _, code := range status {
		require.Equal(t, 200, code)
	}
	require.LessOrEqual(t, f.reads.Load(), int64(3), "those who came in between may have read once more")
	require.GreaterOrEqual(t, f.reads.Load(), int64(2))
	require.Len(t, h.bodies, 2)
}

func TestACallerWhoLeavesTakesNobodysAnswerAway(t *testing.T) {
	t.Parallel()
	f := &slowSubsidies{begun: make(chan struct{}, 100), release: make(chan struct{})}
	h := &fakeHot{version: "1", bodies: map[string][]byte{}}
	r := newRig(t, func(d *Deps) { d.Subsidies, d.Hot = f, h })
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	req := benchRequest(http.MethodGet, "/v1/arrivals", "", citizenToken).WithContext(ctx)
	go func() {
		r.engine.ServeHTTP(&nullWriter{h: http.Header{}}, req)
		gone <- nil
	}()
	<-f.begun
	leave()
	require.NoError(t, <-gone)
	close(f.release)
	require.Eventually(t, func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.bodies) == 1 }, 5*time.Second, time.Millisecond)
}

func TestAFailedReadingIsNotKept(t *testing.T) {
	t.Parallel()
	r, f, h := hotRig(t)
	f.err = errors.New("broken")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", "", bearer(citizenToken)...), 500, "INTERNAL")
	require.Empty(t, h.bodies)
}

// BenchmarkReadyAnswer is a list that was ready; its floor is BenchmarkEdgeReadFloor. It fails where the whole edge
// allocates more often beside bare gin than this, the request itself left out.
func BenchmarkReadyAnswer(b *testing.B) {
	f := &fakeSubsidies{asOf: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}
	h := &fakeHot{version: "1", bodies: map[string][]byte{}}
	v, err := New(Deps{Subsidies: f, Hot: h, Auth: fakeAuth{}, Figures: Figures{Reads: 1 << 30}})
	require.NoError(b, err)
	floor := gin.New()
	floor.GET("/v1/arrivals", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", nil) })
	allocs := func(h http.Handler) float64 {
		return testing.AllocsPerRun(200, func() {
			h.ServeHTTP(&nullWriter{h: http.Header{}}, benchRequest("GET", "/v1/arrivals", "", citizenToken))
		})
	}
	require.LessOrEqual(b, allocs(v.s.engine)-allocs(floor), 20.0)
	run(b, v.s.engine, "GET", "/v1/arrivals", "", citizenToken)
}

// BenchmarkArrivalsEncoder writes a full page; the floor is encoding/json on a struct without tags of ours.
func BenchmarkArrivalsEncoder(b *testing.B) {
	page := subsidy.Arrivals{From: "2021-10", To: "2021-12"}
	for range defaultPage {
		page.Items = append(page.Items, subsidy.Arrival{Payment: paymentOf(subsidy.Credited), Code: "P41", Name: "就业补助", Label: "已到账"})
	}
	s := &server{}
	b.ReportAllocs()
	for b.Loop() {
		raw, err := rawJSON(s.listBody(context.Background(), subsidy.ListQuery{}, page))
		if err != nil {
			b.Fatal(err)
		}
		_ = withAsOf(raw, page.AsOf)
	}
}

func BenchmarkTokenForm(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if !tokenForm(citizenToken) || handleOf(citizenToken) == "" {
			b.Fatal("not a token")
		}
	}
}
