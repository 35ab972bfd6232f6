package redis

import (
	"context"
	"math"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// bucket gives several tokens at once where gcra gives one, and leaves some for others. The key holds the instant at which
// everything granted so far is used up, in microseconds of the server's clock, so that replicas agree. KEYS[1] key; ARGV
// tokens a second, tokens that may lie ready, wanted, to be left. Answers how many are granted, and the milliseconds after
// which one more would be; 0 where all were granted.
var bucket = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local every = 1000000 / ARGV[1]
local window = ARGV[2] * every
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used < now then used = now end
if used > now + window then used = now + window end
local want = tonumber(ARGV[3])
local granted = math.floor((now + window - used) / every + 0.000001) - ARGV[4]
if granted > want then granted = want end
if granted < 0 then granted = 0 end
if granted > 0 then
  used = used + granted * every
  redis.call('SET', KEYS[1], string.format('%.0f', used), 'PX', math.ceil((used - now) / 1000))
end
if granted >= want then return {granted, 0} end
local wait = used + (ARGV[4] + 1) * every - now - window
return {granted, math.max(1, math.ceil(wait / 1000))}
`)

// Buckets are caps on what leaves towards somebody, counted by all replicas together. A cap of n a second lets n leave at
// once, and never more than n for each second that passes besides.
type Buckets struct {
	c     *Client
	share float64

	mu    sync.Mutex
	local map[string]time.Time // what is used up here while Redis does not answer
}

// Buckets are caps of all replicas together; share is the part of a cap that this replica uses while Redis does not answer.
func (c *Client) Buckets(share float64) *Buckets {
	return &Buckets{c: c, share: min(max(share, 0.01), 1), local: map[string]time.Time{}}
}

// Take asks for want tokens of a cap and leaves keep to others. It gives how many were granted and, where those are fewer,
// when to ask again. With Redis gone each replica uses its share of the cap, and err is nil: what is sent must go on.
func (b *Buckets) Take(ctx context.Context, name string, perSecond, want, keep int) (granted int, retryAfter time.Duration, err error) {
	if want <= 0 {
		return 0, 0, nil
	}
	if perSecond <= 0 {
		return want, 0, nil // no cap
	}
	keep = min(max(keep, 0), perSecond-1) // a lane that always leaves everything would never move
	answer, err := bucket.Run(ctx, b.c.rdb, []string{b.c.key("bucket", name)}, perSecond, perSecond, want, keep).Int64Slice()
	if err == nil && len(answer) == 2 {
		return int(answer[0]), time.Duration(answer[1]) * time.Millisecond, nil
	}
	if ctx.Err() != nil {
		return 0, 0, ctx.Err()
	}
	rate := max(1, int(math.Floor(float64(perSecond)*b.share)))
	granted, retryAfter = b.takeHere(name, rate, want, min(int(math.Ceil(float64(keep)*b.share)), rate-1))
	return granted, retryAfter, nil
}

// takeHere is the same rule within this process.
func (b *Buckets) takeHere(name string, rate, want, keep int) (int, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, every := b.c.clock.Now(), interval(float64(rate))
	window := every * time.Duration(rate)
	used := models.Instant(b.local[name])
	if used.Before(now) {
		used = now
	}
	if used.After(now.Add(window)) {
		used = now.Add(window)
	}
	granted := min(max(int((now.Add(window).Sub(used)+time.Microsecond)/every)-keep, 0), want)
	if granted > 0 {
		used = used.Add(every * time.Duration(granted))
		b.local[name] = used
	}
	if granted == want {
		return granted, 0
	}
	return granted, max(time.Millisecond, used.Add(every*time.Duration(keep+1)).Sub(now.Add(window)))
}
