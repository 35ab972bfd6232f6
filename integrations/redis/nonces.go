package redis

import (
	"context"
	"time"
)

// Nonces remembers what may be used once.
type Nonces struct{ c *Client }

// Nonces remembers what may be used once.
func (c *Client) Nonces() *Nonces { return &Nonces{c} }

// Once reports whether nonce is seen for the first time within ttl. With Redis gone it is an error, and the message
// must be refused: its sender sends it again (WeChat server messages, design 6).
func (n *Nonces) Once(ctx context.Context, scope, nonce string, ttl time.Duration) (first bool, err error) {
	return n.c.rdb.SetNX(ctx, n.c.key("nonce", scope, nonce), 1, ttl).Result()
}
