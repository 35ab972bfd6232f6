package notice

import (
	"context"
	"sync"
	"time"
)

// yielding makes the bulk stand back while something urgent is on its way: a machine that is busy with a payday would
// keep a code waiting at every step.
type yielding struct {
	mu    sync.Mutex
	under int           // urgent batches under way
	free  chan struct{} // closed when there is none any more
	until time.Time     // nobody stands back longer: an urgent call that hangs is no reason
}

const yieldMost = 300 * time.Millisecond

// urgent says that an urgent batch was claimed; call the answer when it was handed over.
func (y *yielding) urgent() (over func()) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.under == 0 {
		y.free, y.until = make(chan struct{}), time.Now().Add(yieldMost)
	}
	y.under++
	return sync.OnceFunc(func() {
		y.mu.Lock()
		defer y.mu.Unlock()
		if y.under--; y.under == 0 {
			close(y.free)
		}
	})
}

// wait stands back while something urgent is under way.
func (y *yielding) wait(ctx context.Context) {
	y.mu.Lock()
	under, free, left := y.under, y.free, time.Until(y.until)
	y.mu.Unlock()
	if under == 0 || left <= 0 {
		return
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-free:
	case <-t.C:
	case <-ctx.Done():
	}
}
