package redis

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// startEmbedded runs a Redis inside this process on a loopback port, behind a password nobody else knows.
// Left alone its keys would never expire (its clock stands still); ClockTTL makes them follow the clock.
func startEmbedded(clock models.Clock) (*miniredis.Miniredis, string, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	m.SetTime(clock.Now())
	m.ClockTTL(true)
	if err := m.Start(); err != nil {
		return nil, "", fmt.Errorf("redis: start the embedded server: %w", err)
	}
	return m, password, nil
}

// followClock sets the embedded Redis to the clock before each command, so that no command ever sees a key that
// should be gone. There is no ticker to wait for: time moves exactly when someone looks.
type followClock struct {
	embedded *miniredis.Miniredis
	clock    models.Clock
}

func (f followClock) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (f followClock) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		f.embedded.SetTime(f.clock.Now())
		return next(ctx, cmd)
	}
}

func (f followClock) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		f.embedded.SetTime(f.clock.Now())
		return next(ctx, cmds)
	}
}
