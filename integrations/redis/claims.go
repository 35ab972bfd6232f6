package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// Claims remembers what is being done and what was done, so that a copy of a message does nothing. Names are MACs and
// ids. With Redis gone every method is an error, and the message must be refused: its sender sends it again (design 6).
type Claims struct{ c *Client }

// Claims remembers what is being done and what was done.
func (c *Client) Claims() *Claims { return &Claims{c} }

const (
	claimHeld = "held"
	claimDone = "done"
)

// Begin claims name for at most lease: who dies meanwhile leaves it free again. Otherwise it says whether another holds
// it, or has done it.
func (n *Claims) Begin(ctx context.Context, scope, name string, lease time.Duration) (models.Claim, error) {
	key := n.c.key("claim", scope, name)
	mine, err := n.c.rdb.SetNX(ctx, key, claimHeld, lease).Result()
	if err != nil {
		return "", err
	}
	if mine {
		return models.ClaimFree, nil
	}
	was, err := n.c.rdb.Get(ctx, key).Result()
	switch {
	case err != nil && !errors.Is(err, goredis.Nil): // Nil: its holder gave it up a moment ago
		return "", err
	case was == claimDone:
		return models.ClaimDone, nil
	}
	return models.ClaimHeld, nil
}

// Done keeps the claim for ttl.
func (n *Claims) Done(ctx context.Context, scope, name string, ttl time.Duration) error {
	return n.c.rdb.Set(ctx, n.c.key("claim", scope, name), claimDone, ttl).Err()
}

// Drop gives it up: what it stood for was not done and may come again.
func (n *Claims) Drop(ctx context.Context, scope, name string) error {
	return n.c.rdb.Del(ctx, n.c.key("claim", scope, name)).Err()
}
