package sms

import (
	"context"
	"slices"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"onecard/models"
	"onecard/models/notice"
)

// view is what a replica knows of the common list.
type view struct {
	preferred, home *route
	last            notice.VendorChange
}

const (
	rereadEvery  = time.Second     // so old may be what a replica knows of the others' changes
	listWithin   = 2 * time.Second // for reading or writing the list: a message never waits longer for it
	readChanges  = 16
	leavesCount  = time.Hour
	longestShift = 3 // a cool-down grows to eight times itself
)

// Present names the vendor that is preferred now.
func (r *Router) Present(ctx context.Context) string { return r.look(ctx).preferred.Name }

// look gives what is known of the list, read again where that is old. Without an answer the last view counts on.
func (r *Router) look(ctx context.Context) view {
	now := r.Clock.Now()
	r.mu.Lock()
	due := r.Log != nil && len(r.routes) > 1 && (r.readAt.IsZero() || now.Before(r.readAt) || now.Sub(r.readAt) >= rereadEvery)
	if due {
		r.readAt = now // one caller reads; the others go on with what is known
	}
	seen := r.view
	r.mu.Unlock()
	if due {
		seen = r.read(ctx)
	}
	for _, v := range r.routes {
		v.wake(now)
		r.Watch.VendorShown(v.Name, v == seen.preferred, v.breaker.State().String())
	}
	return seen
}

func (r *Router) read(ctx context.Context) view {
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	list, err := r.Log.VendorChanges(ctx, readChanges)
	if err != nil {
		r.Logger.WarnContext(ctx, "which SMS vendor is preferred could not be read", "code", "SMS_VENDOR_LIST", "error", err)
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.view
	}
	return r.learn(list)
}

// learn takes the list over. Changes that this replica did not know yet move its breakers too: what another found need
// not be found again with citizens' messages.
func (r *Router) learn(list []notice.VendorChange) view {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(list) == 0 || list[0].ID == r.view.last.ID || list[0].At.Before(r.view.last.At) {
		return r.view
	}
	last := list[0]
	next := view{preferred: r.at(last.To), home: r.at(last.Home), last: last}
	if next.home == nil { // a vendor that is set up no more
		next.home = r.routes[0]
	}
	if next.preferred == nil {
		next.preferred = next.home
	}
	times := map[string]int{}
	for i, c := range slices.Backward(list) {
		from, to := r.at(c.From), r.at(c.To)
		if left(c) && last.At.Sub(c.At) < leavesCount {
			times[c.From]++
		}
		switch {
		case slices.ContainsFunc(list[:i+1], func(known notice.VendorChange) bool { return known.ID == r.view.last.ID }): // not newer than what is known
		case left(c) && from != nil:
			from.shut(c.At.Add(r.restOf(times[c.From])))
		case !left(c) && to != nil:
			to.trust()
		}
	}
	r.view = next
	return next
}

// left reports whether a change left a vendor for what it did.
func left(c notice.VendorChange) bool {
	return c.Reason == notice.ChangedForErrors || c.Reason == notice.ChangedForSlowness
}

// restOf doubles the cool-down with each time a vendor was left within the hour, so that nothing swings to and fro.
func (r *Router) restOf(times int) time.Duration {
	return r.cfg.CoolDown << min(max(times-1, 0), longestShift)
}

// order is the vendors as they are tried: the preferred one first. A vendor that wakes is probed: the home one before the
// others, but never with a one-time code while another works, for who waits for one is not to be tried things on.
func (r *Router) order(now view, lane notice.Lane) []*route {
	var first, rest, last []*route
	for _, v := range r.routes {
		probing := v.breaker.IsHalfOpen()
		switch {
		case probing && lane == notice.LaneCodes:
			last = append(last, v)
		case probing && v == now.home:
			first = append([]*route{v}, first...)
		case v == now.preferred:
			first = append(first, v)
		default:
			rest = append(rest, v)
		}
	}
	return append(append(first, rest...), last...)
}

// review writes a change where what this replica sees asks for one: away from a preferred vendor whose breaker is open,
// or back home. At most one change in a cool-down; one replica writes it.
func (r *Router) review(ctx context.Context) {
	if r.Log == nil || len(r.routes) == 1 {
		return
	}
	c, ok := r.wanted()
	if !ok {
		return
	}
	defer func() {
		r.mu.Lock()
		r.changing = false
		r.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), listWithin)
	defer cancel()
	added, err := r.Log.ChangeVendor(ctx, c)
	if err != nil {
		r.Logger.WarnContext(ctx, "another SMS vendor is preferred, and it could not be written down", "code", "SMS_VENDOR_LIST", "error", err)
		return
	}
	if added {
		r.Watch.VendorChanged(c)
		r.Logger.WarnContext(ctx, "another SMS vendor is preferred", "code", "SMS_VENDOR_CHANGED", "from", c.From, "to", c.To,
			"reason", string(c.Reason), "failed", c.Failed, "of", c.Calls)
	}
	r.read(ctx)
}

// wanted is the change to be written, to one caller at a time and once a second.
func (r *Router) wanted() (notice.VendorChange, bool) {
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	none := notice.VendorChange{}
	seen := r.view
	if r.changing || !r.triedAt.IsZero() && now.Sub(r.triedAt) < rereadEvery && !now.Before(r.triedAt) {
		return none, false
	}
	if seen.last.ID != "" && now.Sub(seen.last.At) < r.cfg.CoolDown {
		return none, false
	}
	c := notice.VendorChange{ID: models.NewID(), Follows: seen.last.ID, From: seen.preferred.Name, Home: seen.home.Name}
	switch state := seen.preferred.breaker.State(); {
	case state == circuitbreaker.OpenState:
		to := r.sound(seen)
		if to == nil {
			return none, false
		}
		calls, bad, slowly := seen.preferred.figures()
		c.To, c.Reason, c.Calls, c.Failed = to.Name, notice.ChangedForErrors, calls, bad
		if 2*slowly > bad {
			c.Reason = notice.ChangedForSlowness
		}
	case seen.preferred != seen.home && seen.home.breaker.IsClosed():
		c.To, c.Reason, c.Calls = seen.home.Name, notice.ChangedBack, r.cfg.Probes
	default:
		return none, false
	}
	r.changing, r.triedAt = true, now
	return c, true
}

// sound is another vendor that works as far as is known here: home before the others.
func (r *Router) sound(seen view) *route {
	if seen.home != seen.preferred && seen.home.breaker.IsClosed() {
		return seen.home
	}
	for _, v := range r.routes {
		if v != seen.preferred && v.breaker.IsClosed() {
			return v
		}
	}
	return nil
}
