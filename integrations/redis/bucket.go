package redis

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
	"onecard/models/notice"
)

// bucket books places in a row that moves at a steady pace. The key holds the instant of the next free place, in
// microseconds of the server's clock, so that replicas agree. KEYS[1] key; ARGV microseconds between places, how far ahead
// of now may be booked, how many places are wanted, how far ahead a place can stand at all (a clock that went back leaves
// no longer row than that). Answers how many were booked, and the microseconds until the first of them, or, with none,
// until one could be.
var bucket = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local every, ahead, want, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free < now then free = now end
if free > now + most then free = now + most end
if free > now + ahead then return {0, math.ceil(free - now - ahead)} end
local booked = math.min(want, math.floor((now + ahead - free) / every) + 1)
local first = free - now
free = free + booked * every
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000))
return {booked, math.floor(first)}
`)

// steadily is the part of a cap that is used: messages jitter on their way, and a vendor counts by its own seconds.
const steadily = 0.98

// Buckets are caps on what leaves towards somebody, counted by all replicas together. What leaves is spread evenly: a
// vendor's second never sees a burst.
type Buckets struct {
	c     *Client
	share float64

	mu    sync.Mutex
	local map[string]time.Time // the next free place here while Redis does not answer
}

// Buckets are caps of all replicas together; share is the part of a cap that this replica uses while Redis does not answer.
func (c *Client) Buckets(share float64) *Buckets {
	return &Buckets{c: c, share: min(max(share, 0.01), 1), local: map[string]time.Time{}}
}

// longestRow is how far ahead anybody may book.
const longestRow = time.Second

// Take books want places of a cap, none of them further ahead than it may be. With Redis gone each replica uses its share
// of the cap, and err is nil: what is sent must go on.
func (b *Buckets) Take(ctx context.Context, name string, perSecond, want int, ahead time.Duration) (notice.Leave, error) {
	if want <= 0 || perSecond <= 0 {
		return notice.Leave{N: max(want, 0)}, nil // no cap
	}
	ahead = min(max(ahead, 0), longestRow)
	every := interval(float64(perSecond) * steadily)
	answer, err := bucket.Run(ctx, b.c.rdb, []string{b.c.key("bucket", name)}, micros(every), micros(ahead), want, micros(longestRow+every)).Int64Slice()
	if err == nil && len(answer) == 2 {
		return leave(int(answer[0]), time.Duration(answer[1])*time.Microsecond, every), nil
	}
	if ctx.Err() != nil {
		return notice.Leave{}, ctx.Err()
	}
	return b.takeHere(name, interval(float64(perSecond)*b.share), want, ahead), nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func leave(n int, at, every time.Duration) notice.Leave {
	if n == 0 {
		return notice.Leave{After: max(at, time.Millisecond)}
	}
	return notice.Leave{N: n, First: at, Every: every}
}

// takeHere is the same rule within this process.
func (b *Buckets) takeHere(name string, every time.Duration, want int, ahead time.Duration) notice.Leave {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.c.clock.Now()
	free := models.Instant(b.local[name])
	if free.Before(now) {
		free = now
	}
	if last := now.Add(longestRow + every); free.After(last) {
		free = last
	}
	if latest := now.Add(ahead); free.After(latest) {
		return leave(0, free.Sub(latest), every)
	}
	n := min(want, int(now.Add(ahead).Sub(free)/every)+1)
	first := free.Sub(now)
	b.local[name] = free.Add(every * time.Duration(n))
	return leave(n, first, every)
}
