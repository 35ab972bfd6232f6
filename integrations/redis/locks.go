package redis

import (
	"context"
	"errors"
	"time"

	"github.com/bsm/redislock"
	goredis "github.com/redis/go-redis/v9"
)

// ErrLocked says that another replica holds the lock.
var ErrLocked = errors.New("another replica holds the lock")

// Locks keep replicas from doing the same thing at the same time. They save work; a database constraint, not a lock,
// keeps facts right.
type Locks struct{ c *Client }

// Locks keep replicas from doing the same thing at the same time.
func (c *Client) Locks() *Locks { return &Locks{c} }

// Obtain takes the lock name for at most ttl, waiting up to wait for its holder. ErrLocked when it is not free by
// then; any other error means that Redis is gone and nobody is kept out. release is never nil.
func (l *Locks) Obtain(ctx context.Context, name string, ttl, wait time.Duration) (release func(), err error) {
	const step = 20 * time.Millisecond
	retry := redislock.NoRetry()
	if wait > 0 {
		retry = redislock.LimitRetry(redislock.LinearBackoff(step), int(wait/step)+1)
	}
	// Without a deadline the library sets one at ttl; passing in the middle of a write, it would look like a Redis that
	// is gone. The retries end the wait, the client's own timeouts each trip; this is only the last resort.
	bounded, cancel := context.WithTimeout(ctx, wait+max(ttl, time.Minute))
	defer cancel()
	lock, err := l.c.locks.Obtain(bounded, l.c.key("lock", name), ttl, &redislock.Options{RetryStrategy: retry})
	if errors.Is(err, redislock.ErrNotObtained) {
		return func() {}, ErrLocked
	}
	if err != nil {
		return func() {}, err
	}
	return func() {
		// The caller's context may be over; a lock left behind would only lapse after ttl.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = lock.Release(ctx)
	}, nil
}

// dropIf deletes a key that still holds the given value.
var dropIf = goredis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)
