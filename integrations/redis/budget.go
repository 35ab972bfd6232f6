package redis

import (
	"context"
	"time"
)

// Lane is what a call to the registry is for. Losses go first (design 7).
type Lane int

// The lanes, most urgent first.
const (
	LossLane Lane = iota
	ReleaseLane
	BindingLane
	ReadLane
)

// share is how much of one second's calls a lane may have taken before it must wait: the less urgent stop early and
// leave the rest to those above them.
var share = [...]float64{LossLane: 1, ReleaseLane: 0.8, BindingLane: 0.6, ReadLane: 0.4}

// replicasAssumed divides the budget while replicas cannot count together.
const replicasAssumed = 4

// Budget is the number of calls a second that all replicas together may make to one source.
type Budget struct {
	c         *Client
	source    string
	perSecond int
}

// Budget is the budget of one source of the registry.
func (c *Client) Budget(source string, perSecond int) *Budget {
	return &Budget{c, source, max(1, perSecond)}
}

// Take asks for one call. When there is none left for the lane, wait is when to ask again; a first attempt of a loss
// does not wait but leaves the command to the sweep. With Redis gone each replica takes a quarter of the budget.
func (b *Budget) Take(ctx context.Context, lane Lane) (ok bool, wait time.Duration) {
	lane = min(max(lane, LossLane), ReadLane)
	rate := float64(b.perSecond)
	ok, wait, err := b.c.take(ctx, b.c.key("budget", b.source), interval(rate), window(rate, lane))
	if err != nil {
		rate = max(1, rate/replicasAssumed)
		ok, wait = b.c.budget.take(b.source, interval(rate), window(rate, lane))
	}
	return ok, wait
}

// Wait takes one call as soon as there is one, or answers with ctx's error.
func (b *Budget) Wait(ctx context.Context, lane Lane) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		ok, wait := b.Take(ctx, lane)
		if ok {
			return nil
		}
		t := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

func interval(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// window is the lane's share of a second, and never less than one call.
func window(rate float64, lane Lane) time.Duration {
	return max(interval(rate), time.Duration(share[lane]*float64(time.Second)))
}
