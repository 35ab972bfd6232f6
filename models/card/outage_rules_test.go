package card_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

func TestR66_ALossIsTakenWhileTheRegistryIsDown(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.Down = true
	c.always(cardtest.NotSent)
	r := c.report()
	require.Equal(t, card.LossReceived, r.State)
	require.Equal(t, "loss_being_confirmed", c.tile().State)
	require.NotContains(t, c.tile().Label, "已停用")
	require.Empty(t, c.memory.Notices(), "nothing is said to be done")

	c.always(cardtest.Dropped) // it hangs: nobody knows
	c.sweep(2 * time.Second)
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)
	for range 5 {
		c.sweep(31 * time.Second)
	}
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)

	c.Registry.Down = false
	c.always(cardtest.Answered)
	c.sweep(31 * time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Len(t, c.told(notice.LossEffective), 1)
	require.Equal(t, "loss", c.tile().State)
	require.Zero(t, c.memory.Cases())
}

func TestR66_TenMinutesWithoutAnAnswerRaiseAlarmAndCaseOnce(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.always(cardtest.Dropped)
	r := c.report()
	c.Clock.Advance(10 * time.Minute)
	c.watch()
	require.Zero(t, c.memory.Cases())
	c.Clock.Advance(time.Second)
	for range 3 {
		c.watch()
	}
	require.Equal(t, 1, c.memory.Cases())
	require.EqualValues(t, 1, c.Meter.Alarms.Load())
	require.Equal(t, card.LossUnconfirmed, c.now(r).State, "an alarm changes no state")

	c.always(cardtest.Answered)
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Zero(t, c.memory.Cases(), "the case is over with what it was opened for")
}

func TestR66_ALossReportedAgainHasAnAlarmOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	c.Clock.Advance(72 * time.Hour)
	c.always(cardtest.Dropped)
	c.release(r)
	require.Equal(t, card.LossUnconfirmed, c.report().State)
	c.watch()
	require.Zero(t, c.memory.Cases(), "the wait began a moment ago, not three days")
	c.Clock.Advance(10*time.Minute + time.Second)
	c.watch()
	require.Equal(t, 1, c.memory.Cases())
}

// An expired loss gets its next command in the same commit, until the registry confirms or refuses.
func TestR66_ALossNeverGivesUp(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.always(cardtest.Dropped)
	r := c.report()
	for range 3 {
		c.sweep(17*time.Minute + time.Second)
	}
	commands := c.memory.Commands()
	require.Len(t, commands, 4)
	for i, cmd := range commands {
		require.EqualValues(t, i+1, cmd.CardSeq)
		if i < 3 {
			require.Equal(t, card.CommandExpired, cmd.State)
		}
	}
	c.always(cardtest.Answered)
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Len(t, c.told(notice.LossEffective), 1)
}

func TestALossRefusedAsTooLateOrTooOldIsAskedForAnew(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"EXPIRED", "SEQ_OLD"} {
		c := newCity(t)
		c.Registry.RefuseCode = code
		c.fates(cardtest.Refused)
		r := c.report()
		require.Equal(t, card.LossReceived, r.State)
		c.sweep(time.Second)
		require.Equal(t, card.LossEffective, c.now(r).State)
		require.Empty(t, c.told(notice.LossRefused))
	}
}

func TestALostReplyIsAskedAboutAndNotSentAgain(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.fates(cardtest.LostReply)
	r := c.report()
	require.Equal(t, card.LossUnconfirmed, r.State)
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Len(t, c.Registry.Sent, 1)
	require.Equal(t, 1, c.Registry.Asks)
}

func TestTheFeedMayBeFasterThanTheAnswer(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.fates(cardtest.LostReply)
	r := c.report()
	c.feed()
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Equal(t, card.CommandConfirmed, c.memory.Commands()[0].State)
	c.sweep(31 * time.Second)
	require.Zero(t, c.Registry.Asks)
	require.Len(t, c.memory.Notices(), 1)
}

// A late answer must not make effective what a newer version has ended.
func TestAnAnswerOlderThanTheMirrorEndsTheReport(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.fates(cardtest.LostReply)
	r := c.report()
	require.True(t, c.Registry.WindowRelease(ref))
	facts := c.Registry.Events[len(c.Registry.Events)-1:] // a snapshot shows the last state only
	require.NoError(t, c.Store.InTx(t.Context(), func(ctx context.Context) error {
		_, err := c.ApplyFacts(ctx, facts)
		return err
	}))
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)
	c.sweep(time.Second)
	require.Equal(t, card.LossReleased, c.now(r).State)
	require.Empty(t, c.told(notice.LossEffective))
	require.Len(t, c.told(notice.LossReleased), 1)
}

func TestALossSupersedesAReleaseUnderWay(t *testing.T) {
	t.Parallel()
	for _, fence := range []bool{true, false} {
		c := newCityAt(t, fence)
		r := c.report()
		c.fates(cardtest.Delayed)
		require.Equal(t, card.LossReleaseRequested, c.release(r).State)
		res, err := c.ReportLoss(t.Context(), c.me(), card.ReportLossInput{CardID: c.card})
		require.NoError(t, err)
		require.False(t, res.Repeated, "not a repeat, so 202 or 201 and never 200")
		require.Equal(t, r.ID, res.Report.ID)
		require.Equal(t, card.LossEffective, res.Report.State)
		require.Equal(t, card.CommandSuperseded, c.memory.Commands()[1].State)
		require.Len(t, c.told(notice.LossEffective), 2, "stopped twice, told twice")

		c.Registry.Deliver(0, false) // the old release arrives after all
		c.feed()
		if fence {
			require.NotNil(t, c.Registry.Card(ref).Loss, "refused by the fence")
		} else {
			require.Nil(t, c.Registry.Card(ref).Loss)
			require.Equal(t, card.LossUnconfirmed, c.now(r).State, "undone by our own late release")
			c.sweep(time.Second)
		}
		require.Equal(t, card.LossEffective, c.now(r).State)
		require.NotNil(t, c.Registry.Card(ref).Loss)
		c.feed()
		require.Empty(t, c.told(notice.LossReleased))
	}
}

func TestWithoutTheFenceACardIsReadBackWhenAReleaseHasSettled(t *testing.T) {
	t.Parallel()
	c := newCityAt(t, false)
	c.Registry.Mute = true // it does not say who released
	r := c.report()
	c.fates(cardtest.Delayed)
	c.release(r)
	require.Equal(t, card.LossEffective, c.report().State)
	c.Registry.Deliver(0, false) // and the feed is silent
	c.Clock.Advance(5 * time.Minute)
	c.watch()
	require.Equal(t, card.LossEffective, c.now(r).State, "it may still come: too early to look")
	c.Clock.Advance(2*time.Minute + time.Second)
	c.Registry.Down = true
	_, err := c.WatchLosses(t.Context(), 10)
	require.ErrorIs(t, err, models.ErrUnavailable)
	c.Registry.Down = false
	c.watch()
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.NotNil(t, c.Registry.Card(ref).Loss)
	c.Clock.Advance(time.Minute)
	c.watch()
	require.True(t, c.now(r).ReassertAt.IsZero(), "looked at a last time")
	require.Equal(t, card.LossEffective, c.now(r).State)
}

func TestWithoutTheFenceNothingIsReleasedOverARenewalUnderWay(t *testing.T) {
	t.Parallel()
	for _, fence := range []bool{true, false} {
		c := newCityAt(t, fence)
		c.Registry.Life = 7 * 24 * time.Hour
		r := c.report()
		c.fates(cardtest.Delayed)
		_, err := c.RenewLoss(t.Context(), c.me(), r.ID)
		require.NoError(t, err)
		out, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
		if !fence {
			require.ErrorIs(t, err, card.ErrLossNotConfirmedYet)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, card.LossReleased, out.State)
		c.Registry.Deliver(0, false)
		require.Nil(t, c.Registry.Card(ref).Loss, "the fence refuses the late renewal")
	}
}

func TestR43_WarnedOnTheTwoDaysBefore(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.Life = 7 * 24 * time.Hour
	r := c.report()
	require.Equal(t, cardtest.Start.AddDate(0, 0, 7), r.ExpiresAt)
	warned := func(from, hours int) (days []int) {
		for h := range hours {
			before := len(c.told(notice.LossExpiring))
			c.watch()
			if len(c.told(notice.LossExpiring)) > before {
				days = append(days, from+h/24)
			}
			c.Clock.Advance(time.Hour)
		}
		return days
	}
	c.Clock.Set(models.Date("2021-12-20").Start()) // count whole days
	require.Equal(t, []int{5, 6}, warned(0, 7*24+9), "and not on the day itself")
	require.Contains(t, text(t, c.told(notice.LossExpiring)[0]), "2021年12月27日")
	require.Equal(t, card.LossEffective, c.now(r).State, "we never end a loss ourselves")
}

func TestR43_ARenewalMovesTheDate(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.Life = 7 * 24 * time.Hour
	r := c.report()
	c.Clock.Advance(5 * 24 * time.Hour)
	c.watch()
	require.Len(t, c.told(notice.LossExpiring), 1)
	out, err := c.RenewLoss(t.Context(), c.me(), r.ID)
	require.NoError(t, err)
	require.Equal(t, cardtest.Start.AddDate(0, 0, 12), out.ExpiresAt)
	require.Equal(t, card.LossEffective, out.State)
	c.feed()
	require.Len(t, c.told(notice.LossRenewed), 1)
	require.Contains(t, text(t, c.told(notice.LossRenewed)[0]), "2022年1月1日")
	c.Clock.Advance(24 * time.Hour)
	c.watch()
	require.Len(t, c.told(notice.LossExpiring), 1, "day 6 of the old date says nothing any more")
	c.Clock.Advance(4 * 24 * time.Hour)
	c.watch()
	require.Len(t, c.told(notice.LossExpiring), 2)

	agent := c.Agent(c.wang) // by call as well
	out, err = c.RenewLoss(t.Context(), agent, r.ID)
	require.NoError(t, err)
	require.Equal(t, cardtest.Start.AddDate(0, 0, 17), out.ExpiresAt)
}

func TestR43_ALapseIsMirroredAndSaid(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.Life = 7 * 24 * time.Hour
	r := c.report()
	c.Clock.Advance(7*24*time.Hour + time.Minute)
	c.watch()
	require.Equal(t, card.LossEffective, c.now(r).State, "the registry ends it, not we")
	require.True(t, c.Registry.Lapse(ref))
	c.feed()
	require.Equal(t, card.LossLapsed, c.now(r).State)
	require.Equal(t, "normal", c.tile().State)
	require.Len(t, c.told(notice.LossLapsed), 1)
	require.Contains(t, text(t, c.told(notice.LossLapsed)[0]), "丢失的卡又可以使用")
}

func TestR43_NoDateNoCountdown(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	require.True(t, r.ExpiresAt.IsZero())
	for range 30 {
		c.Clock.Advance(24 * time.Hour)
		c.watch()
	}
	require.Empty(t, c.told(notice.LossExpiring))
	_, err := c.RenewLoss(t.Context(), c.me(), r.ID)
	require.ErrorIs(t, err, card.ErrNothingToRenew)
	c.release(r)
	_, err = c.RenewLoss(t.Context(), c.me(), r.ID)
	require.ErrorIs(t, err, card.ErrNoLossRecord)
}

func TestAnotherLossThanOursIsAReportOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	require.True(t, c.Registry.WindowRelease(ref))
	require.True(t, c.Registry.WindowLoss(ref))
	require.NoError(t, c.Store.InTx(t.Context(), func(ctx context.Context) error {
		_, err := c.ApplyFacts(ctx, c.Registry.Events[len(c.Registry.Events)-1:]) // the release is not shown
		return err
	}))
	require.Equal(t, card.LossReleased, c.now(r).State)
	reports := c.memory.Reports()
	require.Len(t, reports, 2)
	require.Equal(t, "window", reports[1].Source)
	require.Empty(t, c.told(notice.LossReleased), "what stands is told, once")
	require.Len(t, c.told(notice.LossElsewhere), 1)
	require.Equal(t, card.LossReleased, c.release(reports[1]).State)
}
