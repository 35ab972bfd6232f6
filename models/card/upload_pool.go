package card

import (
	"context"
	"time"
)

// busyRetry is when a picture that found no place may be sent again [choice].
const busyRetry = 5 * time.Second

// pool bounds what pictures may take from the other requests of this process: few are worked on at once, a few more
// wait, and the rest is sent away at once with a time to come back. Each may need a processor for some tenths of a second
// and a few hundred megabytes.
type pool struct{ places, working chan struct{} }

func newPool(working, waiting int) *pool {
	working = max(working, 1)
	return &pool{places: make(chan struct{}, working+max(waiting, 0)), working: make(chan struct{}, working)}
}

// run does f when its turn comes; ErrUploadBusy where too many wait already, or the caller has gone.
func (p *pool) run(ctx context.Context, f func() error) error {
	busy := ErrUploadBusy.After(busyRetry)
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		return busy
	}
	select {
	case p.working <- struct{}{}:
		defer func() { <-p.working }()
	case <-ctx.Done():
		return busy.Because(ctx.Err())
	}
	return f()
}
