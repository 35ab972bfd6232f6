package redis

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

var hotSecret = bytes.Repeat([]byte{9}, 32)

// aSession is a log-in with a copy in Redis.
func aSession(t *testing.T, c *Client, handle string) citizen.Session {
	t.Helper()
	s := citizen.Session{ID: models.NewID(), Handle: handle, SecretHash: "hash", PersonID: models.NewID(), Level: models.LevelReal}
	require.NoError(t, c.SessionCopies().Put(t.Context(), s, time.Minute))
	return s
}

func ask(handle string) Ask {
	return Ask{Handle: handle, SecretHash: "hash", LimitKey: "rl:{" + handle + "}:read", PerMinute: 1000, View: "recent:list", Mark: "m1"}
}

// look is Look where Redis must answer.
func look(t *testing.T, h *Hot, q Ask) Found {
	t.Helper()
	f, err := h.Look(t.Context(), q)
	require.NoError(t, err)
	return f
}

func TestAReadyAnswerIsFoundInOneTrip(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		h, q := r.Hot(hotSecret), ask("h1")
		cold := look(t, h, q)
		require.False(t, cold.Known)
		require.Empty(t, cold.Version)
		require.Nil(t, cold.Body)
		require.True(t, cold.Counted && cold.Fits, "a script that Redis does not know is sent whole")

		session := aSession(t, r.Client, "h1")
		version, err := h.Begin(t.Context(), "h1")
		require.NoError(t, err)
		again, err := h.Begin(t.Context(), "h1")
		require.NoError(t, err)
		require.Equal(t, version, again, "the version that stands is everybody's")
		h.Keep("h1", q.View, version, q.Mark, []byte("body"))
		h.Settle(soon(t))

		before := r.Trips()
		found := look(t, h, q)
		require.EqualValues(t, 1, r.Trips()-before)
		require.Equal(t, "body", string(found.Body))
		require.Equal(t, version, found.Version)
		require.True(t, found.Known && found.Counted && found.Fits)
		require.Equal(t, session.PersonID, found.Session.PersonID)

		other := q
		other.Mark = "m2"
		require.Nil(t, look(t, h, other).Body, "the catalogue moved")
		other = q
		other.View = "2021:list"
		require.Nil(t, look(t, h, other).Body)
	})
}

func TestAReadyAnswerIsSealedToItsPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		h := r.Hot(hotSecret)
		secret := []byte("耕地地力保护补贴 338.00元")
		aSession(t, r.Client, "h1")
		aSession(t, r.Client, "h2")
		version, err := h.Begin(t.Context(), "h1")
		require.NoError(t, err)
		h.Keep("h1", "recent:list", version, "m1", secret)
		h.Settle(soon(t))
		sealed, err := r.rdb.Get(t.Context(), h.body("h1", "recent:list")).Bytes()
		require.NoError(t, err)
		require.NotContains(t, string(sealed), "338.00")

		// Copied under another person, another view or an older version it does not open.
		require.NoError(t, r.rdb.Set(t.Context(), h.body("h2", "recent:list"), sealed, time.Minute).Err())
		require.NoError(t, r.rdb.Set(t.Context(), h.version("h2"), version, time.Minute).Err())
		require.Nil(t, look(t, h, ask("h2")).Body)
		require.NotNil(t, look(t, h, ask("h1")).Body)
		stranger := r.again(t).Hot(bytes.Repeat([]byte{8}, 32))
		require.Nil(t, look(t, stranger, ask("h1")).Body)
		for _, bad := range [][]byte{nil, []byte("x"), sealed[:20], append([]byte{1}, sealed...)} {
			require.NoError(t, r.rdb.Set(t.Context(), h.body("h1", "recent:list"), bad, time.Minute).Err())
			require.Nil(t, look(t, h, ask("h1")).Body)
		}
	})
}

func TestWhatIsOutdatedIsNeverGivenAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		h, q := r.Hot(hotSecret), ask("h1")
		aSession(t, r.Client, "h1")
		require.NoError(t, h.Outdate(t.Context(), []string{"h1", "nobody"}))
		require.Empty(t, look(t, h, q).Version, "who has no version gets none: a batch of a million makes no keys")

		early, err := h.Begin(t.Context(), "h1")
		require.NoError(t, err)
		h.Keep("h1", q.View, early, q.Mark, []byte("old"))
		h.Settle(soon(t))
		require.NotNil(t, look(t, h, q).Body)
		require.NoError(t, h.Outdate(t.Context(), []string{"h1"}))
		require.Nil(t, look(t, h, q).Body)
		h.Keep("h1", q.View, early, q.Mark, []byte("old")) // a reader who was slow
		h.Settle(soon(t))
		require.Nil(t, look(t, h, q).Body)

		// Not even when the version is lost, made anew and lost again.
		for range 3 {
			require.NoError(t, r.rdb.Del(t.Context(), h.version("h1")).Err())
			require.Nil(t, look(t, h, q).Body)
			_, err := h.Begin(t.Context(), "h1")
			require.NoError(t, err)
			require.Nil(t, look(t, h, q).Body)
		}
	})
}

func TestAReadyAnswerThatWasNotOutdatedEndsByItself(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC))
	c, err := Open(t.Context(), settings("in_process", "", "x:"), clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	h, q := c.Hot(hotSecret), ask("h1")
	keepOne := func(body string) {
		version, err := h.Begin(t.Context(), "h1")
		require.NoError(t, err)
		h.Keep("h1", q.View, version, q.Mark, []byte(body))
		h.Settle(soon(t))
	}
	keepOne("a")
	clock.Advance(BodyLife - time.Second)
	require.Equal(t, "a", string(look(t, h, q).Body))
	clock.Advance(2 * time.Second)
	require.Nil(t, look(t, h, q).Body, "Redis lost the message: the answer lived no longer than its life")
	keepOne("b")
	clock.Advance(BodyLife - time.Second) // past the life of the first version
	keepOne("c")
	require.Equal(t, "c", string(look(t, h, q).Body))
	clock.Advance(24 * time.Hour)
	require.Nil(t, look(t, h, q).Body, "yesterday's key opens nothing")
}

// The model: a reader gets nothing older than what stood when an invalidation that was acknowledged before it asked
// began. Readers are slow, versions vanish, replicas differ.
func TestNoReaderGetsAnOlderAnswerAfterAnAcknowledgedInvalidation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		const handle = "h1"
		replicas := []*Hot{r.Hot(hotSecret), r.again(t).Hot(hotSecret)}
		aSession(t, r.Client, handle)
		var row, acknowledged atomic.Int64 // what the database says; what was outdated up to
		ctx, stop := context.WithCancel(soon(t))
		defer stop()
		var writers, readers sync.WaitGroup
		writers.Go(func() {
			for range 300 {
				now := row.Add(1)
				if err := replicas[now%2].Outdate(ctx, []string{handle}); err != nil {
					t.Errorf("outdate: %v", err)
					return
				}
				acknowledged.Store(now)
				if now%17 == 0 {
					r.rdb.Del(ctx, replicas[0].version(handle)) // evicted
				}
			}
		})
		var hits, older atomic.Int64
		for i := range 4 {
			h := replicas[i%2]
			readers.Go(func() {
				for ctx.Err() == nil {
					floor := acknowledged.Load()
					q := ask(handle)
					q.PerMinute = 1 << 20
					f, err := h.Look(ctx, q)
					if err != nil {
						return
					}
					if f.Body != nil {
						hits.Add(1)
						if got, _ := strconv.ParseInt(string(f.Body), 10, 64); got < floor {
							older.Add(1)
						}
						continue
					}
					if f.Version == "" {
						if f.Version, err = h.Begin(ctx, handle); err != nil {
							return
						}
					}
					read := row.Load()
					if i%2 == 1 { // a slow reader keeps what it read after others did
						h.Settle(ctx)
					}
					h.Keep(handle, q.View, f.Version, q.Mark, []byte(strconv.FormatInt(read, 10)))
				}
			})
		}
		writers.Wait()
		replicas[0].Settle(ctx)
		require.Eventually(t, func() bool { return hits.Load() > 0 }, 5*time.Second, time.Millisecond, "the model never met a ready answer")
		stop()
		readers.Wait()
		require.Zero(t, older.Load())
	})
}

func TestTheReadLimitIsCountedInTheSameTrip(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		h, q := r.Hot(hotSecret), ask("h1")
		q.PerMinute = 3
		for range 3 {
			require.True(t, look(t, h, q).Fits)
		}
		over := look(t, h, q)
		require.True(t, over.Counted)
		require.False(t, over.Fits)
		require.Positive(t, over.Wait)
		ok, _, err := r.Limiter().Allow(t.Context(), q.LimitKey, time.Minute, 3)
		require.NoError(t, err)
		require.False(t, ok, "one figure for the person, whichever way it is counted")

		r.rdb.ScriptFlush(t.Context()) // a server that started anew
		require.True(t, look(t, h, q).Counted)
	})
}

func TestEverythingOfOnePersonSharesASlot(t *testing.T) {
	t.Parallel()
	c, err := Open(t.Context(), settings("in_process", "", "p:"), systemClock)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	h := c.Hot(hotSecret)
	for _, key := range []string{c.SessionCopies().key("h1", "s"), h.version("h1"), h.body("h1", "v"), c.key("limit", "rl:{h1}:read")} {
		_, rest, _ := strings.Cut(key, "{")
		tag, _, _ := strings.Cut(rest, "}")
		require.Equal(t, "h1", tag, key)
	}
}

func TestWithoutRedisNothingIsReady(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	h := c.Hot(hotSecret)
	_, err := h.Look(t.Context(), ask("h1"))
	require.Error(t, err)
	_, err = h.Begin(t.Context(), "h1")
	require.Error(t, err)
	require.Error(t, h.Outdate(t.Context(), []string{"h1"}), "the job comes again")
	h.Keep("h1", "v", "1", "m", []byte("x"))
	h.Settle(soon(t))
}

func TestMoreThanCanWaitIsNotKeptAndNobodyWaits(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	h := &Hot{c: c, seal: newSealer(hotSecret, systemClock), queue: make(chan keep, 1)} // nobody stores
	h.Keep("h1", "v", "1", "m", nil)
	h.Keep("h1", "v", "1", "m", nil)
	require.Len(t, h.queue, 1)
	h.Keep("h2", "v", "", "m", nil)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	h.Settle(ctx)
}

func TestAfterAPauseOneCallerTries(t *testing.T) {
	t.Parallel()
	var failures, trips atomic.Int64
	p := &pause{failures: &failures, trips: &trips}
	require.True(t, p.pass())
	require.Error(t, p.note(t.Context(), context.DeadlineExceeded))
	require.False(t, p.pass(), "Redis was slow: nobody waits for it")
	p.until.Store(1) // the pause is over
	require.True(t, p.pass())
	require.False(t, p.pass(), "one tries, the others go on without")
	require.ErrorIs(t, p.note(t.Context(), goredis.Nil), goredis.Nil)
	require.True(t, p.pass(), "it answered")
	require.EqualValues(t, 1, failures.Load())
	require.EqualValues(t, 3, trips.Load())
}

func BenchmarkSealedAnswer(b *testing.B) {
	s, body := newSealer(hotSecret, systemClock), bytes.Repeat([]byte("x"), 2048)
	sealed := string(s.close("place", body))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.open("place", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
