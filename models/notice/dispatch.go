package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"onecard/models"
)

// Config is the pace of the queue.
type Config struct {
	Lease       time.Duration // 30 s: a delivery found submitting after it has an unknown fate
	SendTimeout time.Duration // 10 s: for finding the phone and one vendor call; far below the lease
	Batch       int           // 500: deliveries of a part that are claimed at once
	Parallel    int           // 32: calls at once of each channel: the rate a vendor takes times its distance
	QuietFrom   int           // civil hour from which arrivals wait, 21; equal to QuietTo: never
	QuietTo     int           // civil hour until which they wait, 8
	DenyAfter   time.Duration // 10 min: how long a vendor may take to list what it took
}

// DefaultConfig is what production starts from.
func DefaultConfig() Config {
	return Config{
		Lease: 30 * time.Second, SendTimeout: 10 * time.Second, Batch: 500, Parallel: 32, QuietFrom: 21, QuietTo: 8, DenyAfter: 10 * time.Minute,
	}
}

const (
	repeatAfter = 10 * time.Second
	silentAfter = 72 * time.Hour
	lapseEvery  = 2 * time.Second
)

// TopicUrgent wakes whoever sends codes and losses; it is a wake-up's name, not a Topic.
const TopicUrgent = "notices.urgent"

// Ports are what the queue needs of others.
type Ports struct {
	Store    Store
	Sender   Sender
	Pushers  []Pusher
	Refusals Refusals // of the accounts that the pushers write to
	Phones   Phones
	Wishes   Wished    // nil: nobody switches anything off
	Filed    Carried   // nil: every platform has approved every template
	Stops    Stops     // nil: no number is stopped
	Day      DayLimits // nil: a day has no limits
	Pace     Pace      // nil: no vendor has a cap
	Counter  Counter   // nil: nobody counts
	Costs    Costs     // nil: nothing is paid
	Prices   Prices
	Disputes Disputes // nil: none can be opened here
	Settings Settings
	Gate     Gate
	Clock    models.Clock
}

// Service works the queue and shows it to citizens.
type Service struct {
	Ports
	cfg     Config
	pushers map[Hop]Pusher // by channel and app

	speeds speeds
	yields yielding

	mu     sync.Mutex
	lapsed time.Time // when time's work was last found done
}

// New joins the queue to its ports. Zero figures in cfg take their defaults; quiet hours do not.
func New(p Ports, cfg Config) (*Service, error) {
	d := DefaultConfig()
	for _, figure := range []struct{ at, usual *time.Duration }{{&cfg.Lease, &d.Lease}, {&cfg.SendTimeout, &d.SendTimeout}, {&cfg.DenyAfter, &d.DenyAfter}} {
		if *figure.at == 0 {
			*figure.at = *figure.usual
		}
	}
	for _, figure := range []struct{ at, usual *int }{{&cfg.Batch, &d.Batch}, {&cfg.Parallel, &d.Parallel}} {
		if *figure.at <= 0 {
			*figure.at = *figure.usual
		}
	}
	if cfg.SendTimeout*2 > cfg.Lease {
		return nil, fmt.Errorf("notice: a vendor call of %s is too long for a lease of %s", cfg.SendTimeout, cfg.Lease)
	}
	s := &Service{Ports: p, cfg: cfg, pushers: map[Hop]Pusher{}}
	for _, pusher := range p.Pushers {
		s.pushers[Hop{pusher.Channel(), models.ID(pusher.App())}] = pusher
	}
	return s, nil
}

// Dispatch is one sweep: it settles what time has settled, then takes what is due of the lanes (all, where none is
// named), the most urgent first, each channel on its own so that none waits for another, and each part of the queue for a
// turn. It gives how many were taken. The claim is committed before anybody is called, so a process may
// die at any step: the delivery is then of unknown fate, never sent a second time unless it is a code, a confirmation
// about a loss, or the vendor says that it never heard of it.
func (s *Service) Dispatch(ctx context.Context, lanes ...Lane) (int, error) {
	return s.DispatchOn(ctx, append([]Channel{SMS}, Platforms...), lanes...)
}

// DispatchOn is a sweep of some channels: one that hangs keeps those of other sweeps from nothing.
func (s *Service) DispatchOn(ctx context.Context, channels []Channel, lanes ...Lane) (int, error) {
	lapsed := s.lapse(ctx) // its trouble keeps no code from leaving
	n, err := s.sweep(ctx, channels, s.awake(lanes))
	return n, errors.Join(lapsed, err)
}

// lapse settles what time has settled: every two seconds, and at once again while there was something.
func (s *Service) lapse(ctx context.Context) error {
	now := s.Clock.Now()
	s.mu.Lock()
	due := s.lapsed.IsZero() || now.Before(s.lapsed) || now.Sub(s.lapsed) >= lapseEvery
	if due {
		s.lapsed = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	n, err := s.Store.LapseDeliveries(ctx, repeatAfter, silentAfter)
	if n > 0 || err != nil {
		s.mu.Lock()
		s.lapsed = time.Time{}
		s.mu.Unlock()
	}
	return err
}

// tally adds up what goes on side by side.
type tally struct {
	mu    sync.Mutex
	taken int
	errs  []error
}

func (t *tally) add(n int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken += n
	if err != nil {
		t.errs = append(t.errs, err)
	}
}

func (s *Service) sweep(ctx context.Context, channels []Channel, lanes []Lane) (int, error) {
	if len(lanes) == 0 {
		return 0, nil
	}
	due, err := s.Store.DueDeliveries(ctx, lanes)
	if err != nil || len(due) == 0 {
		return 0, err // an idle queue costs one question
	}
	parts := map[Channel][]Due{}
	for _, d := range due {
		if !slices.Contains(channels, d.Channel) {
			continue
		}
		parts[d.Channel] = append(parts[d.Channel], d)
	}
	var all tally
	var wg sync.WaitGroup
	for _, part := range parts {
		wg.Go(func() {
			for _, d := range part {
				all.add(s.drain(ctx, d))
			}
		})
	}
	wg.Wait()
	return all.taken, errors.Join(all.errs...)
}

const (
	aTurn         = 5 * time.Second // so long a part of the queue is worked before the more urgent ones are looked at again
	batchesAtOnce = 2               // one that is handed over, and one that waits for its answers
	urgentAtOnce  = 6               // these are small, and none waits for another's answer
)

// run is a batch in the making.
type run struct {
	part    Due
	leave   Leave
	from    time.Time     // of leave
	calls   chan struct{} // the channel's calls at once
	claimed chan int      // how many it got; closed without a word where it went wrong before
	handed  chan struct{} // closed when the last of them was handed over
}

// drain takes batch after batch of a part, for a turn: while one waits for its last answers the next is handed over.
func (s *Service) drain(ctx context.Context, part Due) (int, error) {
	batches := batchesAtOnce
	if part.Lane.Urgent() {
		batches = urgentAtOnce
	}
	calls, alive := make(chan struct{}, s.cfg.Parallel), make(chan struct{}, batches)
	var all tally
	var wg sync.WaitGroup
	for began := s.Clock.Now(); ctx.Err() == nil && s.Clock.Now().Sub(began) < aTurn; {
		alive <- struct{}{}
		leave := Leave{N: s.batchSize(part.Channel)}
		if !part.Lane.Urgent() { // the urgent are claimed first, and book no more places than they are
			leave = s.leave(ctx, part, leave.N)
		}
		if leave.N == 0 {
			break
		}
		r := run{part, leave, time.Now(), calls, make(chan int, 1), make(chan struct{})}
		wg.Go(func() {
			defer func() { <-alive }()
			defer close(r.claimed)
			all.add(0, models.Guard(func() error { return s.batch(ctx, r) }))
		})
		n := <-r.claimed
		all.add(n, nil)
		// Whatever urgent came meanwhile is claimed at once, and does not wait until what went before is settled.
		if n == 0 || n < leave.N && !part.Lane.Urgent() {
			break
		}
		<-r.handed
	}
	wg.Wait()
	return all.taken, errors.Join(all.errs...)
}

// present is the vendor that the messages of a part would be handed to now.
func (s *Service) present(ctx context.Context, part Due) string {
	if one, can := s.Sender.(Chooser); can && part.Channel == SMS {
		return one.Present(ctx)
	}
	return ""
}

// batch claims some deliveries, says how many, hands them over and writes what came of them as it comes.
func (s *Service) batch(ctx context.Context, r run) error {
	handed := sync.OnceFunc(func() { close(r.handed) })
	defer handed()
	began := s.Clock.Now()
	got, err := []Delivery(nil), ctx.Err()
	if err == nil {
		got, err = s.Store.ClaimDeliveries(ctx, r.part, s.present(ctx, r.part), s.cfg.Lease, r.leave.N)
	}
	if err != nil {
		return err
	}
	r.claimed <- len(got)
	if len(got) == 0 {
		return nil
	}
	over := func() {}
	if r.part.Lane.Urgent() {
		over = s.yields.urgent()
	}
	defer over()
	known := s.prepare(ctx, got)
	// Whoever is still unsent when the lease might end under its call goes back to the queue unsent.
	last := began.Add(s.cfg.Lease - 2*s.cfg.SendTimeout)
	handing := s.Clock.Now()
	done := make(chan Outcome, len(got))
	var wg sync.WaitGroup
	var all tally
	wg.Go(func() {
		defer handed()
		for i, d := range got {
			if r.part.Lane.Urgent() {
				s.place(ctx, r.part)
			} else {
				s.yields.wait(ctx)
				sleep(ctx, time.Until(r.from.Add(r.leave.First+time.Duration(i)*r.leave.Every)))
			}
			r.calls <- struct{}{}
			wg.Go(func() {
				defer func() { <-r.calls }()
				all.add(0, models.Guard(func() error {
					done <- Outcome{d.ID, d.Attempt, s.attempt(ctx, d, known, last)}
					return nil
				}))
			})
		}
	})
	go func() {
		wg.Wait()
		over()
		if len(got) == r.leave.N { // a few alone say nothing of what the channel can take
			s.speeds.note(r.part.Channel, len(got), s.Clock.Now().Sub(handing))
		}
		close(done)
	}()
	all.add(0, s.settle(ctx, got, done, began.Add(s.cfg.Lease)))
	return errors.Join(all.errs...)
}

const (
	settleAtOnce = 250
	settleWithin = 20 * time.Millisecond // so long an outcome waits for others to be written with it

	settlePause, settleLongest = 50 * time.Millisecond, 2 * time.Second // between tries
)

// settle writes outcomes as they come, together with those that come soon after: what vendors answered is written even
// when the sweep is being stopped, and tried again while the lease lasts. What they cost is booked afterwards, so that slow
// books keep no settlement waiting.
func (s *Service) settle(ctx context.Context, batch []Delivery, done <-chan Outcome, until time.Time) error {
	late := context.WithoutCancel(ctx)
	of := make(map[models.ID]Delivery, len(batch))
	for _, d := range batch {
		of[d.ID] = d
	}
	var errs []error
	var written []Outcome
	for first := range done {
		group := gather(first, done)
		if err := s.write(late, group, until); err != nil {
			errs = append(errs, err)
			continue
		}
		written = append(written, group...)
	}
	bounded, stop := context.WithTimeout(late, s.cfg.SendTimeout)
	defer stop()
	return errors.Join(append(errs, s.count(bounded, of, written))...)
}

// write settles a group, again and again while its lease lasts: it counts once, and what is not written is of unknown fate.
func (s *Service) write(ctx context.Context, group []Outcome, until time.Time) (err error) {
	for pause := settlePause; ; pause *= 2 {
		bounded, stop := context.WithTimeout(ctx, s.cfg.SendTimeout)
		_, err = s.Store.SettleDeliveries(bounded, group)
		stop()
		if err == nil || pause > settleLongest || s.Clock.Now().Add(pause).After(until) {
			return err
		}
		sleep(ctx, pause)
	}
}

// gather is an outcome with those that follow it closely.
func gather(first Outcome, done <-chan Outcome) []Outcome {
	group := []Outcome{first}
	enough := time.NewTimer(settleWithin)
	defer enough.Stop()
	for len(group) < settleAtOnce {
		select {
		case o, ok := <-done:
			if !ok {
				return group
			}
			group = append(group, o)
		case <-enough.C:
			return group
		}
	}
	return group
}

// attempt hands one claimed delivery over, if there is still time.
func (s *Service) attempt(ctx context.Context, d Delivery, known prepared, last time.Time) Settlement {
	if ctx.Err() != nil || s.Clock.Now().After(last) {
		return Settlement{State: Queued, Reason: "not_tried"}
	}
	if d.Broken {
		return Settlement{State: Failed, Reason: "not_readable"}
	}
	if unwanted, is := known.unwanted(d); is {
		return unwanted
	}
	// A sweep that is being stopped begins nothing more; what has begun is finished, or its fate would be unknown.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.SendTimeout)
	defer cancel()
	if d.Channel == SMS {
		return s.text(bounded, d, known)
	}
	return s.push(bounded, d)
}

// awake leaves arrivals and campaigns out during quiet hours; codes, losses and progress are never held back.
func (s *Service) awake(lanes []Lane) []Lane {
	if len(lanes) == 0 {
		lanes = append(append([]Lane{}, UrgentLanes...), BulkLanes...)
	}
	if !quiet(s.Clock.Now(), s.cfg.QuietFrom, s.cfg.QuietTo) {
		return lanes
	}
	var out []Lane
	for _, l := range lanes {
		if l != LaneArrivals && l != LaneCampaigns {
			out = append(out, l)
		}
	}
	return out
}
