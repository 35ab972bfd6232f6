package registry

import (
	"testing"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
)

// ordered is wang's replacement, taken by the registry although its reply was lost.
func (g *rig) ordered(reason card.ReplacementReason) (card.Command, *card.Application) {
	g.t.Helper()
	c := g.about(card.CommandReplacement, "wang", 0)
	app := &card.Application{PersonID: models.ID(c.PersonRef), ApplicantID: models.ID(c.PersonRef), BankCode: "103", OutletRef: g.firstOutlet(), Replaces: reason}
	g.fault(sandbox.Fault{Fault: sandbox.FaultLoseReply, Op: "commands", Times: 1})
	_, err := g.cards.Carry(g.t.Context(), c, app)
	require.ErrorIs(g.t, err, ErrUnknownFate)
	for range 2 {
		a, err := g.cards.Carry(g.t.Context(), c, app)
		require.NoError(g.t, err)
		require.Equal(g.t, card.OutcomeAccepted, a.Outcome)
		app.RegistryRef = a.Reference
	}
	a, err := g.cards.Asked(g.t.Context(), c.ID)
	require.NoError(g.t, err)
	require.Equal(g.t, []any{card.OutcomeAccepted, app.RegistryRef, int64(1)}, []any{a.Outcome, a.Reference, a.ApplicationVersion})
	require.Equal(g.t, 1, g.effects(c), "one order, however often it is sent")
	return c, app
}

// The old card is what it was until the new one is handed over; then one change ends it and brings the new one.
func TestR42_AReplacementIsCarriedAndEndsTheOldCardAtTheHandOver(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	old := g.other.CardsOf("wang")[0]
	c, _ := g.ordered(card.ReasonLost)
	require.Equal(t, "05", g.other.Applications("wang")[0].BusinessType)
	require.Equal(t, old.Ref, g.other.Applications("wang")[0].Replaces)
	for _, step := range []struct {
		stage string
		on    card.ApplicationEvent
	}{{"batched", card.StageBatched}, {"at_outlet", card.StageAtOutlet}} {
		g.happen(sandbox.Happening{Kind: "produce", Citizen: "wang", Stage: step.stage})
		require.Equal(t, step.on, g.lastFact().Event)
		require.Len(t, g.other.CardsOf("wang"), 1, "nothing is a card before it is handed over")
	}
	loss, err := g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang", 1), nil)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeDone, loss.Outcome, "until then the old one may be lost, and released")

	g.happen(sandbox.Happening{Kind: "replace", Citizen: "wang"})
	f := g.lastFact()
	require.Equal(t, []any{card.StageCollected, c.ID}, []any{f.Event, f.RequestID})
	cards, err := g.cards.CardsOf(t.Context(), c.PersonRef)
	require.NoError(t, err)
	require.Len(t, cards, 2)
	require.Equal(t, []any{card.SocialVoid, card.FinancialClosed}, []any{cards[0].Social, cards[0].Financial})
	require.Equal(t, []any{card.SocialInactive, card.FinancialInactive, card.Collected, "103"}, []any{cards[1].Social, cards[1].Financial, cards[1].Holding, cards[1].BankCode})
	require.NotEqual(t, cards[0].AccountTail, cards[1].AccountTail)
	release := g.about(card.CommandRelease, "wang", 2)
	late, err := g.cards.Carry(t.Context(), release, nil)
	require.NoError(t, err)
	require.Equal(t, []any{card.OutcomeRefused, "CARD_VOID"}, []any{late.Outcome, late.Code})
	again, err := g.cards.Carry(t.Context(), g.about(card.CommandReplacement, "wang", 0), &card.Application{BankCode: "103", OutletRef: g.firstOutlet(), Replaces: card.ReasonDamaged})
	require.NoError(t, err)
	require.Equal(t, "CARD_VOID", again.Code)
}

// A returned replacement is put right under its number, with a photo where one is wanted, though its person holds a card.
func TestR69_AReturnedReplacementIsCorrectedUnderItsNumber(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, app := g.ordered(card.ReasonDataWrong)
	g.happen(sandbox.Happening{Kind: "send_back", Citizen: "wang", Defects: []sandbox.Defect{{Code: "PHOTO_UNCLEAR"}}})
	require.Equal(t, card.ApplicationSentBack, g.lastFact().Event)
	g.pictures["u1"] = []byte("\xff\xd8\xff photo")
	app.Uploads = map[card.UploadPurpose]models.ID{card.UploadPhoto: "u1"}
	fix := g.about(card.CommandReplacementCorrection, "wang", 0)
	g.fault(sandbox.Fault{Fault: sandbox.FaultLoseReply, Op: "commands", Times: 1})
	_, err := g.cards.Carry(t.Context(), fix, app)
	require.ErrorIs(t, err, ErrUnknownFate)
	for range 2 {
		a, err := g.cards.Asked(t.Context(), fix.ID)
		require.NoError(t, err)
		require.Equal(t, []any{card.OutcomeAccepted, app.RegistryRef}, []any{a.Outcome, a.Reference})
		require.Equal(t, g.lastFact().Version, a.ApplicationVersion)
	}
	require.Equal(t, card.ApplicationTaken, g.lastFact().Event)
	again, err := g.cards.Carry(t.Context(), g.about(card.CommandReplacementCorrection, "wang", 0), app)
	require.NoError(t, err)
	require.Equal(t, "APPLICATION_NOT_RETURNED", again.Code)
	require.Len(t, g.other.Applications("wang"), 1)
	nameless := *app
	nameless.RegistryRef = ""
	_, err = g.cards.Carry(t.Context(), g.about(card.CommandReplacementCorrection, "wang", 0), &nameless)
	require.ErrorIs(t, err, card.ErrNotSent)
}

func TestR49_AReplacementIsWithdrawnOrRejected(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, app := g.ordered(card.ReasonExpired)
	require.Equal(t, "06", g.other.Applications("wang")[0].BusinessType)
	second, err := g.cards.Carry(t.Context(), g.about(card.CommandReplacement, "wang", 0), app)
	require.NoError(t, err)
	require.Equal(t, "APPLICATION_OPEN", second.Code)
	back := g.about(card.CommandReplacementWithdrawal, "wang", 0)
	a, err := g.cards.Carry(t.Context(), back, app)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeDone, a.Outcome)
	require.Equal(t, card.ApplicationGone, g.lastFact().Event)

	g.ordered(card.ReasonDamaged)
	g.happen(sandbox.Happening{Kind: "reject", Citizen: "wang", Reason: "PHOTO_NO_FACE"})
	f := g.lastFact()
	require.Equal(t, []any{card.ApplicationNo, "PHOTO_NO_FACE"}, []any{f.Event, f.ReasonCode})
	theirs := g.about(card.CommandReplacement, "zhang", 0)
	theirs.PersonRef = models.PersonRef(g.other.CardsOf("wang")[0].PersonRef)
	no, err := g.cards.Carry(t.Context(), theirs, app)
	require.NoError(t, err)
	require.Equal(t, "CARD_NOT_OF_PERSON", no.Code)
}
