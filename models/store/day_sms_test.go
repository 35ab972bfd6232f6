package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

// slowCarrier takes everything, and is safe for many.
type slowCarrier struct {
	carrier
	mu    sync.Mutex
	texts int
}

func (c *slowCarrier) Send(context.Context, notice.Message) (notice.Handed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts++
	return notice.Handed{Vendor: "test", ID: fmt.Sprint(c.texts)}, nil
}

type threeADay struct{ *store.Notices }

func (threeADay) SMSLimits(context.Context, time.Time) (notice.Limits, error) {
	return notice.Limits{Person: 3, Kind: 3}, nil
}

// Four replicas send what is queued for one person at once: exactly as many leave as may, and none waits for ever.
func TestADaysLimitHoldsOverReplicas(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		c := &slowCarrier{carrier: carrier{took: map[models.ID]int{}}}
		wang := models.NewID()
		for i := range 40 {
			queued(t, q, notice.Draft{Cause: fmt.Sprintf("ready:%d", i), Kind: notice.ApplicationReady, PersonID: wang})
		}
		replicas := make([]*notice.Service, 4)
		for i := range replicas {
			var err error
			replicas[i], err = notice.New(notice.Ports{Store: q, Sender: c, Phones: c, Settings: c, Gate: c, Clock: clock, Day: threeADay{q}}, notice.Config{Parallel: 3})
			require.NoError(t, err)
		}
		left := 1
		for range 60 {
			var all sync.WaitGroup
			errs := make([]error, len(replicas))
			for i, r := range replicas {
				all.Go(func() { _, errs[i] = r.Dispatch(t.Context()) })
			}
			all.Wait()
			for _, err := range errs {
				require.NoError(t, err)
			}
			clock.Advance(20 * time.Second)
			require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'submitting')").Scan(&left))
			if left == 0 {
				break
			}
		}
		require.Zero(t, left)
		require.Equal(t, 3, c.texts)
		var held int
		require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM deliveries WHERE state = 'suppressed' AND reason = 'too_many_today'").Scan(&held))
		require.Equal(t, 37, held)

		clock.Advance(24 * time.Hour)
		seen, err := q.SMSSince(t.Context(), []models.ID{wang}, models.DateOf(clock.Now()).Start())
		require.NoError(t, err)
		require.Empty(t, seen, "tomorrow is another day")
	})
}
