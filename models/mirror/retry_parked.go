package mirror

import (
	"context"
	"time"
)

// A parked event is tried again, ever more rarely: what it waited for may have come, or a new release may understand it.
const (
	retryFirst = 30 * time.Second
	retryMost  = time.Hour
)

// RetryParked tries the parked events of a source whose time has come, in order, each in a commit of its own. An event
// behind another of its entity waits until that one is taken, or only waits for its owner. It returns how many it took.
func (s *Service) RetryParked(ctx context.Context, src Source, limit int) (taken int, err error) {
	due, err := s.Store.ParkedDue(ctx, src.Name(), s.Clock.Now(), limit)
	if err != nil {
		return 0, err
	}
	stuck := map[string]bool{}
	for _, p := range due {
		name := p.Entity + "/" + p.EntityID
		ok, ownerless := false, false
		if !stuck[name] {
			// One event's trouble is not the others': only a database that cannot be reached ends the round.
			if ok, ownerless, err = s.retry(ctx, src.Read(p.Event), p); err != nil && !poison(err) {
				return taken, err
			}
		}
		if ok {
			taken++
			continue
		}
		stuck[name] = !ownerless
		later := min(retryFirst<<min(p.Tries+1, 10), retryMost)
		if err := s.Store.RetryLater(ctx, p.ID, s.Clock.Now().Add(later)); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// retry tries one event. One that is ownerless keeps nobody waiting.
func (s *Service) retry(ctx context.Context, e Event, p Parked) (ok, ownerless bool, err error) {
	apply := s.Appliers[e.Entity]
	if e.Bad != "" || apply == nil {
		return false, false, nil
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		orphans, err := apply(ctx, []Event{e})
		if ownerless = err == nil && len(orphans) > 0; err != nil || ownerless {
			return err
		}
		ok = true
		return s.Store.Unpark(ctx, p.ID)
	})
	return ok && err == nil, ownerless && err == nil, err
}
