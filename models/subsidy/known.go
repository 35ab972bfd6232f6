package subsidy

import (
	"context"
	"slices"
	"sync"
	"time"

	"onecard/models"
)

// Glance is what tells whether the copy of the payments source has moved, in one short statement.
type Glance struct {
	AsOf      time.Time // how fresh the copy is; zero before the first page
	Catalogue string    // changes with every edition written
}

// How long the catalogue and as_of may be answered from memory. A process that answers requests refreshes them each
// second (Refresh); the first figure is for one that does not, the second bridges a database that is away.
const (
	knownFresh  = 5 * time.Second
	knownUsable = time.Minute
)

// known is what everybody's answers need and no person owns. It is never written to.
type known struct {
	at       time.Time
	asOf     time.Time
	imprint  string // the catalogue's, read before the editions: these are never older than it says
	told     []Programme
	editions editions
	mark     string // of the lists of one ledger month, which has a beginning and an end
	from     time.Time
	until    time.Time
}

// shelf keeps the last known. The lock is never held while the database is asked.
type shelf struct {
	mu      sync.Mutex
	last    *known
	stale   bool // something changed here since: nobody may answer from last
	reading bool // one caller reads; the others answer from last meanwhile
	changes int  // counts outdated, so that a read begun before it is not taken for fresh
}

// outdated makes the next look read again.
func (s *shelf) outdated() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale, s.changes = true, s.changes+1
}

// Moved says that the copy of the payments source has changed in this process, which need not wait for its next round.
func (s *Service) Moved() { s.shelf.outdated() }

// look gives the catalogue and as_of as of a moment ago, normally without a statement.
func (s *Service) look(ctx context.Context) (*known, error) {
	now := s.Clock.Now()
	s.shelf.mu.Lock()
	last, age := s.shelf.last, time.Duration(-1)
	if last != nil && !s.shelf.stale {
		age = now.Sub(last.at)
	}
	usable := age >= 0 && age < knownUsable
	if usable && (age < knownFresh || s.shelf.reading) {
		s.shelf.mu.Unlock()
		return last, nil
	}
	s.shelf.reading = true
	s.shelf.mu.Unlock()
	fresh, err := s.reread(ctx, now)
	if err != nil && usable {
		return last, nil
	}
	return fresh, err
}

// Refresh reads what has moved, so that no request has to. It is one statement; the editions are read again only when
// one was written.
func (s *Service) Refresh(ctx context.Context) error {
	_, err := s.reread(ctx, s.Clock.Now())
	return err
}

func (s *Service) reread(ctx context.Context, now time.Time) (*known, error) {
	s.shelf.mu.Lock()
	last, changes := s.shelf.last, s.shelf.changes
	s.shelf.mu.Unlock()
	fresh, err := s.readKnown(ctx, now, last)
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.reading = false
	if err == nil && changes == s.shelf.changes {
		s.shelf.last, s.shelf.stale = fresh, false
	}
	return fresh, err
}

func (s *Service) readKnown(ctx context.Context, now time.Time, last *known) (*known, error) {
	g, err := s.Store.Glance(ctx)
	if err != nil {
		return nil, err
	}
	month := now.In(models.Shanghai)
	fresh := &known{at: now, asOf: g.AsOf, imprint: g.Catalogue, mark: g.Catalogue + "|" + month.Format(ledgerMonth)}
	fresh.from = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, models.Shanghai)
	fresh.until = fresh.from.AddDate(0, 1, 0)
	if last != nil && last.imprint == g.Catalogue {
		fresh.told, fresh.editions = last.told, last.editions
		return fresh, nil
	}
	fresh.told, err = s.Store.Programmes(ctx)
	fresh.editions = index(fresh.told)
	return fresh, err
}

// naming gives the editions to name payments by that were read after k. A payment that was made under one which k does
// not know yet came after it: then the process reads again.
func (s *Service) naming(ctx context.Context, k *known, payments ...Payment) (editions, error) {
	if !slices.ContainsFunc(payments, func(p Payment) bool { _, ok := k.editions.of(p); return !ok }) {
		return k.editions, nil
	}
	fresh, err := s.reread(ctx, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	return fresh.editions, nil
}

// ListGround is what an answer stands on beside the person's own payments.
type ListGround struct {
	Mark string // two answers under different marks are different answers
	AsOf time.Time
}

// GroundOfList is what the unfiltered first page of a view stands on: the names of the catalogue, and for the recent
// view the month.
func (s *Service) GroundOfList(ctx context.Context) (ListGround, error) {
	k, err := s.look(ctx)
	if err != nil {
		return ListGround{}, err
	}
	if now := s.Clock.Now(); now.Before(k.from) || !now.Before(k.until) {
		return ListGround{k.imprint + "|" + now.In(models.Shanghai).Format(ledgerMonth), k.asOf}, nil
	}
	return ListGround{k.mark, k.asOf}, nil
}
