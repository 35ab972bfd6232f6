// Package redistest lets tests look into a Redis and take one away. It is for tests only.
package redistest

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// Start runs a Redis of the test's own and gives its address. Its keys never expire, so that nothing escapes a search.
func Start(t testing.TB) string {
	t.Helper()
	addr, _ := Stoppable(t)
	return addr
}

// Stoppable is Start with a way to take the server away, as an outage would.
func Stoppable(t testing.TB) (addr string, stop func()) {
	t.Helper()
	m := miniredis.NewMiniRedis()
	require.NoError(t, m.Start())
	t.Cleanup(m.Close)
	return m.Addr(), m.Close
}

// Keys looks at every key under one prefix.
type Keys struct {
	t      testing.TB
	rdb    *goredis.Client
	prefix string
}

// Open connects to the Redis at addr. The keys under prefix are removed when the test ends.
func Open(t testing.TB, addr, prefix string) *Keys {
	t.Helper()
	k := &Keys{t: t, rdb: goredis.NewClient(&goredis.Options{Addr: addr, DisableIdentity: true}), prefix: prefix}
	t.Cleanup(func() {
		k.each(func(key string) { k.rdb.Del(k.ctx(), key) })
		require.NoError(t, k.rdb.Close())
	})
	return k
}

// Set plants a value under a key.
func (k *Keys) Set(key, value string) {
	k.t.Helper()
	require.NoError(k.t, k.rdb.Set(k.ctx(), k.prefix+key, value, 0).Err())
}

// Dump writes every key and its whole value.
func (k *Keys) Dump(out io.Writer) {
	k.t.Helper()
	k.each(func(key string) {
		fmt.Fprintln(out, key)
		switch kind := k.rdb.Type(k.ctx(), key).Val(); kind {
		case "string":
			fmt.Fprintln(out, k.rdb.Get(k.ctx(), key).Val())
		case "hash":
			fmt.Fprintln(out, k.rdb.HGetAll(k.ctx(), key).Val())
		case "list":
			fmt.Fprintln(out, k.rdb.LRange(k.ctx(), key, 0, -1).Val())
		case "set":
			fmt.Fprintln(out, k.rdb.SMembers(k.ctx(), key).Val())
		case "zset":
			fmt.Fprintln(out, k.rdb.ZRangeWithScores(k.ctx(), key, 0, -1).Val())
		case "none": // expired meanwhile
		default:
			require.Fail(k.t, "a kind of value that is not looked into: "+kind)
		}
	})
}

func (k *Keys) each(do func(key string)) {
	k.t.Helper()
	var cursor uint64
	for {
		keys, next, err := k.rdb.Scan(k.ctx(), cursor, k.prefix+"*", 500).Result()
		require.NoError(k.t, err)
		for _, key := range keys {
			do(key)
		}
		if cursor = next; cursor == 0 {
			return
		}
	}
}

// ctx outlives the test's own, so that the last look can clean up.
func (k *Keys) ctx() context.Context { return context.WithoutCancel(k.t.Context()) }
