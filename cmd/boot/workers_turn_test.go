package boot

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"
)

// logged is an app that only turns loops, and what it logged.
func logged() (*App, *bytes.Buffer) {
	out := &bytes.Buffer{}
	return &App{watch: newWatch(), log: slog.New(slog.NewTextHandler(out, nil))}, out
}

// shown is the page of metrics.
func shown(t *testing.T, a *App) string {
	t.Helper()
	page := httptest.NewRecorder()
	a.metricsPage().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics/work", nil))
	return page.Body.String()
}

func TestAPanicEndsTheTurnAndNotTheLoop(t *testing.T) {
	t.Parallel()
	a, out := logged()
	ctx, stop := context.WithCancel(t.Context())
	turns := 0
	var others int
	l := loop{name: "one", every: time.Nanosecond, once: func(context.Context) (bool, error) {
		turns++
		if turns == 1 {
			panic("13800000000 王建国")
		}
		stop()
		return false, nil
	}}
	a.run(ctx, l)
	require.Equal(t, 2, turns, "it goes on")
	more, err := a.turn(t.Context(), loop{name: "other", once: func(context.Context) (bool, error) { others++; return true, nil }})
	require.NoError(t, err)
	require.True(t, more)
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PANIC"} 1`)
	require.Contains(t, shown(t, a), `onecard_sweep_failures_total{sweep="one"} 1`)
	require.Contains(t, out.String(), "code=PANIC")
	require.Contains(t, out.String(), "workers_turn_test.go", "with its stack")
	require.NotContains(t, out.String(), "13800000000")
	require.NotContains(t, out.String(), "王建国")
}

func TestBackOffAfterPanicsGrowsToAMinute(t *testing.T) {
	t.Parallel()
	require.Equal(t, time.Second, backOff(0))
	require.Equal(t, 8*time.Second, backOff(3))
	require.Equal(t, time.Minute, backOff(1000))
}

func TestAPanicInAJobIsAnErrorOfTheJob(t *testing.T) {
	t.Parallel()
	a, out := logged()
	b := bridge[Housekeeping]{do: func(context.Context, Housekeeping) error { panic("13800000000") }}
	err := b.Work(t.Context(), &river.Job[Housekeeping]{})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "13800000000", "River stores it")
	require.Nil(t, jobErrors{a}.HandleError(t.Context(), &rivertype.JobRow{Kind: "housekeeping.hourly"}, err))
	require.Nil(t, jobErrors{a}.HandlePanic(t.Context(), &rivertype.JobRow{Kind: "housekeeping.hourly"}, "13800000000", "a stack"))
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PANIC"} 2`)
	require.Contains(t, out.String(), "work=housekeeping.hourly")
	require.NotContains(t, out.String(), "13800000000")
}
