package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

// carrier is the vendor: it remembers what it took, across our processes.
type carrier struct{ took map[models.ID]int }

func (c *carrier) Send(_ context.Context, m notice.Message) (notice.Handed, error) {
	c.took[m.DeliveryID]++
	return notice.Handed{Vendor: "test", ID: "biz-1"}, nil
}

func (*carrier) NoticePhone(context.Context, models.ID, notice.Destination, models.ID) (models.Phone, error) {
	return models.ParsePhone("13800138000")
}

func (c *carrier) RegistryPhones(ctx context.Context, people []models.ID) (map[models.ID]models.Phone, error) {
	out := map[models.ID]models.Phone{}
	for _, id := range people {
		out[id], _ = c.NoticePhone(ctx, id, notice.ToRegistryPhone, "")
	}
	return out, nil
}

func (*carrier) ArrivalSender(context.Context, string, time.Time) (string, error) {
	return notice.SenderPlatform, nil
}
func (*carrier) Allow(context.Context, models.Actor, models.Act) error { return nil }

var errProcessDied = errors.New("process died")

// dyingQueue is a process killed before it can write what the vendor answered.
type dyingQueue struct{ *store.Notices }

func (dyingQueue) SettleDeliveries(context.Context, []notice.Outcome) (int, error) {
	return 0, errProcessDied
}

func TestKilledBetweenVendorAndRecordAnArrivalIsSentOnceAndALossConfirmationAgain(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		c := &carrier{took: map[models.ID]int{}}
		serve := func(s notice.Store) *notice.Service {
			svc, err := notice.New(notice.Ports{Store: s, Sender: c, Phones: c, Settings: c, Gate: c, Clock: clock}, notice.Config{Parallel: 1})
			require.NoError(t, err)
			return svc
		}
		queued(t, q, notice.Draft{Cause: "loss:1", Kind: notice.LossEffective})
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		_, err := serve(dyingQueue{q}).Dispatch(t.Context())
		require.ErrorIs(t, err, errProcessDied)
		require.Len(t, c.took, 2)
		heir := serve(q)
		for range 5 {
			clock.Advance(31 * time.Second)
			_, err := heir.Dispatch(t.Context())
			require.NoError(t, err)
		}
		states := map[string]int{}
		for id, n := range c.took {
			state, _ := noticeState(t, q, id)
			states[state] = n
		}
		require.Equal(t, map[string]int{"submitted": 2, "unknown": 1}, states)
	})
}
