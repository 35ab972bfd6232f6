package sms

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// outcome is what one call told of its vendor.
type outcome int

const (
	fine outcome = iota
	failed
	slow
)

// route is a vendor with its breaker in this process. Time is ours: the breaker never half-opens by itself.
type route struct {
	Vendor
	breaker circuitbreaker.CircuitBreaker[any]

	mu     sync.Mutex
	rest   time.Time // while it is open: no probe before
	recent []outcome // the last calls, oldest first
	of     int
}

const byItselfNever = 100 * 365 * 24 * time.Hour

func newRoute(v Vendor, f Failover) *route {
	return &route{Vendor: v, of: f.Of, breaker: circuitbreaker.NewBuilder[any]().
		WithFailureThresholdRatio(uint(f.Failures), uint(f.Of)).
		WithSuccessThreshold(uint(f.Probes)).WithDelay(byItselfNever).Build()}
}

// note counts a call that had the breaker's leave. One that has just opened rests for a cool-down.
func (r *route) note(o outcome, now time.Time, coolDown time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent = append(r.recent, o); len(r.recent) > r.of {
		r.recent = r.recent[1:]
	}
	was := r.breaker.State()
	if o == fine {
		r.breaker.RecordSuccess()
	} else {
		r.breaker.RecordFailure()
	}
	if was != circuitbreaker.OpenState && r.breaker.IsOpen() {
		r.rest = now.Add(coolDown)
	}
	if was == circuitbreaker.HalfOpenState && r.breaker.IsClosed() {
		r.recent = nil
	}
}

// wake lets a few messages through once the rest is over.
func (r *route) wake(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breaker.IsOpen() && !now.Before(r.rest) {
		r.breaker.HalfOpen()
	}
}

// shut is what another replica found: this vendor rests here too.
func (r *route) shut(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.breaker.Open()
	r.rest = until
}

// trust is what another replica or the operator found: it is as good as new.
func (r *route) trust() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.breaker.Close()
	r.recent = nil
}

// restsFor is how long no probe is made; zero where one may be.
func (r *route) restsFor(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.breaker.IsOpen() {
		return 0
	}
	return max(0, r.rest.Sub(now))
}

// figures are the last calls: how many, how many failed, and how many of those by being slow.
func (r *route) figures() (calls, bad, slowly int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.recent {
		if o != fine {
			bad++
		}
		if o == slow {
			slowly++
		}
	}
	return len(r.recent), bad, slowly
}
