package registry

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

func TestMatchPerson(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	other, err := models.ParseName("王建军")
	require.NoError(t, err)
	id, err := models.ParseIDNumber("410303198001010015", g.clock.Now())
	require.NoError(t, err)
	unknown, err := models.ParseIDNumber("41030319800101004x", g.clock.Now())
	require.NoError(t, err)

	p, err := g.cards.MatchPerson(t.Context(), name, id)
	require.NoError(t, err)
	require.Equal(t, "王建国", p.Name.Reveal())
	require.Equal(t, "13803790101", p.Phone.Reveal())
	require.True(t, p.IsHead)
	require.Equal(t, citizen.Alive, p.LivingStatus)
	again, err := g.cards.Person(t.Context(), p.Ref)
	require.NoError(t, err)
	require.Equal(t, p, again)
	for _, ask := range []func() error{
		func() error { _, err := g.cards.MatchPerson(t.Context(), other, id); return err },
		func() error { _, err := g.cards.MatchPerson(t.Context(), name, unknown); return err },
		func() error { _, err := g.cards.Person(t.Context(), "p0"); return err },
		func() error { _, err := g.cards.Person(t.Context(), "p 0/卡?x=1"); return err },
	} {
		require.ErrorIs(t, ask(), citizen.ErrNoMatch)
	}
	g.fault(sandbox.Fault{Fault: sandbox.FaultDown})
	_, err = g.cards.MatchPerson(t.Context(), name, id)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.NotContains(t, err.Error(), "410303198001010015")
	require.NotContains(t, err.Error(), "王建国")
}

// R23: the registry names a child's guardians, with every answer anew.
func TestR23_TheChildsGuardiansAreTold(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	name, err := models.ParseName("智晨")
	require.NoError(t, err)
	id, err := models.ParseIDNumber("410327201006150039", g.clock.Now())
	require.NoError(t, err)
	mother, ok := g.other.Citizen("chen")
	require.True(t, ok)
	wang, ok := g.other.Citizen("wang")
	require.True(t, ok)
	p, err := g.cards.MatchPerson(t.Context(), name, id)
	require.NoError(t, err)
	require.Contains(t, p.Guardians, models.PersonRef(mother.PersonRef))
	require.NotContains(t, p.Guardians, models.PersonRef(wang.PersonRef))
	for _, h := range []sandbox.Happening{{Kind: "guardian", Citizen: "child", Guardian: "wang"}, {Kind: "guardian", Citizen: "child", Guardian: "chen", Reason: "ended"}} {
		_, err = g.other.Happen(h)
		require.NoError(t, err)
	}
	p, err = g.cards.MatchPerson(t.Context(), name, id)
	require.NoError(t, err)
	require.Contains(t, p.Guardians, models.PersonRef(wang.PersonRef))
	require.NotContains(t, p.Guardians, models.PersonRef(mother.PersonRef))
	_, err = g.other.Happen(sandbox.Happening{Kind: "guardian", Citizen: "child", Guardian: "nobody"})
	require.Error(t, err)
}

func TestCommandsAreCarriedOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	loss := g.about(card.CommandLoss, "wang", 1)
	_, err := g.cards.Asked(t.Context(), loss.ID)
	require.ErrorIs(t, err, card.ErrNeverHeard)
	a, err := g.cards.Carry(t.Context(), loss, nil)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeDone, a.Outcome)
	require.Equal(t, "00", a.Code)
	require.Equal(t, g.clock.Now(), a.EffectiveAt)
	require.NotEmpty(t, a.Reference)
	again, err := g.cards.Carry(t.Context(), loss, nil)
	require.NoError(t, err)
	require.Equal(t, a, again)
	asked, err := g.cards.Asked(t.Context(), loss.ID)
	require.NoError(t, err)
	require.Equal(t, a, asked)
	require.Equal(t, 1, g.effects(loss))

	facts, err := g.cards.CardsOf(t.Context(), loss.PersonRef)
	require.NoError(t, err)
	require.Len(t, facts, 1)
	require.Equal(t, card.SocialLossTemp, facts[0].Social)
	require.Equal(t, card.FinancialActive, facts[0].Financial, "R28: the other account is unchanged")
	require.Equal(t, string(loss.ID), facts[0].Loss.RequestID)
	require.Equal(t, a.CardVersion, facts[0].Version)
	require.Len(t, facts[0].NumberMask, 9)
	require.Contains(t, facts[0].NumberMask, "*****")

	second := g.about(card.CommandLoss, "wang", 2)
	a, err = g.cards.Carry(t.Context(), second, nil)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeAlready, a.Outcome)
	late := g.about(card.CommandRelease, "wang", 1)
	a, err = g.cards.Carry(t.Context(), late, nil)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeRefused, a.Outcome)
	require.Equal(t, "SEQ_OLD", a.Code)
}

// Each way in which a call can fail, what it must be called, and how often the loss happened at the other side.
func TestFateOfAFailedCommand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   sandbox.Fault
		timeout time.Duration
		want    error
		code    string
		effects int
	}{
		"busy":       {sandbox.Fault{Fault: sandbox.FaultBusy}, 0, card.ErrNotSent, "BUSY", 0},
		"down":       {sandbox.Fault{Fault: sandbox.FaultDown}, 0, ErrUnknownFate, "ANSWER_NOT_SIGNED", 0},
		"off":        {sandbox.Fault{Fault: sandbox.FaultOff}, 0, ErrUnknownFate, "CONNECTION", 0},
		"lost reply": {sandbox.Fault{Fault: sandbox.FaultLoseReply}, 0, ErrUnknownFate, "CONNECTION", 1},
		"forged":     {sandbox.Fault{Fault: sandbox.FaultForge}, 0, ErrUnknownFate, "ANSWER_NOT_SIGNED", 1},
		"late":       {sandbox.Fault{Fault: sandbox.FaultLate, DelayMS: 60_000}, 300 * time.Millisecond, ErrUnknownFate, "TIMEOUT", 1},
		"only taken": {sandbox.Fault{Fault: sandbox.FaultAccept}, 0, ErrUnknownFate, "OUTCOME_OPEN", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, Options{})
			if c.timeout > 0 {
				g.cards.timeout = c.timeout
			}
			c.fault.Op, c.fault.Times = "commands", 1
			g.fault(c.fault)
			loss := g.about(card.CommandLoss, "wang", 1)
			_, err := g.cards.Carry(t.Context(), loss, nil)
			require.ErrorIs(t, err, c.want)
			var call *CallError
			require.ErrorAs(t, err, &call)
			require.Equal(t, c.code, call.Code)
			require.Equal(t, c.effects, g.effects(loss))
		})
	}
}

func TestWhatNeverLeftIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Breaker: Breaker{Failures: 2, Of: 2, Delay: time.Hour}})
	loss := g.about(card.CommandLoss, "wang", 1)
	g.server.Close()
	for range 2 {
		_, err := g.cards.Carry(t.Context(), loss, nil)
		require.ErrorIs(t, err, card.ErrNotSent)
		require.NotErrorIs(t, err, ErrUnknownFate)
	}
	_, err := g.cards.Carry(t.Context(), loss, nil)
	require.ErrorIs(t, err, card.ErrNotSent)
	require.ErrorContains(t, err, "BREAKER_OPEN")
	require.NotContains(t, err.Error(), "127.0.0.1")
}

func TestBreakerLetsOneCallTryAgain(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Breaker: Breaker{Failures: 2, Of: 2, Delay: time.Millisecond}})
	g.fault(sandbox.Fault{Fault: sandbox.FaultDown, Times: 2})
	for range 2 {
		require.Error(t, g.cards.Health(t.Context()))
	}
	require.Eventually(t, func() bool { return g.cards.Health(t.Context()) == nil }, 5*time.Second, 2*time.Millisecond)
	require.True(t, g.cards.breakers[ReadLane].IsClosed())
}

// Design 7: a loss never waits. A feed that fails at every call says nothing about commands.
func TestAFailingFeedDoesNotKeepALossFromBeingSent(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Breaker: Breaker{Failures: 2, Of: 2, Delay: time.Hour}})
	g.fault(sandbox.Fault{Op: "feed", Fault: sandbox.FaultDown})
	for range 3 {
		_, err := g.cards.Page(t.Context(), "", 10)
		require.Error(t, err)
	}
	loss := g.about(card.CommandLoss, "wang", 1)
	a, err := g.cards.Carry(t.Context(), loss, nil)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeDone, a.Outcome)
}

func TestRefusalOfTheRegistryIsAnAnswer(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.fault(sandbox.Fault{Fault: sandbox.FaultRefuse, Code: "CARD_LOCKED", Times: 1})
	a, err := g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang", 1), nil)
	require.NoError(t, err)
	require.Equal(t, card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_LOCKED"}, a)
}

func TestWrongSecretIsRefusedAndNothingHappens(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.cards.keys.secret = []byte("another secret, of thirty-two ch")
	loss := g.about(card.CommandLoss, "wang", 1)
	_, err := g.cards.Carry(t.Context(), loss, nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "another secret")
	require.Zero(t, g.effects(loss))
}

func TestR17_AnApplicationIsCarriedWithItsPictures(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	li, _ := g.other.Citizen("li")
	g.pictures["u1"], g.pictures["u2"] = []byte("\xff\xd8\xff photo"), []byte("\x89PNG\r\n\x1a\n front")
	outlet := g.firstOutlet()
	app := &card.Application{PersonID: models.ID(li.PersonRef), BankCode: "103", OutletRef: outlet,
		Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: "u1", card.UploadIDFront: "u2"}}
	cmd := card.Command{ID: models.NewID(), Kind: card.CommandApplication, PersonRef: models.PersonRef(li.PersonRef), Channel: models.AlipayLife,
		NotAfter: g.clock.Now().Add(time.Hour)}
	missing := *app
	missing.Uploads = map[card.UploadPurpose]models.ID{card.UploadPhoto: "nothing"}
	_, err := g.cards.Carry(t.Context(), cmd, &missing)
	require.ErrorIs(t, err, card.ErrNotSent)
	require.ErrorIs(t, err, card.ErrPictureUnreadable, "told apart: a hand of ours must mend it")
	g.fault(sandbox.Fault{Fault: sandbox.FaultLoseReply, Op: "attachments", Times: 1})
	_, err = g.cards.Carry(t.Context(), cmd, app)
	require.ErrorIs(t, err, card.ErrNotSent, "a picture that may have arrived is no command")

	a, err := g.cards.Carry(t.Context(), cmd, app)
	require.NoError(t, err)
	require.Equal(t, card.OutcomeAccepted, a.Outcome)
	require.Equal(t, g.other.Applications("li")[0].Ref, a.Reference)
	asked, err := g.cards.Asked(t.Context(), cmd.ID)
	require.NoError(t, err)
	require.Equal(t, a, asked)
}

func (g *rig) firstOutlet() string {
	g.t.Helper()
	page, err := g.cards.Page(g.t.Context(), "", 50)
	require.NoError(g.t, err)
	for _, e := range page.Events {
		if e.Entity == "outlet" {
			return e.EntityID
		}
	}
	require.Fail(g.t, "no outlet")
	return ""
}

func TestBudgetLanes(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Budget: BudgetFunc(func(_ context.Context, lane Lane) error {
		if lane != LossLane {
			return ErrBudgetFull
		}
		return nil
	})})
	require.ErrorContains(t, g.cards.Health(t.Context()), "BUDGET_FULL")
	_, err := g.cards.Carry(t.Context(), g.about(card.CommandRelease, "wang", 1), nil)
	require.ErrorIs(t, err, card.ErrNotSent)
	_, err = g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang", 1), nil)
	require.NoError(t, err)
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	good := g.source("cards", cardsSecret)
	for name, bend := range map[string]func(){
		"url": func() { good.URL = "ftp://registry" }, "client": func() { good.ClientID = "" }, "certificate": func() { good.CertFile = "/nowhere" },
	} {
		keep := good
		bend()
		_, err := NewCards(configs.CardsSource{Source: good}, Options{}, g, g)
		require.Error(t, err, name)
		good = keep
	}
	require.NotErrorIs(t, ErrUnknownFate, card.ErrNotSent)
}
