package registry

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Lane says how urgent a call is. The order is that of design 7: what comes first may use what others must leave.
type Lane int

// The lanes, most urgent first.
const (
	LossLane Lane = iota
	ReleaseLane
	BindingLane
	ReadLane
)

// ErrBudgetFull says that no call is left for this lane now.
var ErrBudgetFull = errors.New("budget full")

// Budget is the number of calls a second that all replicas together may make to a source. Take counts one call, or
// answers ErrBudgetFull; it does not wait, because who asks knows better whether to come again.
type Budget interface {
	Take(ctx context.Context, lane Lane) error
}

// BudgetFunc lets a function be a Budget.
type BudgetFunc func(ctx context.Context, lane Lane) error

// Take calls f.
func (f BudgetFunc) Take(ctx context.Context, lane Lane) error { return f(ctx, lane) }

// kept is the share of a second's calls that a lane must leave to those above it.
var kept = [...]float64{LossLane: 0, ReleaseLane: 0.2, BindingLane: 0.4, ReadLane: 0.6}

// LocalBudget is a budget of one process alone.
type LocalBudget struct {
	mu    sync.Mutex
	rate  *rate.Limiter
	burst float64
	now   func() time.Time
}

// NewLocalBudget allows perSecond calls a second, at least one.
func NewLocalBudget(perSecond int, now func() time.Time) *LocalBudget {
	perSecond = max(1, perSecond)
	return &LocalBudget{rate: rate.NewLimiter(rate.Limit(perSecond), perSecond), burst: float64(perSecond), now: now}
}

// Take counts one call if the lane may have it.
func (b *LocalBudget) Take(_ context.Context, lane Lane) error {
	lane = min(max(lane, LossLane), ReadLane)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	left := b.rate.TokensAt(now)
	if floor := kept[lane] * b.burst; b.burst > 1 && left-1 < floor {
		return ErrBudgetFull
	}
	if !b.rate.AllowN(now, 1) {
		return ErrBudgetFull
	}
	return nil
}
