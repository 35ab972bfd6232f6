package redis

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// gcra is the one limiter: a key holds the instant at which everything allowed so far is used up (the theoretical
// arrival time). One more fits while that instant, moved on by one interval, is at most burst intervals ahead of now.
// Time is the server's, so replicas agree. KEYS[1] key; ARGV interval and burst×interval in microseconds.
// Answers {allowed 0|1, microseconds to wait}.
var gcra = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used < now then used = now end
local after = used + interval
if after - window > now then return {0, after - window - now} end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return {1, 0}
`)

// take asks the script whether one more fits.
func (c *Client) take(ctx context.Context, key string, interval, window time.Duration) (bool, time.Duration, error) {
	answer, err := gcra.Run(ctx, c.rdb, []string{key}, max(1, interval.Microseconds()), window.Microseconds()).Int64Slice()
	if err != nil {
		return false, 0, err
	}
	return answer[0] == 1, time.Duration(answer[1]) * time.Microsecond, nil
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
