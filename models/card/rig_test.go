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

// city is a rig in memory with one person (wang) and her card.
type city struct {
	*cardtest.Rig
	t      *testing.T
	memory *cardtest.Memory
	wang   models.ID
	card   models.ID
}

const ref = models.CardRef("C-1")

func newCity(t *testing.T) *city { return newCityAt(t, true) }

func newCityAt(t *testing.T, fence bool) *city {
	t.Helper()
	clock := models.NewManualClock(cardtest.Start)
	memory := cardtest.NewMemory(clock)
	c := &city{Rig: cardtest.NewRig(clock, memory, cardtest.NewRegistry(clock, fence)), t: t, memory: memory, wang: memory.AddPerson("P-1")}
	c.Registry.Issue(ref, "P-1")
	c.feed()
	own, err := memory.CardsOfPerson(t.Context(), c.wang)
	require.NoError(t, err)
	c.card = own[0].ID
	t.Cleanup(func() { require.Empty(t, c.Store.Violations) })
	return c
}

func (c *city) feed() {
	c.t.Helper()
	require.NoError(c.t, c.Feed(context.Background()))
}

// fates are what the network does to the next commands, in order; then all are answered.
func (c *city) fates(next ...cardtest.Fate) {
	c.Registry.Fate = func(card.Command) cardtest.Fate {
		if len(next) == 0 {
			return cardtest.Answered
		}
		f := next[0]
		next = next[1:]
		return f
	}
}

// always is one fate for all commands.
func (c *city) always(f cardtest.Fate) {
	c.Registry.Fate = func(card.Command) cardtest.Fate { return f }
}

func (c *city) me() models.Actor { return c.Citizen(c.wang) }

func (c *city) report() card.LossReport {
	c.t.Helper()
	res, err := c.ReportLoss(c.t.Context(), c.me(), card.ReportLossInput{CardID: c.card})
	require.NoError(c.t, err)
	return res.Report
}

func (c *city) release(r card.LossReport) card.LossReport {
	c.t.Helper()
	out, err := c.ReleaseLoss(c.t.Context(), c.me(), r.ID, "")
	require.NoError(c.t, err)
	return out
}

// sweep lets time pass and carries out what is due.
func (c *city) sweep(after time.Duration) {
	c.t.Helper()
	c.Clock.Advance(after)
	_, err := c.Sweep(c.t.Context(), 10)
	require.NoError(c.t, err)
}

func (c *city) watch() {
	c.t.Helper()
	_, err := c.WatchLosses(c.t.Context(), 10)
	require.NoError(c.t, err)
}

func (c *city) now(r card.LossReport) card.LossReport {
	c.t.Helper()
	out, err := c.memory.LossReport(c.t.Context(), r.ID)
	require.NoError(c.t, err)
	return out
}

func (c *city) tile() card.Tile {
	c.t.Helper()
	home, err := c.Cards(c.t.Context(), c.me())
	require.NoError(c.t, err)
	require.Len(c.t, home.Cards[0].Tiles, 2)
	return home.Cards[0].Tiles[0]
}

func (c *city) told(kind notice.Kind) []notice.Draft {
	var out []notice.Draft
	for _, d := range c.memory.Notices() {
		if d.Kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// text is the SMS of a draft.
func text(t *testing.T, d notice.Draft) string {
	t.Helper()
	spec, ok := notice.SpecOf(d.Kind)
	require.True(t, ok)
	return spec.Render(d.Params)
}

// said is the refusal as the citizen gets it.
func said(t *testing.T, err error) *models.Error {
	t.Helper()
	var refusal *models.Error
	require.ErrorAs(t, err, &refusal)
	return refusal
}
