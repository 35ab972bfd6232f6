// Package mirror keeps our dated copy of what the registry's sources say: it reads their change feeds in order, hands
// each fact to the capability that owns its meaning, and commits facts and cursor together (design 7).
package mirror

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Event is one change the registry announced. Fact holds it in a capability's words; Bad says why it could not be read.
type Event struct {
	Entity    string
	EntityID  string
	Version   int64
	ChangedAt time.Time
	Fact      any
	Raw       []byte
	Bad       string
}

// Page is one piece of a feed.
type Page struct {
	Events []Event
	Next   string
	AsOf   time.Time // how fresh the source says it is
	More   bool      // there is a next page already
}

// ErrCursorTooOld says that the source no longer has what came after the cursor; a snapshot follows.
var ErrCursorTooOld = errors.New("registry: cursor too old")

// ErrCursorUnknown says that the source never gave this cursor: it stands beyond the end of its feed, as after the source
// was restored from an older copy, or cannot be read any more. A snapshot follows, and somebody must look.
var ErrCursorUnknown = errors.New("registry: cursor unknown to the source")

// ErrEventTooLong says that what comes next is one event longer than any answer that is read: its source stands still.
var ErrEventTooLong = errors.New("registry: an event is too long to be read")

// OwnerUnknown is the reason of a parked event that waits for its owner. Facts are whole and guarded by version: a newer
// one goes past it, and once that is taken it is stale.
const OwnerUnknown = "owner_unknown"

// errTaken says that another replica has taken the page since we read the cursor.
var errTaken = errors.New("mirror: page already taken")

// SnapshotStart is the cursor at which a source begins its snapshot.
const SnapshotStart = "snapshot:"

// Source is one registry source's feed.
type Source interface {
	Name() string
	// Page reads what comes after the cursor: at least once, in order per entity. It may come empty, with a newer AsOf.
	Page(ctx context.Context, cursor string, limit int) (Page, error)
	// Read turns an event's Raw into its Fact again, or says in Bad why it cannot.
	Read(e Event) Event
}

// Applier takes the facts of one entity, in order, inside the feed's transaction. It returns the ids it cannot take
// yet; an error fails the whole page.
type Applier func(ctx context.Context, events []Event) (orphans []string, err error)

// Cursor is how far a source has been read.
type Cursor struct {
	Source  string
	Cursor  string
	DataSeq int64
	AsOf    time.Time
	// CaughtUp is when a page last had nothing behind it; zero until the first load is whole.
	CaughtUp time.Time
}

// Parked is an event that waits, with how often it was tried again.
type Parked struct {
	ID models.ID
	Event
	Tries int
}

// Store keeps cursors and parked events.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs f once the transaction of ctx has committed, never if it has not; without one, now.
	AfterCommit(ctx context.Context, f func())
	// Cursor reads a source's cursor; the zero Cursor before its first page.
	Cursor(ctx context.Context, source string) (Cursor, error)
	// LockCursor reads it and holds it until the transaction ends, making the row where there is none.
	LockCursor(ctx context.Context, source string) (Cursor, error)
	SaveCursor(ctx context.Context, c Cursor, at time.Time) error
	// ParkedAmong says which of these entities have a parked event behind which later ones must wait: any but one that
	// only waits for its owner.
	ParkedAmong(ctx context.Context, source, entity string, ids []string) (map[string]bool, error)
	Park(ctx context.Context, source string, e Event, reason string, at, retry time.Time) error
	// ParkedDue lists events whose next try has come, the oldest first, with their bodies.
	ParkedDue(ctx context.Context, source string, at time.Time, limit int) ([]Parked, error)
	Unpark(ctx context.Context, id models.ID) error
	RetryLater(ctx context.Context, id models.ID, at time.Time) error
	RecordAudit(ctx context.Context, e audit.Entry) error
}

// Watch counts what an operator must see.
type Watch interface {
	EventParked(source, entity, reason string)
	FeedPulled(source string, events int, asOf time.Time)
	Alarm(code string, n int)
}

// Turns let one replica at a time read a source. They save calls; the cursor row keeps facts right.
type Turns interface {
	// Mine takes or keeps the turn; false while another replica has it. It lapses when its holder falls silent. Who
	// cannot tell has it.
	Mine(ctx context.Context, source string) bool
	// Pass gives the turn up, if it is ours.
	Pass(ctx context.Context, source string)
}

// asOfStep is how far behind the source the freshness we show may stay while nothing else changes: an idle source costs
// a write each few seconds, not one each time it is asked. What is shown is never fresher than the truth.
const asOfStep = 5 * time.Second

// Service reads feeds.
type Service struct {
	Store    Store
	Appliers map[string]Applier // by entity
	Order    []string           // entities in the order in which one page's facts are applied
	Clock    models.Clock
	Log      *slog.Logger
	Watch    Watch
	PageSize int
	// After names, for a source, the one whose first load must be whole before it: payments name people.
	After map[string]string
	// Turns may be nil: then every caller reads.
	Turns Turns

	whole sync.Map // sources whose first load is known to be whole: it stays so
}

// Pull reads and applies one page if it is this replica's turn. It reports whether more waits. Running it twice, or on
// two replicas at once, takes each page once: the cursor row decides. A replica that cannot take a page lets another try.
func (s *Service) Pull(ctx context.Context, src Source) (more bool, err error) {
	if s.Turns == nil {
		return s.pull(ctx, src)
	}
	if !s.Turns.Mine(ctx, src.Name()) {
		return false, nil
	}
	ended := false
	defer func() {
		if !ended || err != nil { // it panicked, or failed
			s.Turns.Pass(ctx, src.Name())
		}
	}()
	more, err = s.pull(ctx, src)
	ended = true
	return more, err
}

func (s *Service) pull(ctx context.Context, src Source) (more bool, err error) {
	if first := s.After[src.Name()]; first != "" {
		if ok, err := s.loaded(ctx, first); err != nil || !ok {
			return false, err
		}
	}
	cur, err := s.Store.Cursor(ctx, src.Name())
	if err != nil {
		return false, err
	}
	page, err := src.Page(ctx, cur.Cursor, s.PageSize)
	switch {
	case errors.Is(err, ErrCursorTooOld):
		s.Log.WarnContext(ctx, "feed cursor too old, reading a snapshot", "source", src.Name())
		page = Page{Next: SnapshotStart, AsOf: cur.AsOf, More: true}
	case errors.Is(err, ErrCursorUnknown):
		s.Log.ErrorContext(ctx, "feed cursor unknown to its source, reading a snapshot", "code", "CURSOR_UNKNOWN", "source", src.Name())
		s.Watch.Alarm("CURSOR_UNKNOWN", 1)
		page = Page{Next: SnapshotStart, AsOf: cur.AsOf, More: true}
	case errors.Is(err, ErrEventTooLong):
		s.Watch.Alarm("EVENT_TOO_LONG", 1)
		return false, err
	case err != nil:
		return false, err
	}
	if idle(cur, page) {
		s.Watch.FeedPulled(src.Name(), 0, page.AsOf)
		return false, nil
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error { return s.take(ctx, src.Name(), cur, page, s.apply) })
	if poison(err) {
		// One fact of the page cannot be taken. Facts are guarded by version, so going one by one repeats nothing.
		s.Log.ErrorContext(ctx, "page not taken whole, going event by event", "source", src.Name(), "error", err)
		err = s.oneByOne(ctx, src.Name(), cur, page)
	}
	if errors.Is(err, errTaken) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	s.Watch.FeedPulled(src.Name(), len(page.Events), page.AsOf)
	return page.More, nil
}

// loaded reports whether a source's first load is whole.
func (s *Service) loaded(ctx context.Context, source string) (bool, error) {
	if _, known := s.whole.Load(source); known {
		return true, nil
	}
	c, err := s.Store.Cursor(ctx, source)
	if err != nil || c.CaughtUp.IsZero() {
		return false, err
	}
	s.whole.Store(source, true)
	return true, nil
}

// idle reports whether a page brought nothing worth a write.
func idle(cur Cursor, page Page) bool {
	return len(page.Events) == 0 && !page.More && page.Next == cur.Cursor && !cur.CaughtUp.IsZero() && page.AsOf.Before(cur.AsOf.Add(asOfStep))
}

// poison reports whether an error is about the facts themselves. A page that another took, and a database that cannot
// be reached or waited for, say nothing about them.
func poison(err error) bool {
	return err != nil && !errors.Is(err, errTaken) && models.KindOf(err) != models.Unavailable
}

// take applies a page and moves the cursor, in the caller's transaction.
func (s *Service) take(ctx context.Context, source string, read Cursor, page Page, apply func(context.Context, string, []Event) error) error {
	now, err := s.Store.LockCursor(ctx, source)
	if err != nil {
		return err
	}
	if now.Cursor != read.Cursor {
		return errTaken
	}
	if page.AsOf.Before(now.AsOf) {
		page.AsOf = now.AsOf // a slower reader of the same cursor knows less
	}
	if err := apply(ctx, source, page.Events); err != nil {
		return err
	}
	now.Cursor, now.DataSeq, now.AsOf = page.Next, now.DataSeq+1, page.AsOf
	if !page.More {
		now.CaughtUp = s.Clock.Now()
	}
	return s.Store.SaveCursor(ctx, now, s.Clock.Now())
}

// apply hands the events to their appliers, entity by entity in the agreed order.
func (s *Service) apply(ctx context.Context, source string, events []Event) error {
	byEntity := map[string][]Event{}
	for _, e := range events {
		byEntity[e.Entity] = append(byEntity[e.Entity], e)
	}
	for _, entity := range s.Order {
		if err := s.applyEntity(ctx, source, entity, byEntity[entity]); err != nil {
			return err
		}
		delete(byEntity, entity)
	}
	for _, rest := range byEntity { // an entity this release does not know
		for _, e := range rest {
			if err := s.park(ctx, source, e, "entity_unknown"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) applyEntity(ctx context.Context, source, entity string, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.EntityID
	}
	waiting, err := s.Store.ParkedAmong(ctx, source, entity, ids)
	if err != nil {
		return err
	}
	good := make([]Event, 0, len(events))
	for _, e := range events {
		switch {
		case e.Bad != "":
			waiting[e.EntityID] = true
			err = s.park(ctx, source, e, e.Bad)
		case waiting[e.EntityID]:
			err = s.park(ctx, source, e, "behind_parked")
		default:
			good = append(good, e)
		}
		if err != nil {
			return err
		}
	}
	if len(good) == 0 {
		return nil
	}
	orphans, err := s.Appliers[entity](ctx, good)
	if err != nil {
		return err
	}
	lost := make(map[string]bool, len(orphans))
	for _, id := range orphans {
		lost[id] = true
	}
	for _, e := range good {
		if lost[e.EntityID] {
			if err := s.park(ctx, source, e, OwnerUnknown); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) park(ctx context.Context, source string, e Event, reason string) error {
	s.Store.AfterCommit(ctx, func() { // a page that is rolled back is gone through again event by event
		s.Log.ErrorContext(ctx, "registry event parked", "code", "EVENT_PARKED", "source", source, "entity", e.Entity, "reason", reason)
		s.Watch.EventParked(source, e.Entity, reason)
	})
	now := s.Clock.Now()
	return s.Store.Park(ctx, source, e, reason, now, now.Add(retryFirst))
}

// oneByOne takes each event in a commit of its own and parks the one that fails; then the cursor moves.
func (s *Service) oneByOne(ctx context.Context, source string, read Cursor, page Page) error {
	for _, e := range page.Events {
		err := s.alone(ctx, source, e)
		if poison(err) {
			err = s.Store.InTx(ctx, func(ctx context.Context) error { return s.park(ctx, source, e, "not_taken") })
		}
		if err != nil {
			return err
		}
	}
	nothing := func(context.Context, string, []Event) error { return nil }
	return s.Store.InTx(ctx, func(ctx context.Context) error { return s.take(ctx, source, read, page, nothing) })
}

// alone takes one event, again while someone else decides about the same rows.
func (s *Service) alone(ctx context.Context, source string, e Event) (err error) {
	for range 5 {
		err = s.Store.InTx(ctx, func(ctx context.Context) error { return s.apply(ctx, source, []Event{e}) })
		if !errors.Is(err, models.ErrConflict) {
			return err
		}
	}
	return err
}
