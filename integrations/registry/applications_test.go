package registry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
)

// carriedApplication is li's application, taken by the registry.
func (g *rig) carriedApplication() (*card.Application, func(card.CommandKind) card.Command) {
	g.t.Helper()
	li, _ := g.other.Citizen("li")
	g.pictures["u1"] = []byte("\xff\xd8\xff photo")
	app := &card.Application{PersonID: models.ID(li.PersonRef), BankCode: "103", OutletRef: g.firstOutlet(), Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: "u1"}}
	of := func(kind card.CommandKind) card.Command {
		return card.Command{ID: models.NewID(), Kind: kind, PersonRef: models.PersonRef(li.PersonRef), Channel: models.AlipayLife, NotAfter: g.clock.Now().Add(time.Hour)}
	}
	a, err := g.cards.Carry(g.t.Context(), of(card.CommandApplication), app)
	require.NoError(g.t, err)
	require.EqualValues(g.t, 1, a.ApplicationVersion)
	app.RegistryRef = a.Reference
	return app, of
}

// lastFact is the newest fact about an application in the feed.
func (g *rig) lastFact() (f card.ApplicationFact) {
	g.t.Helper()
	events, _ := readAll(g.t, g.cards, "")
	for _, e := range events {
		if fact, ok := e.Fact.(card.ApplicationFact); ok {
			f = fact
		}
	}
	return f
}

func TestR69_AReturnIsReadWholeAndItsCorrectionCarried(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	app, of := g.carriedApplication()
	early, err := g.cards.Carry(t.Context(), of(card.CommandCorrection), app)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeRefused, early.Outcome)
	require.Equal(t, "APPLICATION_NOT_RETURNED", early.Code)
	g.happen(sandbox.Happening{Kind: "send_back", Citizen: "li", Defects: []sandbox.Defect{{Code: "PHOTO_UNCLEAR"}, {Code: "ID_EXPIRED", Text: "t", Wanted: "w"}, {Code: "X"}}})
	f := g.lastFact()
	require.Equal(t, card.ApplicationSentBack, f.Event)
	require.Equal(t, []card.Defect{{Code: "PHOTO_UNCLEAR"}, {Code: "ID_EXPIRED", Text: "t", Wanted: "w"}, {Code: "X"}}, f.Defects)

	fix := of(card.CommandCorrection)
	nameless := *app
	nameless.RegistryRef = ""
	_, err = g.cards.Carry(t.Context(), fix, &nameless)
	require.ErrorIs(t, err, card.ErrNotSent)
	g.fault(sandbox.Fault{Fault: sandbox.FaultLoseReply, Op: "commands", Times: 1})
	_, err = g.cards.Carry(t.Context(), fix, app)
	require.ErrorIs(t, err, ErrUnknownFate)
	a, err := g.cards.Asked(t.Context(), fix.ID)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeAccepted, a.Outcome)
	require.Equal(t, app.RegistryRef, a.Reference, "the same number")
	f = g.lastFact()
	require.Equal(t, card.ApplicationTaken, f.Event)
	require.Equal(t, f.Version, a.ApplicationVersion)
	require.Empty(t, f.Defects)
	require.Len(t, g.other.Applications("li"), 1)
}

func TestWithdrawalIsCarriedBeforeTheBatchOnly(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	app, of := g.carriedApplication()
	back := of(card.CommandWithdrawal)
	for range 2 {
		a, err := g.cards.Carry(t.Context(), back, app)
		require.NoError(t, err)
		require.Equal(t, card.OutcomeDone, a.Outcome)
	}
	again, err := g.cards.Carry(t.Context(), of(card.CommandWithdrawal), app)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeAlready, again.Outcome)
	require.Equal(t, card.ApplicationGone, g.lastFact().Event)

	app, of = g.carriedApplication() // one may apply anew
	g.happen(sandbox.Happening{Kind: "produce", Citizen: "li", Stage: "batched"})
	late, err := g.cards.Carry(t.Context(), of(card.CommandWithdrawal), app)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeRefused, late.Outcome)
	require.Equal(t, "TOO_LATE", late.Code)
	require.Equal(t, card.StageBatched, g.lastFact().Event)
	wang := of(card.CommandWithdrawal)
	c, _ := g.other.Citizen("wang")
	wang.PersonRef = models.PersonRef(c.PersonRef)
	theirs, err := g.cards.Carry(t.Context(), wang, app)
	require.NoError(t, err)
	require.Equal(t, "APPLICATION_UNKNOWN", theirs.Code, "nobody withdraws another's")
}
