package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"onecard/models"
)

// Figure is how many messages that joined the queue within an hour came to the same, as of the last count.
type Figure struct {
	Hour    time.Time
	Channel Channel
	Lane    Lane
	State   State
	Reason  string
	Count   int64
}

// FigureStore counts messages.
type FigureStore interface {
	// CountedHours gives when each hour since an instant was counted last.
	CountedHours(ctx context.Context, since time.Time) (map[time.Time]time.Time, error)
	// CountHour counts one hour anew, unless somebody did after stale.
	CountHour(ctx context.Context, hour, stale time.Time) error
	// MessageFigures adds up hours from one instant until before another: by channel, lane, state and reason.
	MessageFigures(ctx context.Context, from, until time.Time) ([]Figure, error)
}

// Counting keeps the figures of messages by the hour. Millions are counted an hour at a time and never when somebody asks.
type Counting struct {
	Store FigureStore
	Clock models.Clock
}

const (
	movesFor    = silentAfter + 2*time.Hour // after it nothing of an hour's messages changes any more
	youngHours  = 2 * time.Hour
	youngEvery  = time.Minute
	olderEvery  = time.Hour
	settledSpan = 4 * time.Hour // so much longer an hour is looked at for its last count
)

// Count counts one hour that is due and reports whether more are: the young ones first, the newest of them before others,
// then of the older ones whichever was counted the longest ago. After one that cannot be counted it goes on with all the rest,
// so that the bad one is tried once a turn and keeps none waiting.
func (s Counting) Count(ctx context.Context) (more bool, err error) {
	due, err := s.due(ctx)
	if err != nil {
		return false, err
	}
	var errs []error
	for i, h := range due {
		err := s.Store.CountHour(ctx, h.hour, h.stale)
		if err == nil && len(errs) == 0 {
			return i+1 < len(due), nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("hour %s: %w", h.hour.Format(time.RFC3339), err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return false, errors.Join(errs...)
}

// dueHour is an hour to count, unless somebody did after stale.
type dueHour struct{ hour, stale, counted time.Time }

func (s Counting) due(ctx context.Context) ([]dueHour, error) {
	now := s.Clock.Now()
	this := models.Instant(now).Truncate(time.Hour)
	last := this.Add(-movesFor - settledSpan)
	counted, err := s.Store.CountedHours(ctx, last)
	if err != nil {
		return nil, err
	}
	var young, older []dueHour
	for hour := this; hour.After(last); hour = hour.Add(-time.Hour) {
		list, stale := &older, now.Add(-olderEvery)
		if hour.After(now.Add(-youngHours)) {
			list, stale = &young, now.Add(-youngEvery)
		}
		if at, known := counted[hour]; known && (at.After(stale) || at.After(hour.Add(movesFor))) {
			continue
		}
		*list = append(*list, dueHour{hour, stale, counted[hour]})
	}
	slices.SortStableFunc(older, func(a, b dueHour) int { return a.counted.Compare(b.counted) })
	return append(young, older...), nil
}
