package api

import (
	"context"
	"sync"
	"time"

	"onecard/models"
)

// localLimiter counts in this process only: the stand-in while the shared limiter is out. A fixed window per key; when
// too many keys are held, windows that have ended are dropped, and if that is not enough, all.
type localLimiter struct {
	mu      sync.Mutex
	clock   models.Clock
	windows map[string]window
}

type window struct {
	ends time.Time
	used int
}

const maxLocalKeys = 50_000

func newLocalLimiter(clock models.Clock) *localLimiter {
	return &localLimiter{clock: clock, windows: map[string]window{}}
}

// Allow makes the local limiter a Limiter, for a program of one process.
func (l *localLimiter) Allow(_ context.Context, key string, per time.Duration, n int) (bool, time.Duration, error) {
	ok, wait := l.allow(key, per, n)
	return ok, wait, nil
}

func (l *localLimiter) allow(key string, per time.Duration, n int) (bool, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	w, held := l.windows[key]
	if !held || !now.Before(w.ends) {
		if !held && len(l.windows) >= maxLocalKeys {
			l.shrink(now)
		}
		w = window{ends: now.Add(per)}
	}
	if w.used >= n {
		return false, w.ends.Sub(now)
	}
	w.used++
	l.windows[key] = w
	return true, 0
}

func (l *localLimiter) shrink(now time.Time) {
	for key, w := range l.windows {
		if !now.Before(w.ends) {
			delete(l.windows, key)
		}
	}
	if len(l.windows) >= maxLocalKeys {
		clear(l.windows)
	}
}
