package cardstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// Run holds a source to its promise. open makes a fresh side for each behaviour.
func Run(t *testing.T, p Promise, open func(t *testing.T, s Setup) Side) {
	t.Helper()
	for name, b := range map[string]struct {
		setup Setup
		holds func(c *city)
	}{
		"who somebody is":                               {holds: (*city).persons},
		"a card as it stands":                           {holds: (*city).cards},
		"a loss, and the same again":                    {holds: (*city).loss},
		"a formal loss":                                 {holds: (*city).formal},
		"a release, and one of nothing":                 {holds: (*city).release},
		"a loss after a release after a loss":           {holds: (*city).order},
		"a loss at a counter":                           {holds: (*city).elsewhere},
		"a card that was replaced":                      {holds: (*city).replaced},
		"a refusal has a name":                          {holds: (*city).refused},
		"a person unknown here":                         {holds: (*city).stranger},
		"an answer that never came":                     {holds: (*city).lostReply},
		"a command that never arrived":                  {holds: (*city).neverArrived},
		"nonsense, half an answer, one far too long":    {holds: (*city).spoilt},
		"somebody else's answer":                        {holds: (*city).forged},
		"a source that is slow":                         {setup: Setup{Timeout: 2 * time.Second}, holds: (*city).slow},
		"a source that says it is busy":                 {holds: (*city).busy},
		"a source that is down, and back":               {holds: (*city).down},
		"what never left":                               {holds: (*city).unsent},
		"the budget is for losses first":                {setup: Setup{OnlyLosses: true}, holds: (*city).budget},
		"nothing personal in an error":                  {holds: (*city).discreet},
		"an old order of a card":                        {holds: (*city).fence},
		"a version that rises":                          {holds: (*city).versions},
		"an application where none are taken":           {holds: (*city).applications},
		"two of one loss at once":                       {holds: (*city).together},
		"an answer is the word after what was asked of": {holds: (*city).answerIsNewer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.holds(&city{Side: open(t, b.setup), t: t, p: p})
		})
	}
}

func (c *city) persons() {
	name, id := c.papers("wang")
	p, err := c.Source.MatchPerson(c.t.Context(), name, id)
	require.NoError(c.t, err)
	ref, _ := c.Card("wang")
	require.Equal(c.t, ref, p.Ref)
	require.Equal(c.t, name, p.Name)
	require.Equal(c.t, id, p.IDNumber)
	require.Equal(c.t, "13803790101", p.Phone.Reveal(), "codes for binding go there")
	require.Equal(c.t, citizen.Alive, p.LivingStatus)
	require.Equal(c.t, id.Birth(), p.BirthDate)

	other, err := models.ParseName("王建军")
	require.NoError(c.t, err)
	unknown, err := models.ParseIDNumber("41030319800101004x", c.Clock.Now())
	require.NoError(c.t, err)
	_, err = c.Source.MatchPerson(c.t.Context(), other, id)
	require.ErrorIs(c.t, err, citizen.ErrNoMatch, "a wrong name and an unknown number are one answer (R52)")
	_, err = c.Source.MatchPerson(c.t.Context(), name, unknown)
	require.ErrorIs(c.t, err, citizen.ErrNoMatch)
}

func (c *city) cards() {
	f := c.only("wang")
	require.Equal(c.t, card.SocialNormal, f.Social)
	require.Equal(c.t, card.Collected, f.Holding)
	require.Len(c.t, f.NumberMask, 9)
	require.Contains(c.t, f.NumberMask, "*****", "the printed number is masked")
	require.Len(c.t, f.AccountTail, 4, "four digits of the account, and no more")
	require.Equal(c.t, "313LY", f.BankCode)
	require.False(c.t, f.ChangedAt.IsZero())
	if ref, _ := c.Card("zhang"); ref != "" {
		require.NotEqual(c.t, f.Ref, c.only("zhang").Ref)
	}
}

func (c *city) loss() {
	first := c.about(card.CommandLoss, "wang", 1)
	a := c.carried(first)
	require.Equal(c.t, card.OutcomeDone, a.Outcome)
	require.Equal(c.t, "00", a.Code)
	require.Equal(c.t, c.Clock.Now(), a.EffectiveAt)
	require.Positive(c.t, a.CardVersion)
	require.True(c.t, c.Lost("wang"))
	again := c.carried(first)
	if c.p.RequestIDs {
		require.Equal(c.t, a, again, "one id, one answer")
	} else {
		require.Equal(c.t, card.OutcomeAlready, again.Outcome, "done twice is answered 01")
	}
	another := c.carried(c.about(card.CommandLoss, "wang", 2))
	require.Equal(c.t, card.OutcomeAlready, another.Outcome, "in force, origin unknown")
	require.Equal(c.t, "01", another.Code)
	require.Equal(c.t, 1, c.Effects("wang"), "one effect")
	f := c.only("wang")
	require.Equal(c.t, card.SocialLossTemp, c.temporary(f))
	require.Equal(c.t, c.p.Origin, f.Loss != nil, "who made it is told only where the source knows")
	require.NotEqual(c.t, card.FinancialLoss, f.Financial, "R28: the other account is unchanged")
}

// temporary is how a temporary loss stands; a source that knows the formal one only has that.
func (c *city) temporary(f card.Fact) card.SocialState {
	if f.Social == card.SocialLoss && !c.p.Origin {
		return card.SocialLossTemp
	}
	return f.Social
}

func (c *city) formal() {
	cmd := c.about(card.CommandLoss, "wang", 1)
	cmd.LossKind = card.LossFormal
	require.Equal(c.t, card.OutcomeDone, c.carried(cmd).Outcome)
	require.Equal(c.t, card.SocialLoss, c.only("wang").Social)
}

func (c *city) release() {
	none := c.carried(c.about(card.CommandRelease, "wang", 1))
	require.Equal(c.t, card.OutcomeAlready, none.Outcome, "nothing to release is released")
	c.carried(c.about(card.CommandLoss, "wang", 2))
	a := c.carried(c.about(card.CommandRelease, "wang", 3))
	require.Equal(c.t, card.OutcomeDone, a.Outcome)
	require.False(c.t, c.Lost("wang"))
	f := c.only("wang")
	require.Equal(c.t, card.SocialNormal, f.Social, "back as it was before")
	require.Nil(c.t, f.Loss)
	require.Equal(c.t, 2, c.Effects("wang"))
}

func (c *city) order() {
	for seq, want := range []struct {
		kind card.CommandKind
		lost bool
	}{{card.CommandLoss, true}, {card.CommandRelease, false}, {card.CommandLoss, true}} {
		a := c.carried(c.about(want.kind, "wang", int64(seq+1)))
		require.Equal(c.t, card.OutcomeDone, a.Outcome)
		require.Equal(c.t, want.lost, c.Lost("wang"))
	}
}

func (c *city) elsewhere() {
	before := c.only("wang")
	c.Window("loss", "wang")
	f := c.only("wang")
	require.True(c.t, f.Social.Lost())
	require.Greater(c.t, f.Version, before.Version)
	require.Equal(c.t, card.OutcomeAlready, c.carried(c.about(card.CommandLoss, "wang", 1)).Outcome)
	c.Window("release", "wang")
	require.True(c.t, c.only("wang").Social.Free())
}

func (c *city) replaced() {
	old := c.about(card.CommandLoss, "wang", 1)
	c.Window("replace", "wang")
	a := c.carried(old)
	require.Equal(c.t, card.OutcomeRefused, a.Outcome)
	require.Equal(c.t, "CARD_VOID", a.Code, "R42")
	require.Zero(c.t, c.Effects("wang"))
}

func (c *city) refused() {
	for _, code := range []string{"CARD_LOCKED", "CARD_SEALED", "CARD_NOT_OF_PERSON"} {
		c.Fault("commands", "refuse", 1, More{Code: code})
		a := c.carried(c.about(card.CommandLoss, "wang", 1))
		require.Equal(c.t, card.OutcomeRefused, a.Outcome)
		require.Equal(c.t, code, a.Code)
	}
	require.Zero(c.t, c.Effects("wang"))
}

func (c *city) stranger() {
	cmd := c.about(card.CommandLoss, "wang", 1)
	cmd.PersonRef, cmd.CardRef = "p0", "c0"
	a, err := c.Source.Carry(c.t.Context(), cmd, nil)
	require.NoError(c.t, err)
	require.Equal(c.t, card.OutcomeRefused, a.Outcome)
	facts, err := c.Source.CardsOf(c.t.Context(), "p0")
	require.Empty(c.t, facts)
	if err != nil {
		require.ErrorIs(c.t, err, models.ErrUnavailable)
	}
}
