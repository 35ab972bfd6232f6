package notice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"onecard/models"
)

// Config is the pace of the queue.
type Config struct {
	Lease       time.Duration // 30 s: a notice found submitting after it has an unknown fate
	SendTimeout time.Duration // 10 s: for finding the phone and one vendor call; far below the lease
	Batch       int           // 200: notices one sweep takes at most
	Parallel    int           // 4: vendor calls at once in one sweep
	QuietFrom   int           // civil hour from which arrivals wait, 21; equal to QuietTo: never
	QuietTo     int           // civil hour until which they wait, 8
}

// DefaultConfig is what production starts from.
func DefaultConfig() Config {
	return Config{Lease: 30 * time.Second, SendTimeout: 10 * time.Second, Batch: 200, Parallel: 4, QuietFrom: 21, QuietTo: 8}
}

const (
	repeatAfter = 10 * time.Second
	silentAfter = 72 * time.Hour
	lapseEvery  = 2 * time.Second
)

// Service works the queue and shows it to citizens.
type Service struct {
	store    Store
	sender   Sender
	phones   Phones
	settings Settings
	gate     Gate
	clock    models.Clock
	cfg      Config

	mu     sync.Mutex
	lapsed time.Time // when time's work was last found done
}

// New joins the queue to its ports. Zero figures in cfg take their defaults; quiet hours do not.
func New(store Store, sender Sender, phones Phones, settings Settings, gate Gate, clock models.Clock, cfg Config) (*Service, error) {
	d := DefaultConfig()
	if cfg.Lease == 0 {
		cfg.Lease = d.Lease
	}
	if cfg.SendTimeout == 0 {
		cfg.SendTimeout = d.SendTimeout
	}
	cfg.Batch, cfg.Parallel = max(cfg.Batch, 0), max(cfg.Parallel, 0)
	if cfg.Batch == 0 {
		cfg.Batch = d.Batch
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = d.Parallel
	}
	if cfg.SendTimeout*2 > cfg.Lease {
		return nil, fmt.Errorf("notice: a vendor call of %s is too long for a lease of %s", cfg.SendTimeout, cfg.Lease)
	}
	return &Service{store: store, sender: sender, phones: phones, settings: settings, gate: gate, clock: clock, cfg: cfg}, nil
}

// Dispatch is one sweep: it settles what time has settled, then takes due notices of the lanes (all, where none is
// named), most urgent first, until none is due or the batch is full. It gives how many were taken. The claim is
// committed before the vendor is called, so a process may die at any step: the notice is then of unknown fate, never
// sent a second time unless it is a code or a confirmation about a loss.
func (s *Service) Dispatch(ctx context.Context, lanes ...Lane) (int, error) {
	lapsed := s.lapse(ctx) // its trouble keeps no code from leaving
	n, err := s.claimAndSend(ctx, lanes)
	return n, errors.Join(lapsed, err)
}

// lapse settles what time has settled: every two seconds, and at once again while there was something.
func (s *Service) lapse(ctx context.Context) error {
	now := s.clock.Now()
	s.mu.Lock()
	due := s.lapsed.IsZero() || now.Before(s.lapsed) || now.Sub(s.lapsed) >= lapseEvery
	if due {
		s.lapsed = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	n, err := s.store.LapseNotices(ctx, repeatAfter, silentAfter)
	if n > 0 || err != nil {
		s.mu.Lock()
		s.lapsed = time.Time{}
		s.mu.Unlock()
	}
	return err
}

func (s *Service) claimAndSend(ctx context.Context, lanes []Lane) (int, error) {
	lanes = s.awake(lanes)
	if len(lanes) == 0 {
		return 0, nil
	}
	first, ok, err := s.store.ClaimNotice(ctx, lanes, s.cfg.Lease)
	if err != nil || !ok {
		return 0, err // an idle queue costs one question, not one of each worker
	}
	w := &sweep{left: s.cfg.Batch - 1, taken: 1}
	var wg sync.WaitGroup
	wg.Go(func() {
		w.failed(models.Guard(func() error { return s.work(ctx, first) }))
		w.failed(models.Guard(func() error { return s.drain(ctx, lanes, w) }))
	})
	for range s.cfg.Parallel - 1 {
		wg.Go(func() { w.failed(models.Guard(func() error { return s.drain(ctx, lanes, w) })) })
	}
	wg.Wait()
	return w.taken, errors.Join(w.errs...)
}

// sweep is what the workers of one sweep share.
type sweep struct {
	mu          sync.Mutex
	left, taken int
	errs        []error
}

func (w *sweep) failed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// next allows one more claim while the batch is not full and nothing has failed.
func (w *sweep) next() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left <= 0 || len(w.errs) > 0 {
		return false
	}
	w.left--
	return true
}

// drain works notices until none is due, the batch is full, something fails or the sweep is stopped.
func (s *Service) drain(ctx context.Context, lanes []Lane, w *sweep) error {
	for ctx.Err() == nil && w.next() {
		n, ok, err := s.store.ClaimNotice(ctx, lanes, s.cfg.Lease)
		if err != nil || !ok {
			return err
		}
		w.mu.Lock()
		w.taken++
		w.mu.Unlock()
		w.failed(s.work(ctx, n))
	}
	return nil
}

// awake leaves arrivals out during quiet hours; codes, losses and progress are never held back.
func (s *Service) awake(lanes []Lane) []Lane {
	if len(lanes) == 0 {
		lanes = append(append([]Lane{}, UrgentLanes...), BulkLanes...)
	}
	from, to, hour := s.cfg.QuietFrom, s.cfg.QuietTo, s.clock.Now().In(models.Shanghai).Hour()
	quiet := from < to && hour >= from && hour < to || from > to && (hour >= from || hour < to)
	if !quiet {
		return lanes
	}
	var out []Lane
	for _, l := range lanes {
		if l != LaneArrivals {
			out = append(out, l)
		}
	}
	return out
}

// work hands one claimed notice over and writes what came of it.
func (s *Service) work(ctx context.Context, n Notice) error {
	bounded, cancel := context.WithTimeout(ctx, s.cfg.SendTimeout)
	defer cancel()
	outcome := s.submit(bounded, n)
	// What the vendor answered is written even when the sweep is being stopped.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.SendTimeout)
	defer stop()
	_, err := s.store.SettleNotice(late, n.ID, n.Attempt, outcome)
	return err
}

func (s *Service) submit(ctx context.Context, n Notice) Settlement {
	spec, ok := SpecOf(n.Kind)
	if !ok {
		return Settlement{State: Queued, Reason: "kind_not_known_here", After: time.Minute}
	}
	if n.Kind == Arrival {
		sender, err := s.settings.ArrivalSender(ctx, n.Scope, n.At)
		switch {
		case err != nil || sender != SenderPlatform && sender != SenderBank:
			return Settlement{State: Queued, Reason: "sender_not_known", After: backoff(spec.Lane, n.Attempt)}
		case sender == SenderBank:
			return Settlement{State: Suppressed, Reason: "sent_by_bank"}
		}
	}
	phone, err := s.phones.NoticePhone(ctx, n.PersonID, n.To, n.ToRef)
	switch {
	case errors.Is(err, ErrNoPhone) || err == nil && phone.IsZero():
		return Settlement{State: Suppressed, Reason: "no_phone"}
	case err != nil:
		return Settlement{State: Queued, Reason: "phone_not_readable", After: backoff(spec.Lane, n.Attempt)}
	}
	return s.hand(ctx, spec, n, phone)
}

func (s *Service) hand(ctx context.Context, spec Spec, n Notice, phone models.Phone) Settlement {
	params := maps.Clone(n.Params)
	if spec.Secret {
		if !n.Secret.Present() {
			return Settlement{State: Failed, Reason: "code_is_gone"}
		}
		params = map[string]string{"code": n.Secret.Reveal()}
	}
	handed, err := s.sender.Send(ctx, Message{DeliveryID: n.ID, Kind: n.Kind, Phone: phone, Params: params})
	if err == nil {
		return Settlement{State: Submitted, VendorID: handed.ID}
	}
	var refusal *SendError
	if !errors.As(err, &refusal) {
		refusal = &SendError{Class: FateUnknown, Code: "no_answer"}
	}
	switch refusal.Class {
	case NotAccepted:
		return Settlement{State: Queued, Reason: refusal.Code, After: max(refusal.After, backoff(spec.Lane, n.Attempt))}
	case Refused:
		return Settlement{State: Failed, Reason: refusal.Code}
	default:
		return Settlement{State: Unknown, Reason: refusal.Code, After: repeatAfter, Lost: true}
	}
}

// backoff doubles from two seconds: to at most 15 s for a code, which lives five minutes, and ten minutes for the rest.
func backoff(l Lane, attempt int) time.Duration {
	limit := 10 * time.Minute
	switch l {
	case LaneCodes:
		limit = 15 * time.Second
	case LaneLoss:
		limit = time.Minute
	}
	return min(limit, time.Second<<min(max(attempt, 1), 12))
}
