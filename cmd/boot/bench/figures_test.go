package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMedianAndItsQuartilesAreThoseOfTheValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, spread{3, 2, 4}, spreadOf([]float64{5, 1, 3, 2, 4}))
	require.Equal(t, spread{2.5, 2, 4}, spreadOf([]float64{4, 1, 2, 3}))
	require.Equal(t, spread{}, spreadOf(nil))
}

func TestARatioIsJudgedByItsMedianAgainstItsLimit(t *testing.T) {
	t.Parallel()
	require.True(t, ratio("x", []float64{1.4, 1.6, 1.5}, 1.5, false).OK)
	require.False(t, ratio("x", []float64{1.6, 1.6, 1.2}, 1.5, false).OK)
	require.True(t, ratio("x", []float64{0.5}, 0.5, true).OK)
	require.False(t, ratio("x", []float64{0.49}, 0.5, true).OK)
	require.False(t, ratio("x", nil, 1.5, false).OK, "nothing measured is no success")
}

func TestRatiosArePairedRoundByRound(t *testing.T) {
	t.Parallel()
	ours := &readCase{runs: []run{{done: 10, cpu: 20 * time.Microsecond}, {done: 10, cpu: 80 * time.Microsecond}}}
	base := &readCase{runs: []run{{done: 10, cpu: 10 * time.Microsecond}, {done: 20, cpu: 80 * time.Microsecond}}}
	require.Equal(t, []float64{2, 2}, pairs(ours, base, run.cpuEach))
}

func TestAReportSaysWhatWasMissed(t *testing.T) {
	t.Parallel()
	r := Report{Bench: "run", Machine: "m", Ratios: []Ratio{ratio("a", []float64{2}, 1.5, false)}}
	require.True(t, r.Failed())
	var text, lines bytes.Buffer
	require.NoError(t, r.Print(&text, false))
	require.Contains(t, text.String(), "MISSED")
	require.NoError(t, r.Print(&lines, true))
	dec := json.NewDecoder(&lines)
	var head struct{ Failed bool }
	require.NoError(t, dec.Decode(&head))
	require.True(t, head.Failed)
	var one Ratio
	require.NoError(t, dec.Decode(&one))
	require.Equal(t, r.Ratios[0], one)
}

func TestCPUTimeIsReadFromAProcess(t *testing.T) {
	t.Parallel()
	s, err := parseStat([]byte("42 (a (b) c) S 7 1 1 0 -1 4194304 1 2 3 4 100 50 7 3 20 0 9 0 12345 1 2 3"))
	require.NoError(t, err)
	require.Equal(t, times{own: 1500 * time.Millisecond, name: "a (b) c", startKey: "12345"}, s)
	_, err = parseStat([]byte("42"))
	require.ErrorIs(t, err, errNoProc)
	peak, err := peakRSS(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, peak, int64(1<<20))
}

func TestALoadCountsWhatWasAnsweredAndStopsAtARefusal(t *testing.T) {
	t.Parallel()
	var refuse bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse || r.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer s.Close()
	asks := func(int) ask { return ask{"/x", "t"} }
	done, err := closed(t.Context(), s.URL, asks, 4, 50*time.Millisecond)
	require.NoError(t, err)
	require.Positive(t, done.done)
	require.Len(t, done.waits, done.done)
	require.Positive(t, done.rate())
	refuse = true
	_, err = closed(t.Context(), s.URL, asks, 4, 50*time.Millisecond)
	require.ErrorIs(t, err, errNotAnswered)
}

func TestASteadyLoadCountsFromTheInstantARequestWasDue(t *testing.T) {
	t.Parallel()
	var first = make(chan struct{}, 1)
	first <- struct{}{}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-first:
			<-time.After(50 * time.Millisecond)
		default:
		}
	}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	stop := make(chan struct{})
	time.AfterFunc(200*time.Millisecond, func() { close(stop) })
	done, err := steady(ctx, s.URL, func(int) ask { return ask{"/x", ""} }, 100, stop)
	require.NoError(t, err)
	require.GreaterOrEqual(t, done.waits[len(done.waits)-1], 50*time.Millisecond)
}

func TestWithoutServersTheBenchSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	for _, b := range []func(context.Context, Options) error{
		func(ctx context.Context, o Options) error { _, err := Run(ctx, o, new(bytes.Buffer)); return err },
		func(ctx context.Context, o Options) error { _, err := Scale(ctx, o, new(bytes.Buffer)); return err },
		func(ctx context.Context, o Options) error { _, err := Batch(ctx, o, new(bytes.Buffer)); return err },
	} {
		require.ErrorIs(t, b(t.Context(), Options{}), ErrNeedsServers)
	}
}
