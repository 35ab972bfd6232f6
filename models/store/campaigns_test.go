package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

var (
	drafter  = models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Console}
	approver = models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Console}
)

// campaigns are the use cases over a database with people.
type campaigns struct {
	*notice.Campaigns
	t     *testing.T
	q     *store.Notices
	clock *models.ManualClock
}

func eachCampaign(t *testing.T, fn func(t *testing.T, c campaigns)) {
	t.Helper()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		ports := notice.CampaignPorts{
			Store: q.DB.Campaigns(), Clock: clock, QuietFrom: 21, QuietTo: 8,
			Staff: func(_ context.Context, by models.Actor) (notice.CampaignStaff, error) {
				return notice.CampaignStaff{ID: by.ID}, nil
			},
			MostRate: func(context.Context, time.Time) (int, error) { return 6000, nil },
		}
		fn(t, campaigns{notice.NewCampaigns(ports), t, q, clock})
	})
}

func (c campaigns) sql(format string, args ...any) {
	c.t.Helper()
	_, err := c.q.SQL().ExecContext(c.t.Context(), fmt.Sprintf(format, args...))
	require.NoError(c.t, err)
}

// person lives in a district and has a card that is so.
func (c campaigns) person(district, holding, living string) models.ID {
	c.t.Helper()
	id, at := models.NewID(), "'2021-12-01 00:00:00'"
	c.sql(`INSERT INTO persons (id, ref, handle, birth_date, district, household_ref, is_head, living_status, merged_into_ref, version, changed_at, received_at)
		VALUES ('%[1]s', '%[1]s', '%[1]s', '1960-01-01', '%[2]s', '', false, '%[3]s', '', 1, %[4]s, %[4]s)`, id, district, living, at)
	c.sql(`INSERT INTO cards (id, ref, person_id, number_mask, area, bank_code, account_tail, outlet_ref, social, financial, holding, version, answered_version, next_seq, changed_at, received_at)
		VALUES ('%[1]s', '%[1]s', '%[1]s', 'A', '%[2]s', '103', '1234', '', 'normal', 'active', '%[3]s', 1, 0, 1, %[4]s, %[4]s)`, id, district, holding, at)
	return id
}

func (c campaigns) run() {
	c.t.Helper()
	for more := true; more; {
		var err error
		more, err = c.Run(c.t.Context())
		require.NoError(c.t, err)
	}
}

func (c campaigns) draft(in notice.DraftInput) models.ID {
	c.t.Helper()
	if in.Kind == "" {
		in.Kind = notice.CampaignRenewal
	}
	in.Note = "按通知提醒换卡"
	v, err := c.Draft(c.t.Context(), drafter, in)
	require.NoError(c.t, err)
	c.run()
	return v.ID
}

func (c campaigns) approve(id models.ID) {
	c.t.Helper()
	v, err := c.Show(c.t.Context(), approver, id)
	require.NoError(c.t, err)
	_, err = c.Approve(c.t.Context(), approver, id, notice.ApproveCampaignInput{Approve: true, Planned: v.Planned})
	require.NoError(c.t, err)
}

func (c campaigns) show(id models.ID) (notice.CampaignView, map[notice.State]int) {
	c.t.Helper()
	v, err := c.Show(c.t.Context(), approver, id)
	require.NoError(c.t, err)
	by := map[notice.State]int{}
	for _, n := range v.Counts {
		by[n.State] += n.Count
	}
	return v, by
}

func (c campaigns) send() int {
	c.t.Helper()
	got, err := c.q.ClaimDeliveries(c.t.Context(), notice.Due{Channel: notice.SMS, Lane: notice.LaneCampaigns}, "", noticeLease, 500)
	require.NoError(c.t, err)
	for _, d := range got {
		settle(c.t, c.q, d, notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: string(d.ID)})
	}
	return len(got)
}

func TestACampaignTellsThoseOfItsRuleOnceAfterASecondPersonLooked(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 7 {
			c.person("410303", "collected", "alive")
		}
		moved := c.person("410303", "collected", "alive")
		c.person("410303", "at_outlet", "alive") // the kind's text is not true of them
		c.person("410303", "collected", "deceased")
		c.person("410304", "collected", "alive")
		id := c.draft(notice.DraftInput{Rule: notice.CampaignRule{District: "410303"}})
		v, _ := c.show(id)
		require.Equal(t, []any{8, true, notice.CampaignDraft}, []any{v.Planned, v.Gathered, v.State})
		require.Contains(t, v.Text, "12333")

		yes := notice.ApproveCampaignInput{Approve: true, Planned: 8}
		_, err := c.Approve(t.Context(), drafter, id, yes)
		require.ErrorIs(t, err, notice.ErrCampaignSecond)
		_, err = c.Approve(t.Context(), models.Actor{Kind: models.SystemActor}, id, yes)
		require.ErrorIs(t, err, notice.ErrCampaignSecond, "the command line is not a person")
		_, err = c.Approve(t.Context(), approver, id, notice.ApproveCampaignInput{Approve: true, Planned: 7})
		require.ErrorIs(t, err, notice.ErrCampaignChanged)
		c.run()
		require.Zero(t, countRows(t, c.q, "notices"))

		c.approve(id)
		c.sql("UPDATE cards SET social = 'void' WHERE person_id = '%s'", moved)
		c.run()
		v, by := c.show(id)
		require.Equal(t, []int{7, 1, 7}, []int{v.Queued, v.Skipped, by[notice.Queued]}, "what is not true any more is not said")
		c.run()
		require.Equal(t, 7, countRows(t, c.q, "notices"))

		c.clock.Advance(time.Minute)
		require.Equal(t, 7, c.send())
		c.run()
		v, by = c.show(id)
		require.Equal(t, notice.CampaignDone, v.State)
		require.Equal(t, 7, by[notice.Submitted])
		_, err = c.Pause(t.Context(), approver, id, "other")
		require.ErrorIs(t, err, notice.ErrCampaignState)
		var acts []string
		for _, action := range []string{"drafted", "approved", "started", "done"} {
			entries, err := c.q.AuditOf(t.Context(), "campaigns", string(id))
			require.NoError(t, err)
			for _, e := range entries {
				if e.Action == "notice.campaign."+action {
					acts = append(acts, action)
				}
			}
		}
		require.Equal(t, []string{"drafted", "approved", "started", "done"}, acts)
	})
}

// A campaign keeps to its rate: what stands in the queue is never more than a short while's, and nothing is due at night.
func TestACampaignIsSpreadOverTimeAndSleepsAtNight(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 100 {
			c.person("410303", "collected", "alive")
		}
		id := c.draft(notice.DraftInput{PerMinute: 60})
		c.approve(id)
		c.run()
		v, _ := c.show(id)
		require.Equal(t, 31, v.Queued, "half a minute's, and the one that is due now")
		require.Equal(t, 1, c.send(), "the others are not due yet")
		c.clock.Advance(10 * time.Second)
		require.Equal(t, 10, c.send())
		c.run()
		v, _ = c.show(id)
		require.Equal(t, 41, v.Queued)
		c.clock.Set(time.Date(2021, 12, 20, 14, 0, 0, 0, time.UTC)) // 22:00 in the city
		c.run()
		v, _ = c.show(id)
		require.Equal(t, 41, v.Queued)
		c.clock.Set(time.Date(2021, 12, 21, 0, 0, 0, 0, time.UTC)) // 08:00
		c.run()
		v, _ = c.show(id)
		require.Equal(t, 72, v.Queued, "the night's share is not made up for in the morning")
	})
}

func TestAPausedCampaignSendsNothingAndACancelledOneGivesUpTheRest(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 30 {
			c.person("410303", "collected", "alive")
		}
		id := c.draft(notice.DraftInput{PerMinute: 60})
		c.approve(id)
		c.run()
		c.clock.Advance(5 * time.Second)
		got, err := c.q.ClaimDeliveries(t.Context(), notice.Due{Channel: notice.SMS, Lane: notice.LaneCampaigns}, "", noticeLease, 3)
		require.NoError(t, err)
		require.Len(t, got, 3)
		_, err = c.Pause(t.Context(), drafter, id, "complaints")
		require.NoError(t, err)
		_, err = c.Pause(t.Context(), drafter, id, "nobody knows")
		require.Error(t, err)
		settle(t, c.q, got[0], notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "1"})
		settle(t, c.q, got[1], notice.Settlement{State: notice.Queued, Reason: "busy"}) // goes back while it is paused
		settle(t, c.q, got[2], notice.Settlement{State: notice.Failed, Reason: "isv.X"})
		c.run()
		c.clock.Advance(time.Minute)
		require.Zero(t, c.send())
		_, by := c.show(id)
		require.Equal(t, map[notice.State]int{notice.Held: 28, notice.Submitted: 1, notice.Failed: 1}, by)

		_, err = c.Resume(t.Context(), drafter, id)
		require.NoError(t, err)
		c.run()
		require.Equal(t, 28, c.send()+c.countQueuedLater())
		second := c.draft(notice.DraftInput{PerMinute: 60})
		c.approve(second)
		c.run()
		_, err = c.Cancel(t.Context(), drafter, second, "wrong_text")
		require.NoError(t, err)
		c.run()
		v, by := c.show(second)
		require.Equal(t, notice.CampaignCancelled, v.State)
		require.False(t, v.ClosedAt.IsZero())
		require.Equal(t, map[notice.State]int{notice.Suppressed: v.Queued}, by)
		require.Equal(t, notice.ReasonCampaignCancelled, v.Counts[0].Reason)
		var shown int
		require.NoError(t, c.q.SQL().QueryRowContext(t.Context(),
			"SELECT count(*) FROM notices WHERE replaced_at IS NULL AND cause LIKE 'campaign:"+string(second)+"%'").Scan(&shown))
		require.Zero(t, shown, "what went to nobody is in no inbox")
	})
}

func (c campaigns) countQueuedLater() int {
	n, err := c.q.DB.Campaigns().CampaignWaits(c.t.Context(), c.only(), 1000)
	require.NoError(c.t, err)
	return n
}

func (c campaigns) only() models.ID {
	list, err := c.q.DB.Campaigns().Campaigns(c.t.Context(), "", "", 1)
	require.NoError(c.t, err)
	return list[0].ID
}

// A worker that dies in the middle leaves nothing half done: each commit has the notices and how far it came.
func TestAStepThatFailsTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		for range 20 {
			c.person("410303", "collected", "alive")
		}
		id := c.draft(notice.DraftInput{PerMinute: 6000})
		c.approve(id)
		_, err := c.Run(t.Context()) // started
		require.NoError(t, err)
		broken := *c.Campaigns
		broken.Store = dyingCampaigns{c.q.DB.Campaigns()}
		_, err = broken.Run(t.Context())
		require.ErrorContains(t, err, "died here")
		require.Zero(t, countRows(t, c.q, "notices"))
		c.run()
		require.Equal(t, 20, countRows(t, c.q, "notices"))
		c.sql("UPDATE campaigns SET after_person = NULL WHERE id = '%s'", id) // as if the place had been lost
		c.run()
		require.Equal(t, 20, countRows(t, c.q, "deliveries"))
	})
}

// dyingCampaigns dies between the notices and the place.
type dyingCampaigns struct{ notice.CampaignStore }

func (dyingCampaigns) SaveCampaign(context.Context, notice.Campaign, notice.CampaignState) error {
	return errors.New("died here")
}

func TestAListIsBroughtByWhoDraftedItAndHoldsTheRuleOnly(t *testing.T) {
	t.Parallel()
	eachCampaign(t, func(t *testing.T, c campaigns) {
		a, b := c.person("410303", "collected", "alive"), c.person("410303", "collected", "alive")
		dead, far := c.person("410303", "collected", "deceased"), c.person("410304", "collected", "alive")
		id := c.draft(notice.DraftInput{Kind: notice.CampaignCertification, ByDate: "2021-12-31", Rule: notice.CampaignRule{District: "410303", Listed: true}})
		v, err := c.AddPeople(t.Context(), drafter, id, []models.ID{a, b, dead, far, models.NewID()})
		require.NoError(t, err)
		require.Equal(t, 2, v.Planned)
		v, err = c.AddPeople(t.Context(), drafter, id, []models.ID{a})
		require.NoError(t, err)
		require.Equal(t, 2, v.Planned)
		require.Contains(t, v.Text, "2021年12月31日")
		_, err = c.AddPeople(t.Context(), approver, id, []models.ID{a})
		require.ErrorIs(t, err, notice.ErrCampaignNotOwn)
		c.approve(id)
		_, err = c.AddPeople(t.Context(), drafter, id, []models.ID{a})
		require.ErrorIs(t, err, notice.ErrCampaignState)
		c.run()
		require.Equal(t, 2, countRows(t, c.q, "notices"))
	})
}
