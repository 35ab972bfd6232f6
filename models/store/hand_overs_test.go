package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

func TestTextsSinceKnowsOnlyWhatWasHandedOverBySMS(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		d := claim(t, q)
		settle(t, q, d, notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "biz-1"})
		queued(t, q, notice.Draft{Cause: "credit:2", Kind: notice.Arrival})
		asked := []models.ID{d.ID, models.NewID()}
		got, err := q.TextsSince(t.Context(), asked, clock.Now().Add(-72*time.Hour))
		require.NoError(t, err)
		require.Equal(t, map[models.ID]string{d.ID: "aliyun"}, got)
		clock.Advance(73 * time.Hour)
		got, err = q.TextsSince(t.Context(), asked, clock.Now().Add(-72*time.Hour))
		require.NoError(t, err)
		require.Empty(t, got)
	})
}
