package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
)

// What is with a vendor while its campaign is stopped does not come back to the queue behind it.
func TestWhatComesBackToTheQueueHeedsItsCampaign(t *testing.T) {
	t.Parallel()
	for _, cancelled := range []bool{false, true} {
		eachCampaign(t, func(t *testing.T, c campaigns) {
			c.person("410303", "collected", "alive")
			id := c.draft(notice.DraftInput{PerMinute: 60})
			c.approve(id)
			c.run()
			c.clock.Advance(time.Minute)
			d := claim(t, c.q)
			if cancelled {
				_, err := c.Cancel(t.Context(), approver, id, "other")
				require.NoError(t, err)
			} else {
				_, err := c.Pause(t.Context(), approver, id, "other")
				require.NoError(t, err)
			}
			settle(t, c.q, d, notice.Settlement{State: notice.Queued, Reason: "busy"})
			requireNoneDue(t, c.q)
			state, reason := noticeState(t, c.q, d.ID)
			require.Equal(t, []string{"held", notice.ReasonCampaignPaused}, []string{state, reason})
			c.run()
			state, _ = noticeState(t, c.q, d.ID)
			require.Equal(t, map[bool]string{false: "held", true: "suppressed"}[cancelled], state)
		})
	}
}

// A restore pauses every campaign: what it holds of one is the restore's until somebody has decided.
func TestWhatComesBackOfAPausedCampaignIsTheRestores(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		c.person("410303", "collected", "alive")
		id := c.draft(notice.DraftInput{PerMinute: 60})
		c.approve(id)
		c.run()
		c.clock.Advance(time.Minute)
		d := claim(t, c.q)
		r := notice.Restores{Store: c.q.DB.Restores(), Clock: c.clock}
		_, err := r.Note(t.Context(), atTheMachine, c.clock.Now(), "恢复到十点")
		require.NoError(t, err)
		putRight(t, r)
		settle(t, c.q, d, notice.Settlement{State: notice.Queued, Reason: "busy"})
		state, reason := noticeState(t, c.q, d.ID)
		require.Equal(t, []string{"held", notice.ReasonRestored}, []string{state, reason})
	})
}
