package notice

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// hours are counted but for one, which cannot be.
type hours struct {
	clock  *models.ManualClock
	at     map[time.Time]time.Time
	broken time.Time
}

func (h *hours) CountedHours(_ context.Context, since time.Time) (map[time.Time]time.Time, error) {
	out := map[time.Time]time.Time{}
	for hour, at := range h.at {
		if !hour.Before(since) {
			out[hour] = at
		}
	}
	return out, nil
}

func (h *hours) CountHour(_ context.Context, hour, _ time.Time) error {
	if hour.Equal(h.broken) {
		return errors.New("too long")
	}
	h.at[hour] = h.clock.Now()
	return nil
}

func (h *hours) MessageFigures(context.Context, time.Time, time.Time) ([]Figure, error) {
	return nil, nil
}

func TestEachOlderHourIsCountedInItsTurn(t *testing.T) {
	t.Parallel()
	start := time.Date(2021, 12, 20, 4, 30, 0, 0, time.UTC)
	clock := models.NewManualClock(start)
	this := start.Truncate(time.Hour)
	h := &hours{clock: clock, at: map[time.Time]time.Time{}, broken: this.Add(-5 * time.Hour)}
	s := Counting{h, clock}
	all := int((movesFor + settledSpan) / time.Hour)
	var failed error
	runs := func() (n int) {
		for more := true; more; n++ {
			var err error
			if more, err = s.Count(t.Context()); err != nil {
				failed = err
			}
		}
		return n
	}
	require.Equal(t, 6, runs(), "one at a time until the one that cannot be counted, then all the rest")
	require.ErrorContains(t, failed, "too long")
	require.Len(t, h.at, all-1)

	h.broken = time.Time{}
	delete(h.at, this.Add(-5*time.Hour))
	oldest := this.Add(-60 * time.Hour)
	clock.Advance(olderEvery)
	h.at[oldest] = start.Add(-3 * time.Hour)
	h.at[this.Add(time.Hour)], h.at[this] = clock.Now(), clock.Now()
	for _, next := range []time.Time{this.Add(-5 * time.Hour), oldest} { // never counted, then the longest ago
		more, err := s.Count(t.Context())
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, clock.Now(), h.at[next])
	}
	last := this.Add(-71 * time.Hour)
	require.NotEqual(t, clock.Now(), h.at[last])
	runs()
	require.Equal(t, clock.Now(), h.at[last], "none waits for another minute")
}
