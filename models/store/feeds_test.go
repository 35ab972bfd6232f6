package store_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/mirror"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// pages is a source whose cursors are the numbers of its pages.
type pages struct {
	list [][]mirror.Event
	meet *sync.WaitGroup // readers of a page wait for each other here
}

func (*pages) Name() string                     { return "cards" }
func (*pages) Read(e mirror.Event) mirror.Event { e.Fact = string(e.Raw); return e }
func (p *pages) Page(_ context.Context, cursor string, _ int) (mirror.Page, error) {
	n := len(cursor)
	if p.meet != nil {
		p.meet.Done()
		p.meet.Wait()
	}
	if n >= len(p.list) {
		return mirror.Page{Next: cursor, AsOf: start.Add(time.Duration(n) * time.Second)}, nil
	}
	return mirror.Page{Events: p.list[n], Next: cursor + "x", AsOf: start.Add(time.Duration(n) * time.Second), More: true}, nil
}

type nobodyReads struct{}

func (nobodyReads) EventParked(string, string, string) {}
func (nobodyReads) Alarm(string, int)                  {}
func (nobodyReads) FeedPulled(string, int, time.Time)  {}

func reader(db *store.DB, clock models.Clock, apply mirror.Applier) *mirror.Service {
	return &mirror.Service{Store: db.Feeds(), Appliers: map[string]mirror.Applier{"card": apply}, Order: []string{"card"}, Clock: clock,
		Log: slog.New(slog.DiscardHandler), Watch: nobodyReads{}, PageSize: 10}
}

func told(id string, version int64) mirror.Event {
	return mirror.Event{Entity: "card", EntityID: id, Version: version, ChangedAt: start, Raw: []byte(`{"v":1}`)}
}

func TestTwoPullersTakeAPageOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		seen := 0
		s := reader(db, models.NewManualClock(start), func(ctx context.Context, events []mirror.Event) ([]string, error) {
			mu.Lock()
			defer mu.Unlock()
			seen += len(events)
			return nil, nil
		})
		src := &pages{list: [][]mirror.Event{{told("C", 1), told("D", 1)}}, meet: &sync.WaitGroup{}}
		src.meet.Add(4)
		for _, err := range together(repeated(4, func() error { _, err := s.Pull(context.Background(), src); return err })...) {
			require.NoError(t, err)
		}
		require.Equal(t, 2, seen)
		cur, err := db.Feeds().Cursor(t.Context(), "cards")
		require.NoError(t, err)
		require.Equal(t, "x", cur.Cursor)
		require.EqualValues(t, 1, cur.DataSeq)
		require.True(t, cur.CaughtUp.IsZero(), "there is more")
		src.meet = nil
		_, err = s.Pull(t.Context(), src)
		require.NoError(t, err)
		cur, err = db.Feeds().Cursor(t.Context(), "cards")
		require.NoError(t, err)
		require.Equal(t, start, cur.CaughtUp)
		require.Equal(t, start.Add(time.Second), cur.AsOf)
		asOf, err := db.Cards().CardsAsOf(t.Context())
		require.NoError(t, err)
		require.Equal(t, cur.AsOf, asOf)
	})
}

func TestFactsAndCursorCommitTogether(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		r.Registry.WindowLoss(lossRef)
		src := &pages{list: [][]mirror.Event{{told("C", 1)}}}
		fail := models.ErrUnavailable
		broken := true
		s := reader(r.db, r.Clock, func(ctx context.Context, events []mirror.Event) ([]string, error) {
			if _, err := r.ApplyFacts(ctx, []card.Fact{r.Registry.Card(lossRef)}); err != nil || !broken {
				return nil, err
			}
			return nil, fail
		})
		_, err := s.Pull(t.Context(), src)
		require.ErrorIs(t, err, models.ErrUnavailable)
		require.Empty(t, r.reports(t))
		broken = false
		_, err = s.Pull(t.Context(), src)
		require.NoError(t, err)
		require.Len(t, r.reports(t), 1)
		r.Store.Violations = nil // the transaction was the feed's own, which the watching store does not see
	})
}

func TestParkedEventsAndLaterOnesOfTheirEntityWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, clock := t.Context(), models.NewManualClock(start)
		poisoned := true
		var taken []int64
		s := reader(db, clock, func(_ context.Context, events []mirror.Event) ([]string, error) {
			for _, e := range events {
				if e.EntityID == "C" && e.Version == 1 && poisoned {
					return nil, errors.New("cannot be taken")
				}
			}
			for _, e := range events {
				if e.EntityID == "C" {
					taken = append(taken, e.Version)
				}
			}
			return nil, nil
		})
		src := &pages{list: [][]mirror.Event{{told("C", 1), told("D", 1)}, {told("C", 2), told("C", 1)}, {told("C", 3)}}}
		_, err := s.Pull(ctx, src)
		require.NoError(t, err)
		clock.Advance(time.Minute)
		n, err := s.RetryParked(ctx, src, 10) // still no: its next try is later than that of those behind it
		require.NoError(t, err)
		require.Zero(t, n)
		for range 2 {
			_, err = s.Pull(ctx, src)
			require.NoError(t, err)
		}
		count := func() (n int) {
			require.NoError(t, db.Q(ctx).Raw("SELECT count(*) FROM parked_events").Row().Scan(&n))
			return n
		}
		require.Equal(t, 3, count(), "the same event again changes nothing")
		poisoned = false
		clock.Advance(31 * time.Second)
		n, err = s.RetryParked(ctx, src, 10)
		require.NoError(t, err)
		require.Zero(t, n, "those behind it wait with it")
		clock.Advance(time.Minute)
		n, err = s.RetryParked(ctx, src, 10)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.Equal(t, []int64{1, 2, 3}, taken)
		require.Zero(t, count())
		var plain int
		require.NoError(t, db.Q(ctx).Raw("SELECT count(*) FROM feed_cursors WHERE cursor = 'xxx'").Row().Scan(&plain))
		require.Equal(t, 1, plain)
	})
}
