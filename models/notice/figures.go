package notice

import (
	"context"
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

// Count counts one hour that is due, the newest first, and reports whether another young one may be. Older ones take turns.
func (s Counting) Count(ctx context.Context) (more bool, err error) {
	now := s.Clock.Now()
	this := models.Instant(now).Truncate(time.Hour)
	last := this.Add(-movesFor - settledSpan)
	counted, err := s.Store.CountedHours(ctx, last)
	if err != nil {
		return false, err
	}
	for hour := this; hour.After(last); hour = hour.Add(-time.Hour) {
		young, stale := hour.After(now.Add(-youngHours)), now.Add(-olderEvery)
		if young {
			stale = now.Add(-youngEvery)
		}
		if at, known := counted[hour]; known && (at.After(stale) || at.After(hour.Add(movesFor))) {
			continue
		}
		return young, s.Store.CountHour(ctx, hour, stale)
	}
	return false, nil
}
