package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// What a release lets go of a campaign that is paused waits on, for whoever resumes the campaign.
func TestAReleaseAfterARestoreLeavesPausedCampaignsPaused(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		r := notice.Restores{Store: c.q.DB.Restores(), Clock: c.clock}
		for range 5 {
			c.person("410303", "collected", "alive")
		}
		id := c.draft(notice.DraftInput{PerMinute: 60})
		c.approve(id)
		c.run()
		queued(t, c.q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		_, err := r.Note(t.Context(), atTheMachine, c.clock.Now(), "恢复到十点")
		require.NoError(t, err)
		putRight(t, r)
		require.NoError(t, r.Decide(t.Context(), atTheMachine, notice.RestoreReleased, "平台清单没有这些"))
		putRight(t, r)
		c.clock.Advance(time.Minute)
		require.Equal(t, notice.Arrival, claim(t, c.q).Notice.Kind)
		requireNoneDue(t, c.q)
		_, err = c.Resume(t.Context(), approver, id)
		require.NoError(t, err)
		c.run()
		for range 5 {
			claim(t, c.q)
		}
	})
}

// A million in the queue are held some at a time, by an index that holds only what waits.
func TestHoldingTheQueueWalksItsPartialIndexes(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.WithClock(models.NewManualClock(noticeTime)))
	for index, from := range map[string]string{"deliveries_expiring": store.QueuedBefore, "deliveries_held": "state = 'held' AND reason = 'restored'"} {
		tx, err := db.SQL().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off")
		require.NoError(t, err)
		statement := strings.Replace(strings.Replace(from, "created_at <= ?", "created_at <= '2021-12-20'", 1), "lane = ?", "lane = 1", 1)
		plan := backlogPlan(t, tx, strings.Replace(db.Restores().Few(statement), "LIMIT ?", "LIMIT 500", 1))
		require.NoError(t, tx.Rollback())
		require.Contains(t, plan, index)
		require.NotContains(t, plan, "Sort")
	}
}
