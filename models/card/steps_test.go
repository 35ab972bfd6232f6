package card_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

// stepsOf counts the steps that a use case takes in a city of its own: all of them, or up to the moment at which the
// first command is on its way.
func stepsOf(t *testing.T, do func(c *city, ctx context.Context), until string) (n int) {
	t.Helper()
	c := newCity(t)
	f := &cardtest.Fuse{}
	c.Registry.During = func(stage string, _ card.Command) {
		if stage == until && n == 0 {
			n = f.Steps + 1
		}
	}
	do(c, cardtest.WithFuse(t.Context(), f))
	if n == 0 {
		n = f.Steps
	}
	return n
}

// useCases are the writes, each with what it needs before it.
var useCases = []struct {
	name   string
	before func(c *city)
	do     func(c *city, ctx context.Context) error
	want   card.LossState // when everything has settled after a failure and one repeat
}{
	{"report", func(*city) {}, func(c *city, ctx context.Context) error {
		_, err := c.ReportLoss(ctx, c.me(), card.ReportLossInput{CardID: c.card})
		return err
	}, card.LossEffective},
	{"release", func(c *city) { c.report() }, func(c *city, ctx context.Context) error {
		_, err := c.ReleaseLoss(ctx, c.me(), c.memory.Reports()[0].ID, "")
		return err
	}, card.LossReleased},
	{"report again", func(c *city) {
		r := c.report()
		c.fates(cardtest.LostReply)
		c.release(r)
	}, func(c *city, ctx context.Context) error {
		_, err := c.ReportLoss(ctx, c.me(), card.ReportLossInput{CardID: c.card})
		return err
	}, card.LossEffective},
	{"sweep", func(c *city) {
		c.fates(cardtest.LostReply)
		c.report()
		c.Clock.Advance(5 * time.Second)
	}, func(c *city, ctx context.Context) error { _, err := c.Sweep(ctx, 10); return err }, card.LossEffective},
	{"feed", func(c *city) { c.Registry.WindowLoss(ref) }, func(c *city, ctx context.Context) error { return c.Feed(ctx) }, card.LossEffective},
	{"watch", func(c *city) {
		c.always(cardtest.Dropped)
		c.report()
		c.Clock.Advance(11 * time.Minute)
	}, func(c *city, ctx context.Context) error { _, err := c.WatchLosses(ctx, 10); return err }, card.LossEffective},
}

// TestAStepThatFailsLeavesNothingHalfDone breaks every use case at every one of its steps, once by an error and once
// by the process's death; the caller comes again with the same key, sweeps and feed run, and the end is as if nothing
// had happened, with one effect.
func TestAStepThatFailsLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	for _, u := range useCases {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/dies=%t", u.name, dies), func(t *testing.T) {
				t.Parallel()
				for at := 1; ; at++ {
					c := newCity(t)
					u.before(c)
					key := models.WithRequestKey(t.Context(), models.RequestKey{Operation: u.name, Key: "k", BodyMAC: []byte("b")})
					f := &cardtest.Fuse{At: at, Dies: dies}
					_ = u.do(c, cardtest.WithFuse(key, f))
					if f.Steps < at {
						require.Greater(t, at, 5, "the rig really breaks something")
						return
					}
					requirePaired(t, c)
					_ = u.do(c, key) // the caller comes again
					settled(c)
					requirePaired(t, c)
					reports := c.memory.Reports()
					require.Len(t, reports, 1, "broken at %d", at)
					require.Equal(t, u.want, reports[0].State, "broken at %d", at)
					require.Equal(t, u.want == card.LossEffective, c.Registry.Card(ref).Loss != nil)
					require.LessOrEqual(t, c.memory.Told(notice.LossReleased), 1)
					require.LessOrEqual(t, c.memory.Cases(), 1)
				}
			})
		}
	}
}

// requirePaired: a report that waits has a command that carries it, and every report has its audit entry.
func requirePaired(t *testing.T, c *city) {
	t.Helper()
	for _, r := range c.memory.Reports() {
		if r.Waiting() || r.State == card.LossReleaseRequested {
			_, err := c.memory.UnfinishedCommand(t.Context(), r.CardID)
			require.NoError(t, err, "report %s without a command", r.State)
		}
		require.NotEmpty(t, c.memory.Audited())
	}
	for _, cmd := range c.memory.Commands() {
		_, err := c.memory.LossReport(t.Context(), cmd.SubjectID)
		require.NoError(t, err)
	}
}

// settled runs sweeps and feed until nothing is left to do.
func settled(c *city) {
	c.t.Helper()
	c.always(cardtest.Answered)
	for range 4 {
		c.sweep(31 * time.Second)
		c.feed()
	}
}

func TestARepeatWithTheSameKeyGivesTheFirstResult(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	in := card.ReportLossInput{CardID: c.card}
	key := func(k string) context.Context {
		return models.WithRequestKey(t.Context(), models.RequestKey{Operation: "report", Key: k, BodyMAC: []byte("b")})
	}
	first, err := c.ReportLoss(key("1"), c.me(), in)
	require.NoError(t, err)
	require.False(t, first.Repeated || first.Replayed)

	second, err := c.ReportLoss(key("2"), c.me(), in) // another key: the open report is the answer
	require.NoError(t, err)
	require.True(t, second.Repeated)
	c.release(first.Report)
	for _, k := range []string{"1", "2"} { // both remember it, also now that it is closed
		again, err := c.ReportLoss(key(k), c.me(), in)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, first.Report.ID, again.Report.ID)
	}
	require.Len(t, c.memory.Reports(), 1)

	other := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "report", Key: "1", BodyMAC: []byte("other")})
	_, err = c.ReportLoss(other, c.me(), in)
	require.ErrorIs(t, err, models.ErrKeyReused)
}

func TestARepeatOfARefusedRequestIsRefusedAgain(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.RefuseCode = "CARD_LOCKED"
	c.fates(cardtest.Refused)
	key := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "report", Key: "1", BodyMAC: []byte("b")})
	for range 2 {
		_, err := c.ReportLoss(key, c.me(), card.ReportLossInput{CardID: c.card})
		require.ErrorIs(t, err, card.ErrLossRefused)
	}
	require.Len(t, c.Registry.Sent, 1)
}

func TestAClosedPageDoesNotCancelTheAttempt(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	ctx, cancel := context.WithCancel(t.Context())
	c.Registry.During = func(stage string, _ card.Command) {
		if stage == "sent" {
			cancel()
		}
	}
	_, _ = c.ReportLoss(ctx, c.me(), card.ReportLossInput{CardID: c.card})
	require.Equal(t, card.LossEffective, c.memory.Reports()[0].State)
}

func TestAnAnswerCountsOnlyForTheAttemptThatAsked(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	once := true
	c.fates(cardtest.Answered)
	c.Registry.During = func(stage string, _ card.Command) {
		if stage == "answered" && once { // the answer takes longer than the lease: a sweep asks meanwhile
			once = false
			c.Clock.Advance(5 * time.Second)
			_, err := c.Sweep(context.Background(), 10)
			require.NoError(t, err)
		}
	}
	r := c.report()
	require.Equal(t, card.LossEffective, r.State)
	require.Len(t, c.Registry.Sent, 1)
	require.Len(t, c.told(notice.LossEffective), 1)
	require.Equal(t, 2, c.memory.Commands()[0].Attempt)
}
