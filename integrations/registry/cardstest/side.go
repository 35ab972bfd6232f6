// Package cardstest is what every `cards` source must keep, whichever adapter speaks to it: one suite, run by each adapter
// against its pretend other side over real HTTP. Where a protocol cannot promise something, it says so in Promise and the
// suite holds it to the weaker promise instead.
package cardstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// Source is what cards and identity need of the source.
type Source interface {
	card.Registry
	citizen.Registry
}

// Promise is what a protocol can keep.
type Promise struct {
	// RequestIDs: a command repeated under its id has one effect and one answer, and can be asked about. Without them ReadBack
	// tells how the card stands.
	RequestIDs bool
	// NotAfter: the source itself refuses a command that comes too late. Without it we do not send one.
	NotAfter bool
	// Fence: a command of a card that is older than one seen is refused.
	Fence bool
	// Origin: facts say who made a loss and by which request.
	Origin bool
	// Charsets: the source writes its texts in one charset of several.
	Charsets bool
	// SaysBusy: its "busy" is believed to mean that nothing was done.
	SaysBusy bool
}

// Setup is how a side is opened.
type Setup struct {
	Timeout    time.Duration // of one call; zero: a few seconds
	OnlyLosses bool          // the budget leaves nothing for other lanes
}

// Side is a fresh city, its source, and our adapter of it.
type Side struct {
	Source   Source
	ReadBack card.ReadBack // nil where there are request ids
	Clock    *models.ManualClock
	// Fault makes the next calls fail, so often: of op person (who is it, how does her card stand) or commands.
	Fault func(op, fault string, times int, more More)
	// Card is a named citizen's present card.
	Card func(citizen string) (models.PersonRef, models.CardRef)
	// Papers are her name and number.
	Papers func(citizen string) (name, number string)
	// Lost is the truth about her card.
	Lost func(citizen string) bool
	// Effects counts what was really changed on her card.
	Effects func(citizen string) int
	// Window lets something happen at a counter: loss, release, replace.
	Window func(what, citizen string)
	// Stop takes the other side off the network.
	Stop func()
}

// More is what a fault may need.
type More struct {
	Code  string
	Delay time.Duration
}

// city is a side in a test.
type city struct {
	Side
	t *testing.T
	p Promise
}

// about is a command about a named citizen's card.
func (c *city) about(kind card.CommandKind, citizen string, seq int64) card.Command {
	c.t.Helper()
	person, ref := c.Card(citizen)
	return card.Command{ID: models.NewID(), Kind: kind, PersonRef: person, CardRef: ref, CardSeq: seq, LossKind: card.LossAsRegistry,
		Channel: models.WechatMini, NotAfter: c.Clock.Now().Add(time.Minute)}
}

// carried is a command that must be answered.
func (c *city) carried(cmd card.Command) card.Answer {
	c.t.Helper()
	a, err := c.Source.Carry(c.t.Context(), cmd, nil)
	require.NoError(c.t, err)
	return a
}

// found asks what became of a command: by its id, or by looking at the card.
func (c *city) found(cmd card.Command) (card.Answer, error) {
	c.t.Helper()
	if c.p.RequestIDs {
		return c.Source.Asked(c.t.Context(), cmd.ID)
	}
	return c.ReadBack.StateAfter(c.t.Context(), cmd)
}

// papers reads a citizen's name and number as she would type them.
func (c *city) papers(citizen string) (models.Name, models.IDNumber) {
	c.t.Helper()
	name, number := c.Papers(citizen)
	n, err := models.ParseName(name)
	require.NoError(c.t, err)
	id, err := models.ParseIDNumber(number, c.Clock.Now())
	require.NoError(c.t, err)
	return n, id
}

// only is the one card that the source tells of a citizen.
func (c *city) only(citizen string) card.Fact {
	c.t.Helper()
	person, ref := c.Card(citizen)
	facts, err := c.Source.CardsOf(c.t.Context(), person)
	require.NoError(c.t, err)
	require.Len(c.t, facts, 1)
	require.Equal(c.t, ref, facts[0].Ref)
	require.Equal(c.t, person, facts[0].PersonRef)
	return facts[0]
}
