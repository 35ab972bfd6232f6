package redis

import (
	"context"
	"sync"
	"time"
)

// How long this process believes its own copy of a token: short while Redis is there, because another replica may have
// found the token dead; longer without Redis, because each look would fetch.
const (
	believed        = 30 * time.Second
	believedWithout = 5 * time.Minute
	fetchLock       = 10 * time.Second
)

// Tokens are access tokens of platforms, shared by all replicas: one fetches, all use (libraries.md: an SDK whose lock
// is in-process only lets replicas invalidate each other's tokens).
type Tokens struct {
	c  *Client
	mu sync.Mutex
	by map[string]*token
}

type token struct {
	fetching sync.Mutex
	value    string
	until    time.Time
}

// Tokens are access tokens of platforms, shared by all replicas.
func (c *Client) Tokens() *Tokens { return c.tokens }

func newTokens(c *Client) *Tokens { return &Tokens{c: c, by: map[string]*token{}} }

func (t *Tokens) of(name string) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by[name] == nil {
		t.by[name] = &token{}
	}
	return t.by[name]
}

func (t *Tokens) localCopy(name string) (string, bool) {
	one := t.of(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	return one.value, one.value != "" && t.c.clock.Now().Before(one.until)
}

func (t *Tokens) keepLocal(name, value string, life time.Duration) {
	one := t.of(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	one.value, one.until = value, t.c.clock.Now().Add(life)
}

// Get is the token, from this process's copy or from Redis. With Redis gone only the copy is known.
func (t *Tokens) Get(ctx context.Context, name string) (value string, ok bool) {
	if value, ok = t.localCopy(name); ok {
		return value, true
	}
	key := t.c.key("token", name)
	pipe := t.c.rdb.Pipeline()
	got, left := pipe.Get(ctx, key), pipe.PTTL(ctx, key)
	if _, err := pipe.Exec(ctx); err != nil || left.Val() <= 0 {
		return "", false
	}
	t.keepLocal(name, got.Val(), min(believed, left.Val()))
	return got.Val(), true
}

// Set keeps the token for ttl. A token that is already over (the SDKs compute such) is not kept; with Redis gone this
// process alone keeps it, for at most five minutes.
func (t *Tokens) Set(ctx context.Context, name, value string, ttl time.Duration) {
	if ttl < time.Millisecond || value == "" {
		return
	}
	life := believed
	if err := t.c.rdb.Set(ctx, t.c.key("token", name), value, ttl).Err(); err != nil {
		life = believedWithout
	}
	t.keepLocal(name, value, min(life, ttl))
}

// Delete forgets the token, whoever set it.
func (t *Tokens) Delete(ctx context.Context, name string) {
	t.keepLocal(name, "", 0)
	t.c.rdb.Del(ctx, t.c.key("token", name))
}

// Forget drops a token that the platform called dead, unless another has taken its place meanwhile: a replica that is
// late must not throw away the fresh one.
func (t *Tokens) Forget(ctx context.Context, name, dead string) {
	if value, _ := t.localCopy(name); value == dead {
		t.keepLocal(name, "", 0)
	}
	_ = dropIf.Run(ctx, t.c.rdb, []string{t.c.key("token", name)}, dead).Err()
}

// Fetch is the token; where none is known, one replica fetches it and the others wait for it. With Redis gone each
// process fetches for itself, one goroutine at a time. fetch's error comes back as it is.
func (t *Tokens) Fetch(ctx context.Context, name string, fetch func(ctx context.Context) (value string, ttl time.Duration, err error)) (string, error) {
	if value, ok := t.Get(ctx, name); ok {
		return value, nil
	}
	one := t.of(name)
	one.fetching.Lock()
	defer one.fetching.Unlock()
	if value, ok := t.Get(ctx, name); ok {
		return value, nil
	}
	release, _ := t.c.Locks().Obtain(ctx, "token:"+name, fetchLock, fetchLock) // not obtained: the holder hangs, or Redis is gone
	defer release()
	if value, ok := t.Get(ctx, name); ok {
		return value, nil
	}
	value, ttl, err := fetch(ctx)
	if err != nil {
		return "", err
	}
	t.Set(ctx, name, value, ttl)
	return value, nil
}
