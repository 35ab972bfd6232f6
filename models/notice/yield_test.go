package notice

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBulkStandsBackForTheUrgentButNotForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var y yielding
		stood := func() time.Duration {
			began := time.Now()
			y.wait(t.Context())
			return time.Since(began)
		}
		require.Zero(t, stood())
		one, two := y.urgent(), y.urgent()
		go func() {
			sleep(t.Context(), 10*time.Millisecond)
			one()
			one()
			sleep(t.Context(), 10*time.Millisecond)
			two()
		}()
		require.Equal(t, 20*time.Millisecond, stood(), "until the last is over, and each counts once")
		require.Zero(t, stood())
		hangs := y.urgent()
		require.Equal(t, yieldMost, stood())
		require.Zero(t, stood())
		hangs()
		defer y.urgent()()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		y.wait(gone)
	})
}
