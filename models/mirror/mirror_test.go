package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/mirror"
)

var start = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

// rig is a reader of one feed, with a store and an applier in memory.
type rig struct {
	*mirror.Service
	clock   *models.ManualClock
	cursors map[string]mirror.Cursor
	parked  []parkedRow
	alarms  []string // reasons of parked events
	taken   []string // card/version, in order
	fails   map[string]error
	orphans map[string]bool
	pulled  int
	after   []func() // of the open transaction
	open    bool
	saved   int
	read    map[string]int // cursors, by source
	fresh   time.Time
}

type parkedRow struct {
	mirror.Parked
	reason string
	due    time.Time
}

func newRig() *rig {
	r := &rig{clock: models.NewManualClock(start), cursors: map[string]mirror.Cursor{}, fails: map[string]error{}, orphans: map[string]bool{}, read: map[string]int{}}
	r.Service = &mirror.Service{
		Store: r, Appliers: map[string]mirror.Applier{"person": r.apply, "card": r.apply}, Order: []string{"person", "card"}, Clock: r.clock,
		Log: slog.New(slog.DiscardHandler), Watch: r, PageSize: 10, After: map[string]string{"payments": "cards"},
	}
	return r
}

func (r *rig) apply(_ context.Context, events []mirror.Event) (orphans []string, err error) {
	for _, e := range events {
		key := e.EntityID + "/" + strconv.FormatInt(e.Version, 10)
		if err := r.fails[key]; err != nil {
			return nil, err
		}
		if r.orphans[e.EntityID] {
			orphans = append(orphans, e.EntityID)
			continue
		}
		r.taken = append(r.taken, e.Entity+" "+key)
	}
	return orphans, nil
}

// InTx takes everything back when fn fails.
func (r *rig) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	taken, parked, cursors := len(r.taken), len(r.parked), maps.Clone(r.cursors)
	r.open, r.after = true, nil
	err := fn(ctx)
	r.open = false
	if err != nil {
		r.taken, r.parked, r.cursors = r.taken[:taken], r.parked[:parked], cursors
		return err
	}
	for _, f := range r.after {
		f()
	}
	return nil
}

func (r *rig) AfterCommit(_ context.Context, f func()) {
	if r.open {
		r.after = append(r.after, f)
		return
	}
	f()
}

func (r *rig) Cursor(_ context.Context, source string) (mirror.Cursor, error) {
	r.read[source]++
	return r.cursors[source], nil
}
func (r *rig) LockCursor(_ context.Context, source string) (mirror.Cursor, error) {
	c := r.cursors[source]
	c.Source = source
	return c, nil
}
func (r *rig) SaveCursor(_ context.Context, c mirror.Cursor, _ time.Time) error {
	r.cursors[c.Source] = c
	r.saved++
	return nil
}
func (r *rig) ParkedAmong(_ context.Context, _, entity string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, p := range r.parked {
		for _, id := range ids {
			if p.Entity == entity && p.EntityID == id && p.reason != mirror.OwnerUnknown {
				out[id] = true
			}
		}
	}
	return out, nil
}
func (r *rig) Park(_ context.Context, _ string, e mirror.Event, reason string, _, retry time.Time) error {
	r.parked = append(r.parked, parkedRow{mirror.Parked{ID: models.NewID(), Event: e}, reason, retry})
	return nil
}
func (r *rig) ParkedDue(_ context.Context, _ string, at time.Time, _ int) (out []mirror.Parked, err error) {
	for _, p := range r.parked {
		if !p.due.After(at) {
			out = append(out, p.Parked)
		}
	}
	return out, nil
}
func (r *rig) Unpark(_ context.Context, id models.ID) error {
	for i, p := range r.parked {
		if p.ID == id {
			r.parked = append(r.parked[:i:i], r.parked[i+1:]...)
			return nil
		}
	}
	return models.ErrConflict
}
func (r *rig) RetryLater(_ context.Context, id models.ID, at time.Time) error {
	for i := range r.parked {
		if r.parked[i].ID == id {
			r.parked[i].due, r.parked[i].Tries = at, r.parked[i].Tries+1
		}
	}
	return nil
}
func (r *rig) RecordAudit(context.Context, audit.Entry) error { return nil }
func (r *rig) EventParked(_, _, reason string)                { r.alarms = append(r.alarms, reason) }
func (r *rig) Alarm(code string, _ int)                       { r.alarms = append(r.alarms, code) }
func (r *rig) FeedPulled(_ string, _ int, asOf time.Time)     { r.pulled, r.fresh = r.pulled+1, asOf }

// feed is a source with pages by cursor.
type feed struct {
	name   string
	pages  map[string]mirror.Page
	asked  []string
	during func()
	fails  error
}

func (f *feed) Name() string                     { return f.name }
func (f *feed) Read(e mirror.Event) mirror.Event { return e }
func (f *feed) Page(_ context.Context, cursor string, _ int) (mirror.Page, error) {
	f.asked = append(f.asked, cursor)
	if f.during != nil {
		f.during()
	}
	if f.fails != nil {
		return mirror.Page{}, f.fails
	}
	p, ok := f.pages[cursor]
	if !ok {
		return mirror.Page{}, mirror.ErrCursorTooOld
	}
	return p, nil
}

func card(id string, version int64) mirror.Event {
	return mirror.Event{Entity: "card", EntityID: id, Version: version, ChangedAt: start, Fact: id}
}

func one(next string, events ...mirror.Event) *feed {
	return &feed{name: "cards", pages: map[string]mirror.Page{
		"": {Events: events, Next: next, AsOf: start}, next: {Next: next, AsOf: start.Add(5 * time.Second)},
	}}
}

func TestAPageIsTakenWithItsCursorInTheOrderOfEntities(t *testing.T) {
	t.Parallel()
	r := newRig()
	person := card("P", 1)
	person.Entity = "person"
	more, err := r.Pull(t.Context(), one("a", card("C", 1), person, card("C", 2)))
	require.NoError(t, err)
	require.False(t, more)
	require.Equal(t, []string{"person P/1", "card C/1", "card C/2"}, r.taken)
	require.Equal(t, mirror.Cursor{Source: "cards", Cursor: "a", DataSeq: 1, AsOf: start, CaughtUp: start}, r.cursors["cards"])
}

func TestAHeartbeatMovesOnlyFreshness(t *testing.T) {
	t.Parallel()
	r := newRig()
	f := one("a", card("C", 1))
	for range 2 {
		_, err := r.Pull(t.Context(), f)
		require.NoError(t, err)
	}
	require.Equal(t, "a", r.cursors["cards"].Cursor)
	require.Equal(t, start.Add(5*time.Second), r.cursors["cards"].AsOf)
	f.pages["a"] = mirror.Page{Next: "a", AsOf: start.Add(-time.Hour)} // a slower reader's answer
	_, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, start.Add(5*time.Second), r.cursors["cards"].AsOf, "freshness never goes back")
	require.Len(t, r.taken, 1)
}

func TestAnIdleSourceIsWrittenDownEachFewSecondsOnly(t *testing.T) {
	t.Parallel()
	r := newRig()
	f := one("a", card("C", 1))
	_, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	r.saved = 0
	for i := range 60 {
		asOf := start.Add(time.Duration(i) * time.Second)
		f.pages["a"] = mirror.Page{Next: "a", AsOf: asOf}
		_, err := r.Pull(t.Context(), f)
		require.NoError(t, err)
		shown := r.cursors["cards"].AsOf
		require.False(t, shown.After(asOf), "never fresher than the truth")
		require.Less(t, asOf.Sub(shown), 5*time.Second)
		require.Equal(t, asOf, r.fresh, "the figure of this process is exact")
	}
	require.LessOrEqual(t, r.saved, 12)
	f.pages["a"] = mirror.Page{Next: "b", AsOf: r.fresh}
	_, err = r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, "b", r.cursors["cards"].Cursor, "a cursor that moved is written at once")
}

func TestAPageAnotherReplicaTookIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	r := newRig()
	f := one("a", card("C", 1))
	f.during = func() { r.cursors["cards"] = mirror.Cursor{Source: "cards", Cursor: "a"} }
	more, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.True(t, more, "look again at once")
	require.Empty(t, r.taken)
	require.Zero(t, r.pulled)
}

func TestAnOldCursorReadsASnapshot(t *testing.T) {
	t.Parallel()
	r := newRig()
	r.cursors["cards"] = mirror.Cursor{Source: "cards", Cursor: "lost", AsOf: start}
	f := &feed{name: "cards", pages: map[string]mirror.Page{
		mirror.SnapshotStart: {Events: []mirror.Event{card("C", 7)}, Next: "b", AsOf: start.Add(time.Hour), More: true}, "b": {Next: "b", AsOf: start.Add(time.Hour)},
	}}
	for more := true; more; {
		var err error
		more, err = r.Pull(t.Context(), f)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"lost", mirror.SnapshotStart, "b"}, f.asked)
	require.Equal(t, []string{"card C/7"}, r.taken)
	require.Equal(t, "b", r.cursors["cards"].Cursor)
}

// A source that was restored from an older copy does not know how far it has been read.
func TestACursorFromTheFutureRaisesAnAlarmAndReadsASnapshot(t *testing.T) {
	t.Parallel()
	r := newRig()
	r.cursors["cards"] = mirror.Cursor{Source: "cards", Cursor: "future", AsOf: start, CaughtUp: start}
	f := &feed{name: "cards", fails: mirror.ErrCursorUnknown, pages: map[string]mirror.Page{
		mirror.SnapshotStart: {Events: []mirror.Event{card("C", 7)}, Next: "b", AsOf: start.Add(time.Hour)},
	}}
	more, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, start, r.cursors["cards"].AsOf, "nothing is fresher by that")
	f.fails = nil
	_, err = r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, []string{"future", mirror.SnapshotStart}, f.asked)
	require.Equal(t, []string{"card C/7"}, r.taken)
	require.Equal(t, []string{"CURSOR_UNKNOWN"}, r.alarms)
}

func TestAnEventTooLongToBeReadRaisesAnAlarm(t *testing.T) {
	t.Parallel()
	r := newRig()
	_, err := r.Pull(t.Context(), &feed{name: "cards", fails: models.ErrUnavailable.Because(mirror.ErrEventTooLong)})
	require.ErrorIs(t, err, mirror.ErrEventTooLong)
	require.Equal(t, []string{"EVENT_TOO_LONG"}, r.alarms)
	require.Empty(t, r.cursors["cards"].Cursor)
}

func TestAPoisonEventIsParkedWithAllLaterOnesOfItsEntity(t *testing.T) {
	t.Parallel()
	bad := card("C", 1)
	bad.Bad = "data_malformed"
	unknown := card("X", 1)
	unknown.Entity = "novelty"
	for name, tc := range map[string]struct {
		first  mirror.Event
		fail   error
		orphan bool
		reason string
	}{
		"unreadable": {first: bad, reason: "data_malformed"}, "not taken": {first: card("C", 1), fail: errors.New("cannot"), reason: "not_taken"},
		"a refusal of ours":     {first: card("C", 1), fail: models.ErrNotFound, reason: "not_taken"},
		"a conflict that stays": {first: card("C", 1), fail: models.ErrConflict, reason: "not_taken"},
		"owner unknown":         {first: card("C", 1), orphan: true, reason: "owner_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig()
			if tc.fail != nil {
				r.fails["C/1"] = tc.fail
			}
			r.orphans["C"] = tc.orphan
			f := one("a", card("A", 1), tc.first, card("B", 1), unknown)
			f.pages["a"] = mirror.Page{Events: []mirror.Event{card("C", 2), card("B", 2)}, Next: "b", AsOf: start}
			for range 2 {
				_, err := r.Pull(t.Context(), f)
				require.NoError(t, err)
			}
			require.ElementsMatch(t, []string{"card A/1", "card B/1", "card B/2"}, r.taken, "the feed goes on")
			reasons := map[string]string{}
			for _, p := range r.parked {
				reasons[fmt.Sprintf("%s/%d", p.EntityID, p.Version)] = p.reason
			}
			behind := map[bool]string{true: mirror.OwnerUnknown, false: "behind_parked"}[tc.orphan]
			require.Equal(t, map[string]string{"C/1": tc.reason, "C/2": behind, "X/1": "entity_unknown"}, reasons)
			require.Equal(t, "b", r.cursors["cards"].Cursor)
			require.ElementsMatch(t, []string{tc.reason, behind, "entity_unknown"}, r.alarms, "once each, though a page was rolled back")

			delete(r.fails, "C/1")
			r.orphans["C"] = false
			for i := range r.parked {
				r.parked[i].Bad = "" // a new release can read it
			}
			r.clock.Advance(time.Minute)
			before := len(r.taken)
			n, err := r.RetryParked(t.Context(), f, 10)
			require.NoError(t, err)
			require.Equal(t, 2, n)
			require.Equal(t, []string{"card C/1", "card C/2"}, r.taken[before:], "in order")
		})
	}
}

func TestADatabaseThatIsAwayParksNothing(t *testing.T) {
	t.Parallel()
	r := newRig()
	r.fails["C/1"] = models.ErrUnavailable
	_, err := r.Pull(t.Context(), one("a", card("C", 1)))
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Empty(t, r.parked)
	require.Empty(t, r.cursors["cards"].Cursor)
}

func TestOneParkedEventsTroubleIsNotTheOthers(t *testing.T) {
	t.Parallel()
	r := newRig()
	r.orphans["C"], r.orphans["D"] = true, true
	f := one("a", card("C", 1), card("D", 1))
	_, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	r.orphans = map[string]bool{}
	r.fails["C/1"] = models.ErrNotFound
	r.clock.Advance(time.Minute)
	n, err := r.RetryParked(t.Context(), f, 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []string{"card D/1"}, r.taken)
	require.Len(t, r.parked, 1)
}

func TestPaymentsWaitForTheFirstLoadOfPeople(t *testing.T) {
	t.Parallel()
	r := newRig()
	f := one("a", card("C", 1))
	f.name = "payments"
	more, err := r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.False(t, more)
	require.Empty(t, f.asked)
	_, err = r.Pull(t.Context(), one("a"))
	require.NoError(t, err)
	_, err = r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, r.taken, 1)
	before := r.read["cards"]
	_, err = r.Pull(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, before, r.read["cards"], "a load once whole stays whole: nobody asks again")
}
