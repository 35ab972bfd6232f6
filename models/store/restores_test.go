package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

var atTheMachine = models.Actor{Kind: models.SystemActor, Channel: models.Console}

func putRight(t *testing.T, r notice.Restores) {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = r.Work(t.Context())
		require.NoError(t, err)
	}
}

func TestAfterARestoreWhatMayHaveBeenSentWaitsForAPerson(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		r := notice.Restores{Store: q.DB.Restores(), Clock: clock}
		queued(t, q, notice.Draft{Cause: "code:1", Kind: notice.Code, Secret: notice.NewSecret("123456"), To: notice.ToPendingPhone, ToRef: models.NewID()})
		queued(t, q, notice.Draft{Cause: "loss:1", Kind: notice.LossEffective})
		queued(t, q, notice.Draft{Cause: "loss:2", Kind: notice.LossExpiring})
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		queued(t, q, notice.Draft{Cause: "old", Kind: notice.ApplicationReady, Expires: clock.Now().Add(3 * time.Hour)})
		clock.Advance(2 * time.Hour)
		lost := clock.Now()
		_, err := r.Note(t.Context(), atTheMachine, lost.Add(time.Minute), "恢复到十点")
		require.Error(t, err, "not in the future")
		for _, want := range []bool{true, false} {
			noted, err := r.Note(t.Context(), atTheMachine, lost, "恢复到十点")
			require.NoError(t, err)
			require.Equal(t, want, noted)
		}
		putRight(t, r)
		clock.Advance(time.Minute)
		// A feed tells again of what happened in the span that was lost; something new happens, too.
		queued(t, q, notice.Draft{Cause: "credit:2", Kind: notice.Arrival, At: lost.Add(-time.Hour)})
		queued(t, q, notice.Draft{Cause: "loss:3", Kind: notice.LossElsewhere, At: lost.Add(-time.Hour)})
		queued(t, q, notice.Draft{Cause: "credit:3", Kind: notice.Arrival, At: lost.Add(time.Second)})
		putRight(t, r)
		var sent []notice.Kind
		for d, ok := taken(t, q, nil); ok; d, ok = taken(t, q, nil) {
			sent = append(sent, d.Notice.Kind)
		}
		require.ElementsMatch(t, []notice.Kind{notice.LossEffective, notice.LossElsewhere, notice.Arrival}, sent, "a loss is told twice rather than never")
		_, held, err := r.Show(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[notice.Lane]int{notice.LaneLoss: 1, notice.LaneArrivals: 2, notice.LaneProgress: 1}, held)
		lapse(t, q)
		require.Zero(t, countRows(t, q, "notice_secrets"), "a code does not wait, it ends")
		clock.Advance(2 * time.Hour)
		lapse(t, q)
		_, held, err = r.Show(t.Context())
		require.NoError(t, err)
		require.NotContains(t, held, notice.LaneProgress, "what is not worth sending any more is not")

		require.Error(t, r.Decide(t.Context(), atTheMachine, notice.RestoreReleased, "好"))
		require.NoError(t, r.Decide(t.Context(), atTheMachine, notice.RestoreReleased, "短信平台清单已核对"))
		require.ErrorIs(t, r.Decide(t.Context(), atTheMachine, notice.RestoreDropped, "短信平台清单已核对"), models.ErrConflict)
		putRight(t, r)
		require.NotEmpty(t, claim(t, q))
		require.NotEmpty(t, claim(t, q))
		require.NotEmpty(t, claim(t, q))
		requireNoneDue(t, q)
	})
}

func TestWhatWasSentBeforeARestoreIsDropped(t *testing.T) {
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
		noted, err := r.Note(t.Context(), atTheMachine, c.clock.Now(), "恢复到十点")
		require.NoError(t, err)
		require.True(t, noted)
		putRight(t, r)
		c.run()
		v, by := c.show(id)
		require.Equal(t, []any{notice.CampaignPaused, 5}, []any{v.State, by[notice.Held]}, "how far it had come is not known")
		c.clock.Advance(time.Minute)
		requireNoneDue(t, c.q)
		require.NoError(t, r.Decide(t.Context(), atTheMachine, notice.RestoreDropped, "平台清单显示都已发出"))
		putRight(t, r)
		c.run()
		requireNoneDue(t, c.q)
		_, by = c.show(id)
		require.Equal(t, map[notice.State]int{notice.Suppressed: 5}, by)
	})
}
