package policy

import (
	"context"
	"strconv"
	"sync"
	"time"

	"onecard/models"
)

// How long what was read may be answered from memory: a change made by another process counts after the first; the
// second bridges a database that is away for a moment.
const (
	rereadAfter = 2 * time.Second
	usableFor   = time.Minute
)

// view is the whole of settings and banks, a few hundred short rows. It is never written to.
type view struct {
	at    time.Time
	rows  map[string][]Row
	banks map[string]Bank
	order []string              // codes of banks, as the store lists them
	stops map[string][]Proposal // by key: acts that one person stopped
}

// snapshot is the last view that was read. The lock is never held while the database is asked: a caller inside a
// transaction must not wait for one that waits for a connection.
type snapshot struct {
	mu        sync.Mutex
	view      *view
	dirty     bool // something changed since: nobody may answer from view
	refreshes bool // one caller is reading; the others answer from view meanwhile
	changes   int  // counts forget, so that a read that began before it is not kept
}

// look gives settings and banks as of a moment ago.
func (s *Service) look(ctx context.Context) (*view, error) {
	now := s.clock.Now()
	s.seen.mu.Lock()
	last, changes := s.seen.view, s.seen.changes
	age := time.Duration(-1)
	if last != nil && !s.seen.dirty {
		age = now.Sub(last.at)
	}
	usable := age >= 0 && age < usableFor
	if usable && (age < rereadAfter || s.seen.refreshes) {
		s.seen.mu.Unlock()
		return last, nil
	}
	s.seen.refreshes = true
	s.seen.mu.Unlock()

	fresh, err := s.read(ctx, now)
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	s.seen.refreshes = false
	if err != nil {
		if usable {
			return last, nil // a database that is away for a moment does not change policy
		}
		return nil, err
	}
	if changes == s.seen.changes {
		s.seen.view, s.seen.dirty = fresh, false
	}
	return fresh, nil
}

// Refresh reads settings and banks again, so that no request has to.
func (s *Service) Refresh(ctx context.Context) error {
	s.seen.mu.Lock()
	changes := s.seen.changes
	s.seen.mu.Unlock()
	fresh, err := s.read(ctx, s.clock.Now())
	if err != nil {
		return err
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if changes == s.seen.changes {
		s.seen.view, s.seen.dirty = fresh, false
	}
	return nil
}

func (s *Service) read(ctx context.Context, now time.Time) (*view, error) {
	rows, err := s.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	banks, err := s.store.Banks(ctx)
	if err != nil {
		return nil, err
	}
	stops, err := s.store.Stops(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{at: now, rows: map[string][]Row{}, banks: map[string]Bank{}, stops: map[string][]Proposal{}}
	for _, p := range stops {
		v.stops[p.Key] = append(v.stops[p.Key], p)
	}
	for _, r := range rows {
		v.rows[r.Key] = append(v.rows[r.Key], r)
	}
	for _, b := range banks {
		v.banks[b.Code] = b
		v.order = append(v.order, b.Code)
	}
	return v, nil
}

// forget makes the next look read again.
func (s *Service) forget() {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	s.seen.dirty = true
	s.seen.changes++
}

// At is the value of a setting at t in scope: the latest decision for the scope itself, else for the whole city, else
// the default. A key that is not declared is a mistake of ours.
func (s *Service) At(ctx context.Context, key string, scope Scope, t time.Time) (string, error) {
	value, _, err := s.at(ctx, key, scope, t)
	return value, err
}

// at also tells whether somebody decided it.
func (s *Service) at(ctx context.Context, key string, scope Scope, t time.Time) (value string, decided bool, err error) {
	declared, ok := byKey[key]
	if !ok {
		return "", false, ErrSettingUnknown
	}
	v, err := s.look(ctx)
	if err != nil {
		return "", false, err
	}
	for _, p := range v.stops[key] {
		if p.stops(t) && declared.check(p.Value) == "" {
			return p.Value, true, nil
		}
	}
	for _, wanted := range []Scope{scope, Everywhere} {
		if r, ok := inForce(v.rows[key], wanted, t); ok && declared.check(r.Value) == "" {
			return r.Value, true, nil // a value that a newer release no longer takes counts as not decided
		}
	}
	return declared.Default, false, nil
}

// inForce is the row that holds at t.
func inForce(rows []Row, scope Scope, t time.Time) (best Row, ok bool) {
	for _, r := range rows {
		if r.Scope == scope && !r.ValidFrom.After(t) && (!ok || r.later(best)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// ReleaseAfterPhoneLoss is same or window_only (R38).
func (s *Service) ReleaseAfterPhoneLoss(ctx context.Context, at time.Time) (string, error) {
	return s.At(ctx, ReleaseAfterPhoneLoss, Everywhere, at)
}

// LossKind is registry, temporary or formal for losses from channel (R43).
func (s *Service) LossKind(ctx context.Context, channel models.Channel, at time.Time) (string, error) {
	if _, ok := byKey[LossKindKey(channel)]; !ok {
		return "registry", nil
	}
	return s.At(ctx, LossKindKey(channel), Everywhere, at)
}

// ArrivalSender is platform or bank: who sends the SMS of an arrival paid by bank (R12).
func (s *Service) ArrivalSender(ctx context.Context, bank string, at time.Time) (string, error) {
	return s.At(ctx, ArrivalSMSSender, AtBank(bank), at)
}

// CodesPerDay is how many one-time codes the service may send on one civil day (R61).
func (s *Service) CodesPerDay(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, CodesPerDay, Everywhere, at)
	return int(n), err
}

// CodesBeforeChallenge is how many codes a session is sent in a day without a challenge (R61).
func (s *Service) CodesBeforeChallenge(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, CodesBeforeChallenge, Everywhere, at)
	return int(n), err
}

// HelpersMost is how many family helpers an adult may have named at once.
func (s *Service) HelpersMost(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, HelpersMost, Everywhere, at)
	return int(n), err
}

// HelpersMonths is after how many months a family helper's powers end.
func (s *Service) HelpersMonths(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, HelpersMonths, Everywhere, at)
	return int(n), err
}

// ConsentsMost is how many consents to one platform message each are kept for a topic (R62).
func (s *Service) ConsentsMost(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, ConsentsMost, Everywhere, at)
	return int(n), err
}

// ReplacementFee is the fee of a replacement in a district (R21).
func (s *Service) ReplacementFee(ctx context.Context, district string, at time.Time) (models.Fen, error) {
	n, err := s.count(ctx, ReplacementFee, InDistrict(district), at)
	return models.Fen(n), err
}

// FeeRoute is merchant or non_tax: how the fee of a replacement is taken (R21).
func (s *Service) FeeRoute(ctx context.Context, at time.Time) (string, error) {
	return s.At(ctx, FeeRoute, Everywhere, at)
}

func (s *Service) count(ctx context.Context, key string, scope Scope, at time.Time) (int64, error) {
	text, err := s.At(ctx, key, scope, at)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// CampaignPerMinute is how many people one campaign tells in a minute at most.
func (s *Service) CampaignPerMinute(ctx context.Context, at time.Time) (int, error) {
	n, err := s.count(ctx, CampaignPerMinute, Everywhere, at)
	return int(n), err
}
