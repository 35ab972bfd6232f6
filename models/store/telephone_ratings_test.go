package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// deskRatings hands what was keyed to the desk, as the server does.
type deskRatings struct{ *orderDesk }

func (r deskRatings) RateCall(ctx context.Context, call models.ID, level int) error {
	_, err := r.Orders.RateCall(ctx, call, level)
	return err
}

// Keyed twice, the first counts; the second is worked and over, and alarms nobody.
func TestR64_ASecondKeyedRatingIsWorkedAndOver(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := t.Context()
		d.s.Ratings = deskRatings{d}
		d.s.rings(d.agent.ID, "8001", "in-1", "13800001234")
		for i, level := range []string{"1", "5", "2"} {
			e, err := hotline.ParseEvent(hotline.TelephoneEvent{
				EventID: "rating-" + level, Kind: hotline.RatingKeyed, CallRef: "in-1", At: d.s.clock.Now(), Digits: hotline.NewKeyed(level),
			}, "")
			require.NoError(t, err)
			require.NoError(t, d.s.TakeEvent(ctx, e))
			d.s.works()
			var state, outcome string
			row := d.db.SQL().QueryRowContext(ctx, "SELECT state, outcome FROM telephone_events WHERE event_id = 'rating-"+level+"'")
			require.NoError(t, row.Scan(&state, &outcome))
			require.Equal(t, "worked", state)
			require.Equal(t, []string{"taken", "repeated", "repeated"}[i], outcome)
		}
		low, err := d.WorkOrderQueue(ctx, d.agent, hotline.OrderQueue{Type: hotline.OrderLowRating}, false, false, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, low, 1)
	})
}
