package redis

import (
	"context"
	"time"
)

// Limiter counts uses of a key by all replicas together.
type Limiter struct{ c *Client }

// Limiter counts uses of a key by all replicas together.
func (c *Client) Limiter() *Limiter { return &Limiter{c} }

// Allow says whether one more use of key fits into n per period, and when to come back if not. Keys are MACs.
// With Redis gone it is an error: the edge then counts in its own process, and knows what it must not refuse.
func (l *Limiter) Allow(ctx context.Context, key string, per time.Duration, n int) (ok bool, retryAfter time.Duration, err error) {
	if n < 1 || per <= 0 {
		return false, per, nil
	}
	return l.c.take(ctx, l.c.key("limit", key), per/time.Duration(n), per)
}
