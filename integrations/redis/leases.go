package redis

import (
	"context"
	"errors"
	"time"

	"github.com/bsm/redislock"

	"onecard/models"
)

// Leases give a lasting piece of work to one replica at a time: who has it keeps it while it goes on asking, and when it
// falls silent the lease lapses and the next one to ask has it. They save work; the rows, not a lease, keep facts right.
type Leases struct {
	c     *Client
	ttl   time.Duration
	owner string
}

// Leases of ttl each, all of this process.
func (c *Client) Leases(ttl time.Duration) *Leases { return &Leases{c, ttl, string(models.NewID())} }

// Mine takes the lease name or keeps it for another ttl; false while another replica has it. With Redis gone everyone
// has it.
func (l *Leases) Mine(ctx context.Context, name string) bool {
	_, err := l.c.locks.Obtain(ctx, l.key(name), l.ttl, &redislock.Options{Token: l.owner, RetryStrategy: redislock.NoRetry()})
	return !errors.Is(err, redislock.ErrNotObtained)
}

// Pass gives the lease up if it is ours, so that the next one to ask need not wait for its end.
func (l *Leases) Pass(ctx context.Context, name string) {
	// The caller's time may be over; a lease left behind would only lapse after ttl.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = dropIf.Run(ctx, l.c.rdb, []string{l.key(name)}, l.owner).Err()
}

func (l *Leases) key(name string) string { return l.c.key("lease", name) }
