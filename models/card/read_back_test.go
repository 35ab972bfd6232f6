package card_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

// askedCity is a city whose registry is only asked.
type askedCity struct {
	*city
	asked *cardtest.Asked
}

func newAskedCity(t *testing.T, change func(*card.Settings)) *askedCity {
	t.Helper()
	set := card.DefaultSettings()
	if change != nil {
		change(&set)
	}
	clock := models.NewManualClock(cardtest.Start)
	memory := cardtest.NewMemory(clock)
	rig, asked := cardtest.NewAskedRig(clock, memory, cardtest.NewRegistry(clock, false), set)
	c := &askedCity{&city{Rig: rig, t: t, memory: memory, wang: memory.AddPerson("P-1")}, asked}
	c.Registry.Issue(ref, "P-1")
	c.poll()
	own, err := memory.CardsOfPerson(t.Context(), c.wang)
	require.NoError(t, err)
	c.card = own[0].ID
	t.Cleanup(func() { require.Empty(t, c.Store.Violations) })
	return c
}

func (c *askedCity) poll() {
	c.t.Helper()
	require.NoError(c.t, c.asked.Poll(c.t.Context(), c.Rig, c.wang))
}

// arrives lets the oldest command on its way arrive.
func (c *askedCity) arrives() { c.asked.Deliver(func(int) int { return 0 }) }

func (c *askedCity) sent(kind card.CommandKind) (n int) {
	for _, cmd := range c.Registry.Sent {
		if cmd.Kind == kind {
			n++
		}
	}
	return n
}

func TestALossIsReadBackAtOnceAndSentAgainWhereItDoesNotStand(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	c.fates(cardtest.LostReply)
	r := c.report()
	require.Equal(t, card.LossUnconfirmed, r.State)
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Equal(t, 1, c.sent(card.CommandLoss), "it stood: nothing was sent twice")
	require.Len(t, c.told(notice.LossEffective), 1)

	d := newAskedCity(t, nil)
	d.fates(cardtest.Dropped)
	r = d.report()
	d.sweep(time.Second)
	require.Equal(t, card.LossEffective, d.now(r).State)
	require.Equal(t, 2, d.sent(card.CommandLoss))
}

// A release whose copy may still be on its way is not believed before that has come to its end, and never sent again: what
// stops the card by then may be a newer loss, at another door.
func TestAReleaseWithoutAnAnswerWaitsForItsSettlingTime(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	r := c.report()
	c.fates(cardtest.Delayed)
	c.release(r)
	for range 11 {
		c.sweep(10 * time.Second)
		require.Equal(t, card.LossReleaseRequested, c.now(r).State)
		require.Equal(t, 1, c.sent(card.CommandRelease), "one copy at a time")
	}
	c.sweep(10 * time.Second)
	require.Equal(t, 1, c.sent(card.CommandRelease), "who stopped the card meanwhile is not known: no second copy undoes that")
	require.Equal(t, card.LossEffective, c.now(r).State, "she is told and may ask again")
	c.arrives() // too late to arrive at all
	c.poll()
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.True(t, c.Registry.Card(ref).Social.Lost())
}

// Nor when its sender died in the middle.
func TestAReleaseWhoseSenderDiedWaitsToo(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	r := c.report()
	f := &cardtest.Fuse{Dies: true}
	c.fates(cardtest.Delayed)
	c.Registry.During = func(stage string, cmd card.Command) {
		if stage == "sent" && cmd.Kind == card.CommandRelease {
			f.At = f.Steps + 1 // the next step, and everything after it, burns
		}
	}
	_, err := c.ReleaseLoss(cardtest.WithFuse(t.Context(), f), c.me(), r.ID, "")
	require.True(t, f.Dead(), "%v", err)
	c.Registry.During = nil
	for range 12 {
		c.sweep(10 * time.Second)
		require.LessOrEqual(t, c.sent(card.CommandRelease), 1)
	}
	c.sweep(10 * time.Second)
	c.sweep(10 * time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.LessOrEqual(t, c.sent(card.CommandRelease), 1)
	c.release(r)
	require.Equal(t, card.LossReleased, c.now(r).State, "asked again, it goes")
}

// An unanswered copy of a loss may arrive after a release and stop the card again: the release leaves once it cannot.
func TestAReleaseWaitsForAnUnansweredLoss(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	c.fates(cardtest.Delayed)
	r := c.report()
	c.sweep(time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State, "the second copy was answered")
	r = c.release(c.now(r))
	require.Equal(t, card.LossReleaseRequested, r.State)
	require.Zero(t, c.sent(card.CommandRelease), "accepted, and not sent yet")
	c.arrives()
	c.sweep(time.Minute)
	require.Zero(t, c.sent(card.CommandRelease))
	c.sweep(61 * time.Second)
	require.Equal(t, card.LossReleased, c.now(r).State)
	require.False(t, c.Registry.Card(ref).Social.Lost())
	require.Len(t, c.told(notice.LossReleased), 1)
}

// A loss never waits. A superseded release that arrives after it is seen, and the loss asserted once more; the look comes
// when the copy surely has come to its end, however soon its not_after passes.
func TestALossIsAssertedOnceMoreAfterALateRelease(t *testing.T) {
	t.Parallel()
	for name, settling := range map[string]time.Duration{"as long as skew": 2 * time.Minute, "longer": 20 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newAskedCity(t, func(s *card.Settings) { s.Settling = settling })
			r := c.report()
			c.fates(cardtest.Delayed)
			c.release(r)
			r = c.report()
			require.Equal(t, card.LossEffective, r.State, "a loss never waits")
			c.Clock.Advance(settling - time.Second)
			c.watch()
			c.arrives()
			require.False(t, c.Registry.Card(ref).Social.Lost(), "undone by the late release")
			c.Clock.Advance(7 * time.Minute)
			c.watch()
			c.sweep(time.Second)
			require.True(t, c.Registry.Card(ref).Social.Lost())
			require.Equal(t, card.LossEffective, c.now(r).State)
		})
	}
}

// What is told by asking: a loss that was there when the card was first seen is history; later ones are told once.
func TestWhatStandsAtFirstSightTellsNobody(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, func(s *card.Settings) { s.HistoryFrom = cardtest.Start })
	c.Registry.Issue("C-9", "P-9")
	require.True(t, c.Registry.WindowLoss("C-9"))
	zhang := c.memory.AddPerson("P-9")
	require.NoError(t, c.asked.Poll(t.Context(), c.Rig, zhang))
	reports, err := c.memory.LossReportsOf(t.Context(), zhang, 5)
	require.NoError(t, err)
	require.Len(t, reports, 1, "a release has a report to act on")
	require.False(t, reports[0].EffectiveAt.IsZero())
	require.Empty(t, c.told(notice.LossElsewhere))

	require.True(t, c.Registry.WindowLoss(ref))
	for range 2 {
		c.poll()
	}
	require.Len(t, c.told(notice.LossElsewhere), 1)
	require.True(t, c.Registry.WindowRelease(ref))
	for range 2 {
		c.poll()
	}
	require.Len(t, c.told(notice.LossReleased), 1)
}

// A release that was carried out without an answer, and a loss at a counter after it: no second copy undoes that loss.
func TestAReleaseIsNotSentAgainOverALossAtACounter(t *testing.T) {
	t.Parallel()
	c := newAskedCity(t, nil)
	r := c.report()
	c.fates(cardtest.LostReply)
	c.release(r)
	c.sweep(60 * time.Second)
	require.False(t, c.Registry.Card(ref).Social.Lost(), "it was carried out")
	require.True(t, c.Registry.WindowLoss(ref))
	for range 40 {
		c.sweep(10 * time.Second)
	}
	require.True(t, c.Registry.Card(ref).Social.Lost())
	require.Equal(t, 1, c.sent(card.CommandRelease))
	require.NotEqual(t, card.LossReleased, c.now(r).State, "nobody reads released of a stopped card")
}
