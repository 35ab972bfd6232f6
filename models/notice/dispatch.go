package notice

import (
	"context"
	"errors"
	"fmt"
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
	Stops    Stops   // nil: no number is stopped
	Pace     Pace    // nil: no vendor has a cap
	Counter  Counter // nil: nobody counts
	Costs    Costs   // nil: nothing is paid
	Prices   Prices
	Settings Settings
	Gate     Gate
	Clock    models.Clock
}

// Service works the queue and shows it to citizens.
type Service struct {
	Ports
	cfg     Config
	pushers map[Hop]Pusher // by channel and app

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
// named), the most urgent first, each channel on its own so that none waits for another, and of each part of the queue
// two batches at most. It gives how many were taken. The claim is committed before anybody is called, so a process may
// die at any step: the delivery is then of unknown fate, never sent a second time unless it is a code, a confirmation
// about a loss, or the vendor says that it never heard of it.
func (s *Service) Dispatch(ctx context.Context, lanes ...Lane) (int, error) {
	lapsed := s.lapse(ctx) // its trouble keeps no code from leaving
	n, err := s.sweep(ctx, s.awake(lanes))
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

func (s *Service) sweep(ctx context.Context, lanes []Lane) (int, error) {
	if len(lanes) == 0 {
		return 0, nil
	}
	due, err := s.Store.DueDeliveries(ctx, lanes)
	if err != nil || len(due) == 0 {
		return 0, err // an idle queue costs one question
	}
	parts := map[Channel][]Due{}
	for _, d := range due {
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

// drain takes two batches of a part side by side: while one waits for its last answers the other is sent.
func (s *Service) drain(ctx context.Context, part Due) (int, error) {
	calls := make(chan struct{}, s.cfg.Parallel)
	var all tally
	var wg sync.WaitGroup
	begin := func() int {
		size := s.room(ctx, part)
		if size == 0 {
			return 0
		}
		claimed := make(chan int, 1)
		wg.Go(func() {
			defer close(claimed)
			all.add(0, models.Guard(func() error { return s.batch(ctx, part, size, calls, claimed) }))
		})
		n := <-claimed // zero where it went wrong before it could say
		all.add(n, nil)
		return n
	}
	if begin() == s.batchSize() {
		begin()
	}
	wg.Wait()
	return all.taken, errors.Join(all.errs...)
}

// batchSize is no more than is handed over at once: what a dead process had claimed is of unknown fate.
func (s *Service) batchSize() int { return max(min(s.cfg.Batch/2, s.cfg.Parallel), 1) }

// room is how many deliveries of a part may leave now, as caps of all replicas together allow. Where the caps cannot be
// asked the vendor is the one to refuse.
func (s *Service) room(ctx context.Context, part Due) int {
	if s.Pace == nil {
		return s.batchSize()
	}
	granted, _, err := s.Pace.Take(ctx, part.Channel, part.Lane, s.batchSize())
	if err != nil {
		return s.batchSize()
	}
	return min(granted, s.batchSize())
}

// batch claims some deliveries, says how many, hands them over and writes what came of them as it comes.
func (s *Service) batch(ctx context.Context, part Due, size int, calls chan struct{}, claimed chan<- int) error {
	began := s.Clock.Now()
	got, err := []Delivery(nil), ctx.Err()
	if err == nil {
		got, err = s.Store.ClaimDeliveries(ctx, part, s.cfg.Lease, size)
	}
	claimed <- len(got)
	if err != nil || len(got) == 0 {
		return err
	}
	known := s.prepare(ctx, got)
	// Whoever is still unsent when the lease might end under its call goes back to the queue unsent.
	last := began.Add(s.cfg.Lease - 2*s.cfg.SendTimeout)
	done := make(chan Outcome, len(got))
	var wg sync.WaitGroup
	var all tally
	wg.Go(func() {
		for _, d := range got {
			calls <- struct{}{}
			wg.Go(func() {
				defer func() { <-calls }()
				all.add(0, models.Guard(func() error {
					done <- Outcome{d.ID, d.Attempt, s.attempt(ctx, d, known, last)}
					return nil
				}))
			})
		}
	})
	go func() { wg.Wait(); close(done) }()
	all.add(0, s.settle(ctx, got, done))
	return errors.Join(all.errs...)
}

const settleAtOnce = 100

// settle writes outcomes as they come, together with those that came meanwhile: what vendors answered is written even
// when the sweep is being stopped.
func (s *Service) settle(ctx context.Context, batch []Delivery, done <-chan Outcome) error {
	of := make(map[models.ID]Delivery, len(batch))
	for _, d := range batch {
		of[d.ID] = d
	}
	var errs []error
	for first := range done {
		group := []Outcome{first}
		for more := true; more && len(group) < settleAtOnce; {
			select {
			case o, ok := <-done:
				if more = ok; ok {
					group = append(group, o)
				}
			default:
				more = false
			}
		}
		late, stop := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.SendTimeout)
		_, err := s.Store.SettleDeliveries(late, group)
		errs = append(errs, err, s.count(late, of, group))
		stop()
	}
	return errors.Join(errs...)
}

// attempt hands one claimed delivery over, if there is still time.
func (s *Service) attempt(ctx context.Context, d Delivery, known prepared, last time.Time) Settlement {
	if ctx.Err() != nil || s.Clock.Now().After(last) {
		return Settlement{State: Queued, Reason: "not_tried"}
	}
	bounded, cancel := context.WithTimeout(ctx, s.cfg.SendTimeout)
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
