package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

// apart is a worker whose process of paydays is a line of shell; it gets the arguments as its own.
func apart(t *testing.T, line string) *App {
	t.Helper()
	return &App{log: slog.New(slog.DiscardHandler), watch: newWatch(), paydays: func(arguments ...string) *exec.Cmd {
		return exec.Command("/bin/sh", append([]string{"-c", line, "sh"}, arguments...)...)
	}}
}

func TestAlarmsOfThePaydaysProcessAreCountedByItsWorker(t *testing.T) {
	t.Parallel()
	var words bytes.Buffer
	require.NoError(t, json.NewEncoder(&words).Encode(told{"PANIC", 2}))
	a := apart(t, "echo nonsense; echo '{}'; echo '"+words.String()+"'")
	require.NoError(t, a.readApart(t.Context(), subsidy.Batch{}, time.Minute))
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PANIC"} 2`)
	require.Error(t, apart(t, "exit 1").readApart(t.Context(), subsidy.Batch{}, time.Minute))
}

func TestAPaydaysProcessIsToldItsBatchAndEndsWithItsWorker(t *testing.T) {
	t.Parallel()
	to := filepath.Join(t.TempDir(), "asked")
	b := subsidy.Batch{ID: "b-1", LedgerMonth: "2022-01", Version: 3, Count: 7, TotalFen: 700, Digest: "d", LinesBy: subsidy.ByFeed, AnnouncedAt: time.Unix(1, 0).UTC()}
	ctx, stop := context.WithCancel(t.Context())
	a := apart(t, `read -r b; echo "$b" > `+to+`.new; mv `+to+`.new `+to+`; cat >/dev/null`)
	ended := make(chan error, 1)
	go func() { ended <- a.readApart(ctx, b, time.Minute) }()
	var asked []byte
	require.Eventually(t, func() bool {
		var err error
		asked, err = os.ReadFile(to)
		return err == nil
	}, 20*time.Second, 5*time.Millisecond)
	var is subsidy.Batch
	require.NoError(t, json.Unmarshal(asked, &is))
	require.Equal(t, b, is)
	stop()
	require.ErrorIs(t, <-ended, context.Canceled, "it was not read, whatever the process says")
	require.False(t, a.hasten)
}

func TestAPaydayThatCameToNothingIsHastenedUntilItIsRead(t *testing.T) {
	t.Parallel()
	// Behind everything it comes to nothing and has to be killed; hastened it fails while the file is not there.
	ready := filepath.Join(t.TempDir(), "ready")
	a := apart(t, `test "$1" = --hasten || { trap "" TERM; exec sleep 600; }; test -e `+ready)
	began := time.Now()
	require.ErrorContains(t, a.readApart(t.Context(), subsidy.Batch{}, time.Millisecond), "exit status 1")
	require.Less(t, time.Since(began), stopMost+20*time.Second, "it was killed")
	require.True(t, a.hasten, "a failed try between changes nothing")
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PAYDAY_HASTENED"} 1`)
	require.Error(t, a.readApart(t.Context(), subsidy.Batch{}, time.Hour), "hastened from its start")
	require.True(t, a.hasten)
	require.NoError(t, os.WriteFile(ready, nil, 0o600))
	require.NoError(t, a.readApart(t.Context(), subsidy.Batch{}, time.Hour))
	require.False(t, a.hasten)
	a.paydays = apart(t, `test "$#" = 0`).paydays
	require.NoError(t, a.readApart(t.Context(), subsidy.Batch{}, time.Minute), "the next one stands behind everything")
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PAYDAY_HASTENED"} 1`)
}
