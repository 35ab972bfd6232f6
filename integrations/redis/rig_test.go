package redis

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"onecard/configs"
	"onecard/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is one Redis under test, with a way to let time pass.
type rig struct {
	*Client
	cfg   configs.Redis
	clock models.Clock
	pass  func(time.Duration)
}

// again opens a second client on the same Redis: another replica.
func (r rig) again(t *testing.T) *Client {
	t.Helper()
	c, err := Open(t.Context(), r.cfg, r.clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func settings(kind, addr, prefix string) configs.Redis {
	cfg := configs.Default().Redis
	cfg.Kind, cfg.Addr, cfg.Prefix = kind, addr, prefix
	return cfg
}

// each runs a test against the embedded Redis, and against a server where ONECARD_TEST_REDIS names one. Every test has
// a prefix of its own and nothing is ever flushed.
func each(t *testing.T, test func(t *testing.T, r rig)) {
	t.Helper()
	prefix := "onecard-test:" + string(models.NewID()) + ":"
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		clock := models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC))
		r := rig{cfg: settings("in_process", "", prefix), clock: clock, pass: clock.Advance}
		r.Client = r.again(t)
		// A second replica is a server's client of the first one's embedded Redis.
		r.cfg = settings("server", r.embedded.Addr(), prefix)
		r.cfg.Password = configs.NewSecret(r.rdb.Options().Password)
		test(t, r)
	})
	addr := os.Getenv("ONECARD_TEST_REDIS")
	if addr == "" {
		return
	}
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		r := rig{cfg: settings("server", addr, prefix), clock: models.SystemClock{}, pass: func(d time.Duration) { <-time.After(d) }}
		r.Client = r.again(t)
		require.NoError(t, r.Ping(t.Context()), "ONECARD_TEST_REDIS names a server that does not answer")
		test(t, r)
	})
}

// stopped is a client whose server is not there.
func stopped(t *testing.T) (*Client, *models.ManualClock) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	clock := models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC))
	c, err := Open(t.Context(), settings("server", l.Addr().String(), "x:"), clock)
	require.NoError(t, err, "a start does not need Redis")
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c, clock
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestEmbeddedRedisFollowsTheMachinesClock(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), settings("in_process", "", "x:"), models.SystemClock{})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	first, err := c.Nonces().Once(t.Context(), "scope", "n", 30*time.Millisecond)
	require.NoError(t, err)
	require.True(t, first)
	require.Eventually(t, func() bool {
		first, err := c.Nonces().Once(t.Context(), "scope", "n", time.Minute)
		return err == nil && first
	}, 5*time.Second, 5*time.Millisecond, "a key outlived its life")
}

func TestEmbeddedRedisIsLocked(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), settings("in_process", "", "x:"), models.SystemClock{})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	stranger, err := Open(t.Context(), settings("server", c.embedded.Addr(), "x:"), models.SystemClock{})
	require.NoError(t, err)
	defer func() { require.NoError(t, stranger.Close()) }()
	require.ErrorContains(t, stranger.Ping(t.Context()), "NOAUTH")
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing twice is safe")
}
