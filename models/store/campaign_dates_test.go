package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

// Nobody is told to do something before a day that has come.
func TestACampaignIsNotToldOnceItsDayHasCome(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 40 {
			c.person("410303", "collected", "alive")
		}
		noon, by := c.clock.Now(), models.Date("2021-12-22")
		require.Equal(t, models.Date("2021-12-20"), models.DateOf(noon))
		in := notice.DraftInput{Kind: notice.CampaignCertification, ByDate: by, PerMinute: 60, Note: "按通知提醒认证"}
		for _, start := range []time.Time{by.Start().Add(9 * time.Hour), by.Start().Add(-2 * time.Hour)} { // 22:00 is the next morning's
			late := in
			late.StartAt = start
			_, err := c.Draft(t.Context(), drafter, late)
			require.Equal(t, models.Invalid, models.KindOf(err))
		}
		id, never := c.draft(in), c.draft(in)
		c.approve(id)
		c.run()
		v, _ := c.show(id)
		require.Equal(t, []int{31, 0}, []int{v.Queued, v.Skipped})
		var last time.Time
		require.NoError(t, c.q.SQL().QueryRowContext(t.Context(), "SELECT expires_at FROM notices LIMIT 1").Scan(&last))
		require.True(t, by.Start().Equal(last))

		_, err := c.Pause(t.Context(), approver, id, "complaints")
		require.NoError(t, err)
		c.clock.Set(by.Start().Add(9 * time.Hour))
		_, err = c.Resume(t.Context(), approver, id)
		require.ErrorIs(t, err, notice.ErrCampaignLate)
		_, err = c.Approve(t.Context(), approver, never, notice.ApproveCampaignInput{Approve: true, Planned: 40})
		require.ErrorIs(t, err, notice.ErrCampaignLate)
		c.sql("UPDATE campaigns SET state = 'running' WHERE id = '%s'", id) // as if nobody had paused it
		c.run()
		v, _ = c.show(id)
		require.Equal(t, []int{31, 9}, []int{v.Queued, v.Skipped})
	})
}

// What was done is answered, whatever becomes of the counting of messages.
func TestAnActOnACampaignIsAnsweredWithoutCounting(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		c.person("410303", "collected", "alive")
		id := c.draft(notice.DraftInput{})
		c.approve(id)
		slow := *c.Campaigns
		slow.Store = uncounted{c.q.DB.Campaigns()}
		_, err := slow.Show(t.Context(), drafter, id)
		require.ErrorContains(t, err, "took too long")
		v, err := slow.Pause(t.Context(), drafter, id, "complaints")
		require.NoError(t, err)
		require.Equal(t, []any{notice.CampaignPaused, "complaints"}, []any{v.State, v.EndReason})
		v, err = slow.Resume(t.Context(), drafter, id)
		require.NoError(t, err)
		require.Equal(t, notice.CampaignRunning, v.State)
		v, err = slow.Cancel(t.Context(), drafter, id, "wrong_text")
		require.NoError(t, err)
		require.Equal(t, notice.CampaignCancelled, v.State)
	})
}

// uncounted cannot count messages in time.
type uncounted struct{ notice.CampaignStore }

func (uncounted) CampaignCounts(context.Context, models.ID) ([]notice.CampaignCount, error) {
	return nil, errors.New("took too long")
}

// A draft that nobody approves ends by itself, and its list goes as that of any other that is over.
func TestADraftThatNobodyApprovesIsCancelledAndItsListGoes(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		c.person("410303", "collected", "alive")
		old := c.draft(notice.DraftInput{})
		c.clock.Advance(20 * 24 * time.Hour)
		young := c.draft(notice.DraftInput{})
		c.clock.Advance(10*24*time.Hour + time.Minute)
		c.run()
		v, _ := c.show(old)
		require.Equal(t, []any{notice.CampaignCancelled, notice.ReasonCampaignNotApproved, false}, []any{v.State, v.EndReason, v.ClosedAt.IsZero()})
		entries, err := c.q.AuditOf(t.Context(), "campaigns", string(old))
		require.NoError(t, err)
		at := len(entries) - 1
		require.Contains(t, []string{entries[0].Action, entries[at].Action}, "notice.campaign.cancelled")
		v, _ = c.show(young)
		require.Equal(t, notice.CampaignDraft, v.State)
		_, err = c.q.CleanCampaigns(t.Context(), c.clock.Now().Add(time.Hour), 100)
		require.NoError(t, err)
		require.Equal(t, 1, countRows(t, c.q, "campaign_people"))
	})
}
