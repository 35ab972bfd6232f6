package card_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

// An attempt that was superseded in the middle may go on until its lease ends: the second look comes when a copy that left
// at its very end has come to its own.
func TestTheSecondLookCountsFromTheEndOfTheLease(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	set := card.DefaultSettings()
	r := c.report()
	f := &cardtest.Fuse{Dies: true}
	c.Registry.During = func(stage string, cmd card.Command) {
		if stage == "sent" && cmd.Kind == card.CommandRelease {
			f.At = f.Steps + 1
		}
	}
	_, err := c.ReleaseLoss(cardtest.WithFuse(t.Context(), f), c.me(), r.ID, "")
	require.True(t, f.Dead(), "%v", err)
	c.Registry.During = nil
	c.Clock.Advance(time.Second)
	r = c.report()
	require.Equal(t, card.LossEffective, r.State)
	require.Equal(t, cardtest.Start.Add(set.Lease+set.Settling), c.now(r).ReassertAt)
}

// A release that never left cannot undo anything, and is not looked for.
func TestAReleaseThatNeverLeftNeedsNoSecondLook(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	c.fates(cardtest.Delayed)
	c.report()
	c.sweep(time.Second)
	c.release(c.memory.Reports()[0])
	require.Zero(t, c.sent(card.CommandRelease))
	r := c.report()
	require.True(t, c.now(r).ReassertAt.IsZero())
}

// quiet is whether a release waits: after so long it has left, and nothing that arrives before stops the card after it.
func (c *askedCity) waits(r card.LossReport, left time.Duration) {
	c.t.Helper()
	before := c.sent(card.CommandRelease)
	r = c.release(c.now(r))
	require.Equal(c.t, card.LossReleaseRequested, r.State)
	require.Equal(c.t, before, c.sent(card.CommandRelease), "accepted, and not sent yet")
	c.sweep(left - time.Second)
	require.Equal(c.t, before, c.sent(card.CommandRelease))
	c.arrives() // the old copy, at the last moment
	c.sweep(2 * time.Second)
	require.Equal(c.t, before+1, c.sent(card.CommandRelease))
	require.Equal(c.t, card.LossReleased, c.now(r).State)
	require.False(c.t, c.Registry.Card(ref).Social.Lost(), "told released, and it is")
	c.poll()
	require.Empty(c.t, c.told(notice.LossElsewhere))
}

// An unanswered copy of a loss counts however many losses and releases came after it.
func TestAReleaseWaitsForEveryUnansweredLoss(t *testing.T) {
	t.Parallel()
	settling := 20 * time.Minute
	long := func(s *card.Settings) { s.Settling = settling }

	t.Run("loss, release, loss again", func(t *testing.T) {
		t.Parallel()
		c := newAskedCity(t, long)
		c.fates(cardtest.Delayed)
		r := c.report()
		c.sweep(time.Second) // read back, sent again, answered
		c.release(c.now(r))  // waits for the first copy
		c.Clock.Advance(time.Minute)
		r = c.report()
		require.Equal(t, card.LossEffective, r.State, "its only copy was answered")
		c.Clock.Advance(time.Minute)
		c.waits(r, settling-2*time.Minute)
	})
	t.Run("expired before it ever stood", func(t *testing.T) {
		t.Parallel()
		c := newAskedCity(t, long)
		c.always(cardtest.Dropped)
		r := c.report()
		for range 35 {
			c.sweep(31 * time.Second)
		}
		c.fates(cardtest.Delayed) // the last copy that gets no answer
		c.sweep(31 * time.Second)
		c.sweep(31 * time.Second)
		require.Equal(t, card.LossEffective, c.now(r).State)
		c.waits(r, settling)
	})
	t.Run("a loss at a counter answered for it", func(t *testing.T) {
		t.Parallel()
		c := newAskedCity(t, long)
		c.fates(cardtest.Delayed)
		r := c.report()
		require.True(t, c.Registry.WindowLoss(ref))
		c.sweep(time.Second)
		require.Equal(t, card.LossEffective, c.now(r).State, "it stands, whoever made it so")
		require.Equal(t, 1, c.sent(card.CommandLoss), "what could be found out by asking was not sent twice")
		c.waits(r, settling)
	})
	t.Run("and not for one whose only copy was answered", func(t *testing.T) {
		t.Parallel()
		c := newAskedCity(t, long)
		r := c.report()
		require.Equal(t, card.LossReleased, c.release(r).State)
		r = c.report()
		require.Equal(t, card.LossReleased, c.release(r).State)
	})
}

// Two questions under way at once may tell different things; which saw the card later, nobody knows. Nothing ends, and
// nobody is told anything, before a third one was answered.
func TestOverlappingAnswersEndNothing(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	c.fates(cardtest.Delayed)
	r := c.report()
	once := true
	c.Registry.During = func(stage string, cmd card.Command) {
		if stage != "sent" || cmd.Kind != "" || !once {
			return
		}
		once = false
		c.poll()    // asked after the read-back, and sees the card before it is stopped
		c.arrives() // then the copy stops it, and the read-back sees that
	}
	c.sweep(time.Second)
	require.False(t, once)
	require.Empty(t, c.told(notice.LossReleased), "the loss stands: nobody reads that it has ended")
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)
	c.sweep(2 * time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Equal(t, 1, c.sent(card.CommandLoss))
	require.Len(t, c.told(notice.LossEffective), 1)
}

// The same of a release: that it failed is not said of one that was carried out.
func TestOverlappingAnswersFailNoRelease(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	r := c.report()
	c.fates(cardtest.Delayed)
	c.release(r)
	c.Clock.Advance(2*time.Minute - 2*time.Second)
	once := true
	c.Registry.During = func(stage string, cmd card.Command) {
		if stage != "sent" || cmd.Kind != "" || !once {
			return
		}
		once = false
		c.poll()
		require.True(t, c.Registry.WindowRelease(ref))
	}
	c.sweep(2 * time.Second)
	require.Equal(t, card.LossReleaseRequested, c.now(r).State)
	require.Empty(t, c.told(notice.ReleaseExpired))
	c.sweep(2 * time.Second)
	require.Equal(t, card.LossReleased, c.now(r).State)
	require.Len(t, c.told(notice.LossReleased), 1)
}

// A source that knows no not_after is told of a loss until it stands: there is no time between two commands in which
// nothing is sent.
func TestALossGoesOnBeingSentAtASourceWithoutNotAfter(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	c.always(cardtest.Dropped)
	r := c.report()
	last, n := c.sent(card.CommandLoss), 0
	for range 60 { // half an hour: far beyond not_after
		c.sweep(31 * time.Second)
		if sent := c.sent(card.CommandLoss); sent > last {
			last = sent
			n++
		}
	}
	require.Equal(t, 60, n, "every time")
	require.Equal(t, card.LossUnconfirmed, c.now(r).State)
	c.always(cardtest.Answered)
	c.sweep(31 * time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
}

// A second look that finds nobody to ask comes again like a command, and what it is for goes on meanwhile.
func TestASecondLookThatIsNotAnsweredComesAgain(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	r := c.report()
	c.fates(cardtest.Delayed)
	c.release(r)
	r = c.report()
	c.Clock.Advance(3 * time.Minute)
	c.Registry.Down = true
	asked := 0
	c.Registry.During = func(stage string, _ card.Command) {
		if stage == "sent" {
			asked++
		}
	}
	for range 20 {
		_, err := c.WatchLosses(t.Context(), 10)
		require.True(t, err != nil || asked > 0)
		c.Clock.Advance(time.Second)
	}
	require.Equal(t, 1, asked)
	require.False(t, c.now(r).ReassertAt.IsZero())
	c.Registry.Down = false
	c.Clock.Advance(30 * time.Second)
	c.watch()
	require.True(t, c.now(r).ReassertAt.IsZero())
}
