package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	(&teller{out: json.NewEncoder(&words)}).Alarm("BATCH_HELD", 2)
	a := apart(t, "echo nonsense; echo '{}'; echo '"+words.String()+"'")
	require.NoError(t, a.takeApart(t.Context(), time.Minute))
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="BATCH_HELD"} 2`)
	require.Error(t, apart(t, "exit 1").takeApart(t.Context(), time.Minute))
}

func TestAPaydaysProcessEndsWithItsWorkerAndIsHastenedWhenItComesToNothing(t *testing.T) {
	t.Parallel()
	a := apart(t, `cat >/dev/null; test "$#" = 0`)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, a.takeApart(ctx, time.Minute), "it reads that its worker stops")
	require.False(t, a.hasten)
	require.NoError(t, a.takeApart(t.Context(), time.Millisecond))
	require.True(t, a.hasten)
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="PAYDAY_HASTENED"} 1`)
	require.NoError(t, apart(t, `test "$#" = 0`).takeApart(t.Context(), time.Minute))
	a.paydays = apart(t, `test "$1" = --hasten`).paydays
	require.NoError(t, a.takeApart(t.Context(), time.Millisecond))
}
