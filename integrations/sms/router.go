package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Vendor is one way for text messages out.
type Vendor struct {
	Name string
	notice.Sender
}

// Failover says when a vendor is left, and how one goes back to it.
type Failover struct {
	Failures int           // it is left when so many of its last Of calls failed
	Of       int           //
	Slow     time.Duration // a call that took longer counts as failed, whatever came of it
	CoolDown time.Duration // no probe before, and no second change by itself; longer where a vendor was left again and again
	Probes   int           // so many messages in a row must go well before it is trusted again
}

// DefaultFailover is what production starts from.
func DefaultFailover() Failover {
	return Failover{Failures: 5, Of: 10, Slow: 3 * time.Second, CoolDown: 5 * time.Minute, Probes: 3}
}

// ChangeLog is what all replicas know about which vendor is preferred.
type ChangeLog interface {
	// VendorChanges lists the newest first.
	VendorChanges(ctx context.Context, limit int) ([]notice.VendorChange, error)
	// ChangeVendor adds a change. false: another replica was first.
	ChangeVendor(ctx context.Context, c notice.VendorChange) (bool, error)
}

// Watch counts what the router does. Labels are words of ours.
type Watch interface {
	VendorCalled(vendor string, lane notice.Lane, outcome string, took time.Duration)
	VendorShown(vendor string, preferred bool, state string)
	VendorChanged(c notice.VendorChange)
}

// RouterPorts are what a router needs besides its vendors. Only Clock must be there.
type RouterPorts struct {
	Clock models.Clock
	Log   ChangeLog // nil: every process is on its own
	// Room takes one message out of the cap of a vendor that is not the preferred one: those of the preferred one were
	// taken before the queue was claimed (notice.Pace). False: none is left before wait is over.
	Room func(ctx context.Context, vendor string, lane notice.Lane) (wait time.Duration, ok bool)
	// Moving writes down that another vendor than the one its message names may have it from now on. False or an error:
	// that vendor is not asked. Nil: nobody keeps it.
	Moving func(ctx context.Context, m notice.Message, vendor string) (bool, error)
	// Filed reports whether a vendor may be given a kind's text at all: who may not is passed over, without a call and without
	// a probe. nil: every vendor may.
	Filed  func(ctx context.Context, vendor string, k notice.Kind) *notice.SendError
	Watch  Watch
	Logger *slog.Logger
}

// Router hands messages to the first of its vendors that takes them. A message goes to another vendor only while it is
// sure that none has it: never after silence, never after a refusal for good. Which vendor is asked first all replicas
// agree on (ChangeLog); whether it is asked at all each decides by what it sees of it.
type Router struct {
	routes []*route
	cfg    Failover
	RouterPorts

	mu       sync.Mutex
	view     view
	readAt   time.Time
	triedAt  time.Time
	changing bool
}

var (
	_ notice.Sender   = (*Router)(nil)
	_ notice.Inquirer = (*Router)(nil)
)

// NewRouter joins vendors, the first at home. Zero figures of cfg take their defaults.
func NewRouter(vendors []Vendor, cfg Failover, ports RouterPorts) (*Router, error) {
	if len(vendors) == 0 || ports.Clock == nil {
		return nil, errors.New("sms: a router needs a vendor and a clock")
	}
	d := DefaultFailover()
	if cfg.Of <= 0 || cfg.Failures <= 0 {
		cfg.Failures, cfg.Of = d.Failures, d.Of
	}
	if cfg.Failures > cfg.Of {
		return nil, errors.New("sms: more failures are asked for than calls are remembered")
	}
	for _, f := range []struct{ at, or *time.Duration }{{&cfg.Slow, &d.Slow}, {&cfg.CoolDown, &d.CoolDown}} {
		if *f.at <= 0 {
			*f.at = *f.or
		}
	}
	if cfg.Probes <= 0 {
		cfg.Probes = d.Probes
	}
	if ports.Watch == nil {
		ports.Watch = unwatched{}
	}
	if ports.Logger == nil {
		ports.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Router{cfg: cfg, RouterPorts: ports}
	for _, v := range vendors {
		if v.Name == "" || v.Sender == nil || r.at(v.Name) != nil {
			return nil, fmt.Errorf("sms: each vendor has a name of its own and a sender")
		}
		r.routes = append(r.routes, newRoute(v, cfg))
	}
	r.view = view{preferred: r.routes[0], home: r.routes[0]}
	return r, nil
}

func (r *Router) at(name string) *route {
	for _, one := range r.routes {
		if one.Name == name {
			return one
		}
	}
	return nil
}

// leastLeft is the time below which no other vendor is begun with: it would be cut off in the middle.
const leastLeft = time.Second

// Send implements notice.Sender. Where every vendor is closed by its breaker, codes and losses are tried all the same
// (better late than never) and the rest waits.
func (r *Router) Send(ctx context.Context, m notice.Message) (notice.Handed, error) {
	spec, _ := notice.SpecOf(m.Kind)
	now := r.look(ctx)
	var refusals []*notice.SendError
	var shut []*route
	for _, v := range r.order(now, spec.Lane) {
		if len(refusals) > 0 && !timeLeft(ctx) {
			break
		}
		if barred := r.barred(ctx, v, m.Kind); barred != nil {
			refusals = append(refusals, barred)
			continue
		}
		if wait, ok := r.room(ctx, now, v, spec.Lane); !ok {
			refusals = append(refusals, &notice.SendError{Class: notice.NotAccepted, Code: "vendor_cap", After: wait, Vendor: v.Name})
			continue
		}
		if v.breaker.IsOpen() {
			shut = append(shut, v)
			continue
		}
		if refusal := r.move(ctx, v, &m); refusal != nil { // before a probe's permit is taken: it would never be given back
			refusals = append(refusals, refusal)
			continue
		}
		if !v.breaker.TryAcquirePermit() {
			shut = append(shut, v)
			continue
		}
		handed, refusal := r.call(ctx, v, spec.Lane, m, true)
		r.review(ctx)
		if refusal == nil || refusal.Class != notice.NotAccepted {
			return handed, orNil(refusal)
		}
		refusals = append(refusals, refusal)
	}
	for _, v := range shut {
		if !spec.Lane.Urgent() || len(refusals) > 0 && !timeLeft(ctx) {
			refusals = append(refusals, r.closed(v))
			continue
		}
		if refusal := r.move(ctx, v, &m); refusal != nil {
			refusals = append(refusals, refusal)
			continue
		}
		handed, refusal := r.call(ctx, v, spec.Lane, m, false)
		if refusal == nil || refusal.Class != notice.NotAccepted {
			return handed, orNil(refusal)
		}
		refusals = append(refusals, refusal)
	}
	return notice.Handed{}, soonest(refusals)
}

func (r *Router) barred(ctx context.Context, v *route, k notice.Kind) *notice.SendError {
	if r.Filed == nil {
		return nil
	}
	return r.Filed(ctx, v.Name, k)
}

// orNil keeps a nil pointer from becoming an error.
func orNil(e *notice.SendError) error {
	if e == nil {
		return nil
	}
	return e
}

// soonest is what the queue is told when nobody took a message: the first one's word, and the nearest time.
func soonest(list []*notice.SendError) error {
	out := *list[0]
	for _, e := range list[1:] {
		out.After = min(out.After, e.After)
	}
	return &out
}

func timeLeft(ctx context.Context) bool {
	at, bounded := ctx.Deadline()
	return ctx.Err() == nil && (!bounded || time.Until(at) >= leastLeft)
}

// closed is the word for a vendor that rests.
func (r *Router) closed(v *route) *notice.SendError {
	return &notice.SendError{
		Class: notice.NotAccepted, Code: "vendor_rests", Vendor: v.Name,
		After: min(max(v.restsFor(r.Clock.Now()), time.Second), time.Minute),
	}
}

func (r *Router) room(ctx context.Context, now view, v *route, lane notice.Lane) (time.Duration, bool) {
	if r.Room == nil || v == now.preferred {
		return 0, true
	}
	return r.Room(ctx, v.Name, lane)
}

// move writes down that v may have the message from now on, where another one stands there.
func (r *Router) move(ctx context.Context, v *route, m *notice.Message) *notice.SendError {
	if r.Moving == nil || m.Vendor == v.Name {
		return nil
	}
	if ours, err := r.Moving(ctx, *m, v.Name); err != nil || !ours {
		return &notice.SendError{Class: notice.NotAccepted, Code: "vendor_not_noted", After: time.Second}
	}
	m.Vendor = v.Name
	return nil
}

// call hands the message to one vendor and counts what that tells of it.
func (r *Router) call(ctx context.Context, v *route, lane notice.Lane, m notice.Message, counts bool) (notice.Handed, *notice.SendError) {
	began := r.Clock.Now()
	handed, err := v.Send(ctx, m)
	took := max(r.Clock.Now().Sub(began), 0)
	var refusal *notice.SendError
	switch {
	case err == nil:
		handed.Vendor = v.Name
	case errors.As(err, &refusal):
		own := *refusal
		own.Vendor, refusal = v.Name, &own
	default:
		refusal = &notice.SendError{Class: notice.FateUnknown, Code: "no_answer", Vendor: v.Name}
	}
	result := fine
	switch {
	case took > r.cfg.Slow:
		result = slow
	case refusal != nil && blames(refusal):
		result = failed
	}
	// A sweep that was stopped says nothing of the vendor; a probe must be counted as something, or it is never over.
	if counts && (!errors.Is(ctx.Err(), context.Canceled) || v.breaker.IsHalfOpen()) {
		v.note(result, r.Clock.Now(), r.cfg.CoolDown)
	}
	word := "sent"
	if refusal != nil {
		word = string(refusal.Class)
	}
	r.Watch.VendorCalled(v.Name, lane, word, took)
	return handed, refusal
}

// Ask implements notice.Inquirer: only who took the message is asked, for nobody else need learn the number. Where there
// is one vendor, it was that one.
func (r *Router) Ask(ctx context.Context, q notice.Question) (notice.Answer, error) {
	v := r.at(q.Vendor)
	if q.Vendor == "" && len(r.routes) == 1 {
		v = r.routes[0]
	}
	if v == nil {
		return notice.Answer{Fate: notice.NotKnown}, nil
	}
	inquirer, can := v.Sender.(notice.Inquirer)
	if !can {
		return notice.Answer{Fate: notice.NotKnown}, nil
	}
	return inquirer.Ask(ctx, q)
}

type unwatched struct{}

func (unwatched) VendorCalled(string, notice.Lane, string, time.Duration) {}
func (unwatched) VendorShown(string, bool, string)                        {}
func (unwatched) VendorChanged(notice.VendorChange)                       {}
