package redis

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

var systemClock = models.SystemClock{}

func TestWithoutRedisSessionsComeFromTheDatabase(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	require.Error(t, c.SessionCopies().Put(t.Context(), citizen.Session{Handle: "h", SecretHash: "s"}, time.Minute))
	_, ok, err := c.SessionCopies().Get(t.Context(), "h", "s")
	require.False(t, ok)
	require.Error(t, err)
	require.Error(t, c.SessionCopies().Drop(t.Context(), "h", "s"))
	require.Error(t, c.Ping(t.Context()))
	require.Positive(t, c.Failures())
}

func TestWithoutRedisTheLimiterSaysThatItIsOut(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	for range 3 { // the edge counts then; were the outage hidden here, it could not let a loss report through
		_, _, err := c.Limiter().Allow(t.Context(), "k", time.Minute, 1)
		require.Error(t, err)
	}
}

func TestWithoutRedisTheBudgetIsAQuarter(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	b := c.Budget("cards", 40)
	taken := 0
	for {
		if ok, _ := b.Take(t.Context(), LossLane); !ok {
			break
		}
		taken++
	}
	require.Equal(t, 10, taken)
	clock.Advance(100 * time.Millisecond)
	ok, _ := b.Take(t.Context(), ReadLane)
	require.False(t, ok)
	ok, _ = b.Take(t.Context(), LossLane)
	require.True(t, ok)
}

func TestWithoutRedisTokensAreFetchedHere(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	fetched := 0
	fetch := func(context.Context) (string, time.Duration, error) { fetched++; return "t", time.Hour, nil }
	for range 3 {
		value, err := c.Tokens().Fetch(t.Context(), "wx", fetch)
		require.NoError(t, err)
		require.Equal(t, "t", value)
	}
	require.Equal(t, 1, fetched, "this process keeps its own copy")
	c.Tokens().Forget(t.Context(), "wx", "t")
	_, err := c.Tokens().Fetch(t.Context(), "wx", fetch)
	require.NoError(t, err)
	require.Equal(t, 2, fetched)
	clock.Advance(believedWithout)
	_, err = c.Tokens().Fetch(t.Context(), "wx", fetch)
	require.NoError(t, err)
	require.Equal(t, 3, fetched)
}

func TestWithoutRedisNoncesAreRefusedAndLocksSaySo(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	_, err := c.Nonces().Once(t.Context(), "wechat", "n", time.Minute)
	require.Error(t, err, "a nonce that cannot be remembered must not count as first")
	release, err := c.Locks().Obtain(t.Context(), "l", time.Minute, 0)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrLocked)
	release()
}

func TestWithoutRedisEveryoneHasTheLease(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	require.True(t, c.Leases(time.Minute).Mine(t.Context(), "feed cards"))
	require.True(t, c.Leases(time.Minute).Mine(t.Context(), "feed cards"))
	c.Leases(time.Minute).Pass(t.Context(), "feed cards")
}

func TestWithoutRedisWakeUpsWorkInThisProcess(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	c.WakeUps().Wake("commands")
	require.True(t, c.WakeUps().Sleep(soon(t), "commands", time.Minute))
}

func TestWithoutRedisNobodyWaits(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	_ = c.Ping(t.Context())
	require.ErrorIs(t, c.Ping(t.Context()), errDown, "the second caller within a second does not even try")
	before := c.Failures()
	for range 1000 {
		_, _, _ = c.Limiter().Allow(t.Context(), "k", time.Minute, 3)
	}
	require.LessOrEqual(t, c.Failures()-before, int64(30), "an outage must not cost a time-out per request")
}

func TestCanceledCallerDoesNotCloseTheDoor(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), settings("in_process", "", "x:"), systemClock)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.Ping(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, c.Ping(ctx))
	require.NoError(t, c.Ping(t.Context()), "one impatient caller says nothing about Redis")
}

func TestLocalBudgetForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC))
	l := newLocalGCRA(clock)
	for i := range maxLocal {
		l.used[strconv.Itoa(i)] = clock.Now().Add(time.Second)
	}
	clock.Advance(2 * time.Second)
	l.take("k", time.Second, time.Minute)
	require.Equal(t, 1, len(l.used)) //nolint:testifylint // Len would print the map
}
