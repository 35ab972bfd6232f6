package redis

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

func TestSessionCopyLapsesAndIsDropped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		s := r.SessionCopies()
		get := func(hash string) (citizen.Session, bool) {
			got, ok, err := s.Get(t.Context(), "h1", hash)
			require.NoError(t, err)
			return got, ok
		}
		made := time.Date(2021, 12, 20, 1, 2, 3, 4000, time.UTC)
		session := citizen.Session{ID: models.NewID(), Handle: "h1", SecretHash: "s1", Level: models.LevelReal, Channel: models.WechatOA, MadeAt: made}
		_, ok := get("s1")
		require.False(t, ok)
		require.NoError(t, s.Put(t.Context(), session, 80*time.Millisecond))
		got, ok := get("s1")
		require.True(t, ok)
		require.Equal(t, session, got)
		r.pass(100 * time.Millisecond)
		_, ok = get("s1")
		require.False(t, ok, "the copy outlived its life")

		require.NoError(t, s.Put(t.Context(), session, time.Hour))
		left, err := r.rdb.PTTL(t.Context(), r.prefix+"{h1}:s:s1").Result()
		require.NoError(t, err)
		require.LessOrEqual(t, left, time.Minute, "a revocation must count after a minute")
		require.NoError(t, s.Drop(t.Context(), "h1", "s1"))
		_, ok = get("s1")
		require.False(t, ok)
		require.NoError(t, s.Put(t.Context(), session, time.Minute))
		_, ok = get("s1")
		require.False(t, ok, "a reader who was late must not put a revoked session back")

		session.SecretHash = "s2"
		require.NoError(t, s.Put(t.Context(), session, -time.Second))
		_, ok = get("s2")
		require.False(t, ok, "a session that is over is not copied")
		require.NoError(t, r.rdb.Set(t.Context(), r.prefix+"{h1}:s:s3", "{", time.Minute).Err())
		_, ok = get("s3")
		require.False(t, ok, "what cannot be read is a miss")
	})
}

func TestLimiterCountsForAllReplicas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		one, two := r.Limiter(), r.again(t).Limiter()
		const per = 2 * time.Second
		for i := range 4 {
			l := one
			if i%2 == 1 {
				l = two
			}
			ok, _, err := l.Allow(t.Context(), "k", per, 4)
			require.NoError(t, err)
			require.True(t, ok, i)
		}
		ok, retry, err := two.Allow(t.Context(), "k", per, 4)
		require.NoError(t, err)
		require.False(t, ok)
		require.Positive(t, retry)
		require.LessOrEqual(t, retry, per/4)
		ok, _, _ = one.Allow(t.Context(), "other", per, 4)
		require.True(t, ok, "keys do not share")
		r.pass(retry + 5*time.Millisecond)
		ok, _, _ = one.Allow(t.Context(), "k", per, 4)
		require.True(t, ok, "one comes free after the time that was named")
	})
}

func TestLimiterKeyLapses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		ok, _, err := r.Limiter().Allow(t.Context(), "k", 50*time.Millisecond, 1)
		require.NoError(t, err)
		require.True(t, ok)
		r.pass(70 * time.Millisecond)
		n, err := r.rdb.Exists(t.Context(), r.key("limit", "k")).Result()
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestLimiterRace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if ok, _, _ := r.Limiter().Allow(t.Context(), "k", time.Hour, 7); ok {
					allowed.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 7, allowed.Load())
		require.Zero(t, r.Failures(), "every call must have been counted by Redis itself")
	})
}

func TestBudgetLanes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		b := r.Budget("cards", 1) // one a second: nothing comes back while the test runs
		count := func(b *Budget, lane Lane) (n int) {
			for {
				if ok, _ := b.Take(t.Context(), lane); !ok {
					return n
				}
				n++
			}
		}
		require.Equal(t, 1, count(b, ReadLane), "every lane gets at least one")

		fast := r.Budget("payments", 50)
		reads := count(fast, ReadLane)
		require.InDelta(t, 20, reads, 4, "reads take two fifths")
		bindings := count(fast, BindingLane)
		require.InDelta(t, 10, bindings, 4)
		releases := count(fast, ReleaseLane)
		require.InDelta(t, 10, releases, 4)
		losses := count(fast, LossLane)
		require.InDelta(t, 10, losses, 4, "something was left for losses")
		ok, wait := fast.Take(t.Context(), ReadLane)
		require.False(t, ok)
		require.Greater(t, wait, 500*time.Millisecond, "a read waits until the urgent ones had theirs")
	})
}

func TestBudgetWaits(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), settings("in_process", "", "x:"), systemClock)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	b := c.Budget("cards", 100)
	for range 60 {
		require.NoError(t, b.Wait(soon(t), ReadLane))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Wait(ctx, ReadLane), context.Canceled)
}

func TestNonceCountsOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		n := r.Nonces()
		first, err := n.Once(t.Context(), "wechat", "n1", 60*time.Millisecond)
		require.NoError(t, err)
		require.True(t, first)
		first, err = n.Once(t.Context(), "wechat", "n1", 60*time.Millisecond)
		require.NoError(t, err)
		require.False(t, first)
		first, err = n.Once(t.Context(), "registry", "n1", 60*time.Millisecond)
		require.NoError(t, err)
		require.True(t, first, "scopes do not share")
		r.pass(80 * time.Millisecond)
		first, err = n.Once(t.Context(), "wechat", "n1", 60*time.Millisecond)
		require.NoError(t, err)
		require.True(t, first, "the nonce outlived its life")
	})
}

func TestLockKeepsOthersOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		one, two := r.Locks(), r.again(t).Locks()
		release, err := one.Obtain(t.Context(), "l", time.Minute, 0)
		require.NoError(t, err)
		_, err = two.Obtain(t.Context(), "l", time.Minute, 0)
		require.ErrorIs(t, err, ErrLocked)
		_, err = two.Obtain(t.Context(), "l", 30*time.Millisecond, time.Second)
		require.ErrorIs(t, err, ErrLocked, "a wait longer than the lock's life is still only a locked door")
		release()
		release2, err := two.Obtain(t.Context(), "l", 60*time.Millisecond, 0)
		require.NoError(t, err)
		r.pass(80 * time.Millisecond)
		release3, err := one.Obtain(t.Context(), "l", time.Minute, 0)
		require.NoError(t, err, "the lock outlived its life")
		release2()
		_, err = two.Obtain(t.Context(), "l", time.Minute, 0)
		require.ErrorIs(t, err, ErrLocked, "a late holder must not open another's lock")
		release3()
	})
}

func TestWakeReachesEveryReplica(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		one, two := r.WakeUps(), r.again(t).WakeUps()
		one.Wake("commands")
		require.True(t, one.Sleep(soon(t), "commands", time.Minute), "a wake-up before the sleep counts")
		require.False(t, one.Sleep(soon(t), "commands", time.Millisecond), "our own message does not wake us twice")
		// The other replica's subscription stands a moment after its start; wake until it has heard.
		require.Eventually(t, func() bool {
			one.Wake("commands")
			return two.Sleep(soon(t), "commands", 50*time.Millisecond)
		}, 5*time.Second, time.Millisecond)
		require.False(t, two.Sleep(soon(t), "notices", time.Millisecond), "topics do not share")
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.False(t, two.Sleep(gone, "notices", time.Minute))
	})
}

func TestTokenIsFetchedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		replicas := []*Tokens{r.Tokens(), r.again(t).Tokens(), r.again(t).Tokens()}
		var fetched atomic.Int64
		fetch := func(context.Context) (string, time.Duration, error) {
			return "token-" + strconv.FormatInt(fetched.Add(1), 10), time.Hour, nil
		}
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				value, err := replicas[i%3].Fetch(soon(t), "wx1", fetch)
				if err != nil || value != "token-1" {
					t.Errorf("got %q, %v", value, err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, fetched.Load())
		other, err := replicas[0].Fetch(soon(t), "wx2", fetch)
		require.NoError(t, err)
		require.Equal(t, "token-2", other, "apps do not share")

		replicas[0].Forget(t.Context(), "wx1", "token-1")
		value, err := replicas[0].Fetch(soon(t), "wx1", fetch)
		require.NoError(t, err)
		require.Equal(t, "token-3", value)
		replicas[1].Forget(t.Context(), "wx1", "token-1")
		value, err = replicas[1].Fetch(soon(t), "wx1", fetch)
		require.NoError(t, err)
		require.Equal(t, "token-3", value, "a late replica must not throw the fresh token away")

		broken := errors.New("busy")
		_, err = replicas[0].Fetch(soon(t), "wx3", func(context.Context) (string, time.Duration, error) { return "", 0, broken })
		require.ErrorIs(t, err, broken)
	})
}

func TestTokenLapses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		tokens := r.Tokens()
		tokens.Set(t.Context(), "wx", "a", 60*time.Millisecond)
		value, ok := tokens.Get(t.Context(), "wx")
		require.True(t, ok)
		require.Equal(t, "a", value)
		r.pass(80 * time.Millisecond)
		_, ok = tokens.Get(t.Context(), "wx")
		require.False(t, ok)
		tokens.Set(t.Context(), "wx", "b", -300*time.Second)
		_, ok = tokens.Get(t.Context(), "wx")
		require.False(t, ok, "a token that is over is not kept")
		tokens.Set(t.Context(), "wx", "c", time.Hour)
		tokens.Delete(t.Context(), "wx")
		_, ok = r.again(t).Tokens().Get(t.Context(), "wx")
		require.False(t, ok)
	})
}

func TestALeaseStaysWithWhoGoesOnAsking(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		const ttl = time.Second
		pass := func(d time.Duration) {
			r.pass(d)
			require.NoError(t, r.Ping(t.Context())) // the embedded Redis sees the clock when its own client asks
		}
		one, two := r.Leases(ttl), r.again(t).Leases(ttl)
		require.True(t, one.Mine(t.Context(), "feed cards"))
		require.False(t, two.Mine(t.Context(), "feed cards"))
		require.True(t, two.Mine(t.Context(), "feed payments"), "each name by itself")
		pass(600 * time.Millisecond)
		require.True(t, one.Mine(t.Context(), "feed cards"), "kept for another life")
		pass(600 * time.Millisecond)
		require.False(t, two.Mine(t.Context(), "feed cards"))
		two.Pass(t.Context(), "feed cards")
		require.False(t, two.Mine(t.Context(), "feed cards"), "another's lease cannot be given up")
		pass(1200 * time.Millisecond) // one is dead
		require.True(t, two.Mine(t.Context(), "feed cards"))
		require.False(t, one.Mine(t.Context(), "feed cards"))
		two.Pass(t.Context(), "feed cards")
		require.True(t, one.Mine(t.Context(), "feed cards"), "given up, it need not lapse")
	})
}
