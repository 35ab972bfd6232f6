package redis

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// gcra is the one limiter: a key lives until everything allowed so far is used up (the theoretical arrival time). One
// more fits while that instant, moved on by one interval, is at most burst intervals ahead of now. Time is the server's,
// so replicas agree; the life of the key is all it needs to know. KEYS[1] key; ARGV interval and burst×interval in
// milliseconds. Answers the milliseconds to wait, 0 where one more was allowed.
var gcra = goredis.NewScript(`
local left = redis.call('PTTL', KEYS[1])
if left < 0 then left = 0 end
local after = left + ARGV[1]
local wait = after - ARGV[2]
if wait > 0 then return wait end
if after > 0 then redis.call('SET', KEYS[1], 0, 'PX', after) end
return 0
`)

// exactFrom is the interval from which a part of a millisecond does not count.
const exactFrom = time.Second

// pace is what gcra is asked. A long interval loses its part of a millisecond, so that a burst is exactly as many as were
// promised; a short one between two milliseconds is now the one, now the other, so that on the whole neither more nor
// less is allowed.
func pace(interval, window time.Duration) (every, within int64) {
	every = interval.Milliseconds()
	if rest := interval % time.Millisecond; rest > 0 && interval < exactFrom && rand.N(time.Millisecond) < rest {
		every++
	}
	return every, (window + time.Millisecond - 1).Milliseconds()
}

// take asks the script whether one more fits.
func (c *Client) take(ctx context.Context, key string, interval, window time.Duration) (bool, time.Duration, error) {
	every, within := pace(interval, window)
	wait, err := gcra.Run(ctx, c.rdb, []string{key}, every, within).Int64()
	if err != nil {
		return false, 0, err
	}
	return wait == 0, time.Duration(wait) * time.Millisecond, nil
}

// localGCRA is the same rule within this process, for the time Redis does not answer.
type localGCRA struct {
	mu    sync.Mutex
	clock models.Clock
	used  map[string]time.Time
}

// maxLocal bounds the memory of an outage; what is over is forgotten then.
const maxLocal = 100_000

func newLocalGCRA(clock models.Clock) *localGCRA {
	return &localGCRA{clock: clock, used: map[string]time.Time{}}
}

func (l *localGCRA) take(key string, interval, window time.Duration) (bool, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	if len(l.used) >= maxLocal {
		l.forget(now)
	}
	used := l.used[key]
	if used.Before(now) {
		used = now
	}
	after := used.Add(interval)
	if wait := after.Add(-window).Sub(now); wait > 0 {
		return false, wait
	}
	l.used[key] = after
	return true, 0
}

// forget drops what has run out; should nothing have, it drops everything: an outage must not end in no memory.
func (l *localGCRA) forget(now time.Time) {
	for key, used := range l.used {
		if !used.After(now) {
			delete(l.used, key)
		}
	}
	if len(l.used) >= maxLocal {
		clear(l.used)
	}
}
