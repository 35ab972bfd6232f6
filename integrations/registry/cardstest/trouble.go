package cardstest

import (
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

// unknown is a call that may have been carried out.
func (c *city) unknown(err error, what string) {
	c.t.Helper()
	require.Error(c.t, err, what)
	require.NotErrorIs(c.t, err, card.ErrNotSent, "%s: it may have been done", what)
	require.NotErrorIs(c.t, err, card.ErrNeverHeard, what)
}

// lostReply: done, not answered. With request ids the answer is asked for; without, the card is looked at: it is in force,
// and nobody knows by whom.
func (c *city) lostReply() {
	for seq, kind := range []card.CommandKind{card.CommandLoss, card.CommandRelease} {
		c.Fault("commands", "lose_reply", 1, More{})
		cmd := c.about(kind, "wang", int64(seq+1))
		_, err := c.Source.Carry(c.t.Context(), cmd, nil)
		c.unknown(err, string(kind))
		a, err := c.found(cmd)
		require.NoError(c.t, err)
		if c.p.RequestIDs {
			require.Equal(c.t, card.OutcomeDone, a.Outcome)
		} else {
			require.Equal(c.t, card.OutcomeAlready, a.Outcome)
			require.Positive(c.t, a.CardVersion)
		}
		require.Equal(c.t, kind == card.CommandLoss, c.Lost("wang"))
		require.Equal(c.t, seq+1, c.Effects("wang"))
	}
}

// neverArrived: "never heard of it" is not "it will never be done": a copy may still be on its way.
func (c *city) neverArrived() {
	c.Fault("commands", "off", 1, More{})
	cmd := c.about(card.CommandLoss, "wang", 1)
	_, err := c.Source.Carry(c.t.Context(), cmd, nil)
	c.unknown(err, "cut off")
	_, err = c.found(cmd)
	require.ErrorIs(c.t, err, card.ErrNeverHeard)
	require.Equal(c.t, card.OutcomeDone, c.carried(cmd).Outcome, "and is sent again")
	late := c.about(card.CommandLoss, "zhang", 1)
	late.NotAfter = c.Clock.Now().Add(-time.Second)
	a := c.carried(late)
	if c.p.NotAfter {
		require.Equal(c.t, card.OutcomeRefused, a.Outcome)
		require.Equal(c.t, "EXPIRED", a.Code)
	} else {
		require.Equal(c.t, card.OutcomeDone, a.Outcome, "such a source knows no not_after: keeping it is the caller's")
	}
}

// spoilt: what cannot be read is no answer, of neither kind.
func (c *city) spoilt() {
	faults := []string{"garbage", "half", "long"}
	if c.p.Charsets {
		faults = append(faults, "charset")
	}
	name, id := c.papers("wang")
	person, _ := c.Card("wang")
	for _, f := range faults {
		c.Fault("person", f, 2, More{})
		_, err := c.Source.MatchPerson(c.t.Context(), name, id)
		require.ErrorIs(c.t, err, models.ErrUnavailable, f)
		_, err = c.Source.CardsOf(c.t.Context(), person)
		require.ErrorIs(c.t, err, models.ErrUnavailable, f)
	}
	for i, f := range faults {
		kind := []card.CommandKind{card.CommandLoss, card.CommandRelease}[i%2]
		c.Fault("commands", f, 1, More{})
		cmd := c.about(kind, "wang", int64(i+1))
		_, err := c.Source.Carry(c.t.Context(), cmd, nil)
		c.unknown(err, f)
		require.Equal(c.t, kind == card.CommandLoss, c.Lost("wang"), "it was done, whatever was read")
		_, err = c.found(cmd)
		require.NoError(c.t, err)
	}
}

// forged: an answer is about the question that was asked.
func (c *city) forged() {
	c.Fault("person", "forge", 1, More{})
	name, id := c.papers("wang")
	_, err := c.Source.MatchPerson(c.t.Context(), name, id)
	require.ErrorIs(c.t, err, models.ErrUnavailable)
	c.Fault("person", "forge", 1, More{})
	person, _ := c.Card("wang")
	_, err = c.Source.CardsOf(c.t.Context(), person)
	require.ErrorIs(c.t, err, models.ErrUnavailable)
}

// slow: the time-out is ours, and says nothing about what was done.
func (c *city) slow() {
	c.Fault("commands", "late", 1, More{Delay: time.Minute})
	cmd := c.about(card.CommandLoss, "wang", 1)
	_, err := c.Source.Carry(c.t.Context(), cmd, nil)
	c.unknown(err, "late")
	require.Equal(c.t, 1, c.Effects("wang"))
	_, err = c.found(cmd)
	require.NoError(c.t, err)
}

// busy: a signed "busy" means that nothing was done; any other is a word like another.
func (c *city) busy() {
	c.Fault("commands", "busy", 1, More{})
	_, err := c.Source.Carry(c.t.Context(), c.about(card.CommandLoss, "wang", 1), nil)
	if c.p.SaysBusy {
		require.ErrorIs(c.t, err, card.ErrNotSent)
	} else {
		c.unknown(err, "busy")
	}
	require.Zero(c.t, c.Effects("wang"))
}

func (c *city) down() {
	for _, op := range []string{"person", "commands"} {
		c.Fault(op, "down", 2, More{})
	}
	name, id := c.papers("wang")
	_, err := c.Source.MatchPerson(c.t.Context(), name, id)
	require.ErrorIs(c.t, err, models.ErrUnavailable)
	person, _ := c.Card("wang")
	_, err = c.Source.CardsOf(c.t.Context(), person)
	require.ErrorIs(c.t, err, models.ErrUnavailable)
	for range 2 {
		_, err = c.Source.Carry(c.t.Context(), c.about(card.CommandLoss, "wang", 1), nil)
		c.unknown(err, "down")
	}
	require.Zero(c.t, c.Effects("wang"))
	require.Equal(c.t, card.OutcomeDone, c.carried(c.about(card.CommandLoss, "wang", 2)).Outcome, "and back")
}

func (c *city) unsent() {
	cmd := c.about(card.CommandLoss, "wang", 1)
	c.Stop()
	_, err := c.Source.Carry(c.t.Context(), cmd, nil)
	require.ErrorIs(c.t, err, card.ErrNotSent)
}

func (c *city) budget() {
	_, err := c.Source.Carry(c.t.Context(), c.about(card.CommandRelease, "wang", 1), nil)
	require.ErrorIs(c.t, err, card.ErrNotSent)
	require.ErrorContains(c.t, err, "BUDGET_FULL")
	name, id := c.papers("wang")
	_, err = c.Source.MatchPerson(c.t.Context(), name, id)
	require.ErrorIs(c.t, err, models.ErrUnavailable)
	require.Equal(c.t, card.OutcomeDone, c.carried(c.about(card.CommandLoss, "wang", 1)).Outcome, "a loss goes first, with all it needs")
}

func (c *city) discreet() {
	name, id := c.papers("wang")
	person, _ := c.Card("wang")
	var errs []error
	for _, f := range []string{"down", "off", "lose_reply", "garbage", "forge", "half"} {
		c.Fault("person", f, 2, More{})
		_, err := c.Source.MatchPerson(c.t.Context(), name, id)
		errs = append(errs, err)
		_, err = c.Source.CardsOf(c.t.Context(), person)
		errs = append(errs, err)
	}
	for _, f := range []string{"down", "off", "lose_reply", "garbage"} {
		c.Fault("commands", f, 1, More{})
		_, err := c.Source.Carry(c.t.Context(), c.about(card.CommandLoss, "wang", 1), nil)
		errs = append(errs, err)
	}
	for _, err := range errs {
		require.Error(c.t, err)
		for _, personal := range []string{name.Reveal(), id.Reveal(), "13803790101", "127.0.0.1"} {
			require.NotContains(c.t, err.Error(), personal)
		}
	}
}

// fence: without one, the source does what comes, in the order in which it comes; order is then the caller's, who waits
// (models/card) and looks again after a superseded release.
func (c *city) fence() {
	require.Equal(c.t, c.p.Fence, c.Source.Fenced())
	c.carried(c.about(card.CommandLoss, "wang", 2))
	a := c.carried(c.about(card.CommandRelease, "wang", 1))
	if c.p.Fence {
		require.Equal(c.t, "SEQ_OLD", a.Code)
		require.True(c.t, c.Lost("wang"))
		return
	}
	require.Equal(c.t, card.OutcomeDone, a.Outcome)
	require.False(c.t, c.Lost("wang"))
	f := c.only("wang")
	require.True(c.t, f.Social.Free(), "which is seen by looking")
	require.Equal(c.t, card.OutcomeDone, c.carried(c.about(card.CommandLoss, "wang", 3)).Outcome, "and the loss asserted once more")
}

func (c *city) versions() {
	before := c.only("wang")
	done := c.carried(c.about(card.CommandLoss, "wang", 1))
	require.Greater(c.t, done.CardVersion, before.Version)
	lost := c.only("wang")
	require.GreaterOrEqual(c.t, lost.Version, done.CardVersion)
	c.Window("release", "wang")
	require.Greater(c.t, c.only("wang").Version, lost.Version, "what is newer is higher")
}

// applications: a source that takes none refuses them by name; those of the contract have tests of their own.
func (c *city) applications() {
	if c.p.RequestIDs {
		return
	}
	cmd := c.about(card.CommandApplication, "wang", 0)
	a, err := c.Source.Carry(c.t.Context(), cmd, &card.Application{})
	require.NoError(c.t, err)
	require.Equal(c.t, card.OutcomeRefused, a.Outcome)
	require.Equal(c.t, "APPLICATION_AT_WINDOW", a.Code)
}

func (c *city) together() {
	var all sync.WaitGroup
	done := make([]card.Answer, 8)
	for i := range done {
		cmd := c.about(card.CommandLoss, "wang", int64(i+1))
		if c.p.Fence {
			cmd.CardSeq = 1
		}
		all.Go(func() { done[i], _ = c.Source.Carry(c.t.Context(), cmd, nil) })
	}
	all.Wait()
	first := 0
	for _, a := range done {
		require.Contains(c.t, []card.Outcome{card.OutcomeDone, card.OutcomeAlready}, a.Outcome)
		if a.Outcome == card.OutcomeDone {
			first++
		}
	}
	require.Equal(c.t, 1, first, "one winner")
	require.Equal(c.t, 1, c.Effects("wang"))
}

// answerIsNewer: whatever was asked before a command was answered must not speak against it.
func (c *city) answerIsNewer() {
	stale := c.only("wang")
	a := c.carried(c.about(card.CommandLoss, "wang", 1))
	require.Greater(c.t, a.CardVersion, stale.Version)
	f := c.only("wang")
	require.True(c.t, f.Social.Lost())
	require.GreaterOrEqual(c.t, f.Version, a.CardVersion)
}
