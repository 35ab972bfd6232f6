package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

// keeping is the days that notices are kept by default.
type keeping struct{}

func (keeping) NoticeDays(_ context.Context, t notice.Topic, _ time.Time) (content, rows int, err error) {
	return notice.Kept[t].Content, notice.Kept[t].Rows, nil
}

func TestOldNoticesLoseTheirContentThenGoWithAllThatHangsOnThem(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		me := models.NewID()
		c := notice.Cleaning{Store: q, Keeping: keeping{}, Clock: clock}
		clean := func() {
			for more := true; more; {
				var err error
				more, err = c.Clean(t.Context())
				require.NoError(t, err)
			}
		}
		queued(t, q, notice.Draft{Cause: "code:1", Kind: notice.Code, Secret: notice.NewSecret("123456"), PersonID: me})
		queued(t, q, notice.Draft{Cause: "loss:1", Kind: notice.LossRenewed, PersonID: me, Params: map[string]string{"date": "2022年1月2日"}})
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival, PersonID: me, Params: map[string]string{"amount": "338.00", "tail": "1234"}})
		d := claim(t, q, notice.LaneArrivals)
		settle(t, q, d, notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "biz"})
		require.True(t, received(t, q, notice.Receipt{DeliveryID: d.ID, VendorID: "biz", Delivered: true}))
		inbox := func() map[notice.Kind]map[string]string {
			list, err := q.NoticesOf(t.Context(), me, "", 10)
			require.NoError(t, err)
			out := map[notice.Kind]map[string]string{}
			for _, n := range list {
				out[n.Kind] = n.Params
			}
			return out
		}
		clock.Advance(9 * 24 * time.Hour)
		lapse(t, q)
		clean()
		require.Equal(t, 3, countRows(t, q, "notices"))
		clock.Advance(2 * 24 * time.Hour)
		clean()
		require.Equal(t, 2, countRows(t, q, "notices"), "the code's row is gone")
		require.Equal(t, "338.00", inbox()[notice.Arrival]["amount"])
		clock.Advance(85 * 24 * time.Hour)
		clean()
		clean()
		require.Empty(t, inbox()[notice.Arrival], "neutral words are left")
		require.Equal(t, "2022年1月2日", inbox()[notice.LossRenewed]["date"], "what was told of a loss stays whole")
		queued(t, q, notice.Draft{Cause: "credit:2", Kind: notice.Arrival, PersonID: me, Params: map[string]string{"amount": "1.00"}})
		clock.Advance(90 * 24 * time.Hour)
		clean()
		require.Equal(t, []int{1, 1, 0}, []int{countRows(t, q, "notices"), countRows(t, q, "deliveries"), countRows(t, q, "delivery_receipts")})
		require.Equal(t, "1.00", inbox()[notice.Arrival]["amount"], "it is not that old")
	})
}

func TestTheListOfAnOldCampaignIsDropped(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 3 {
			c.person("410303", "collected", "alive")
		}
		id := c.draft(notice.DraftInput{})
		_, err := c.Approve(t.Context(), approver, id, notice.ApproveCampaignInput{})
		require.NoError(t, err)
		c.run()
		clean := notice.Cleaning{Store: c.q, Keeping: keeping{}, Clock: c.clock}
		for _, left := range []int{3, 0} {
			_, err := clean.Clean(t.Context())
			require.NoError(t, err)
			require.Equal(t, left, countRows(t, c.q, "campaign_people"))
			c.clock.Advance(184 * 24 * time.Hour)
		}
		require.Equal(t, 1, countRows(t, c.q, "campaigns"), "what was decided stays")
	})
}
