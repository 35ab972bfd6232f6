package subsidy

import (
	"context"
	"strings"
	"time"

	"onecard/models"
)

// The checks of readiness, in the order in which they are asked (R5).
const (
	CheckInSystem      = "in_system"
	CheckCardIssued    = "card_issued"
	CheckCardCollected = "card_collected"
	CheckMoneyAccount  = "money_account"
	CheckPhone         = "phone_on_file"
	CheckSocialAccount = "social_account"
)

// Verdict is what a check, or all of them together, came to.
type Verdict string

// The verdicts. Advice never keeps money from coming.
const (
	VerdictOK      Verdict = "ok"
	VerdictMissing Verdict = "missing"
	VerdictAdvice  Verdict = "advice"
	VerdictUnknown Verdict = "unknown"   // the source has not said
	VerdictPending Verdict = "not_due"   // what comes before it is missing
	Ready          Verdict = "ready"     // of the whole
	NotReady       Verdict = "not_ready" // of the whole
)

// ReadinessCheck is one question with its answer.
type ReadinessCheck struct {
	Check   string
	Name    string // in plain words
	Verdict Verdict
	Code    string // NO_CARD; empty where all is well
	Said    string
	Next    Step
	Since   time.Time // when the source says it changed
	AsOf    time.Time // how fresh our copy of that source is
}

// Readiness tells whether money can reach a person, and what is missing (R5, R25).
type Readiness struct {
	Verdict Verdict // ready | not_ready | unknown
	Code    string  // of the first thing missing
	Checks  []ReadinessCheck
	Bank    Bank    // of the card's face
	Places  []Place // its card windows nearby, or where the card waits
	AsOf    time.Time
}

// ReadinessOf asks the checks in order. The money needs the financial account alone: an inactive social-security
// account and a missing phone are advice. It is a function of the facts and nothing else.
func ReadinessOf(s Standing, bank Bank, waitsAt Place) Readiness {
	r := Readiness{Verdict: Ready, Bank: bank, AsOf: earlier(s.CardsAsOf, s.PaymentsAsOf)}
	add := func(check string, v Verdict, code string, since, asOf time.Time) {
		c := ReadinessCheck{Check: check, Name: readinessNames[check], Verdict: v, Code: code, Since: since, AsOf: asOf}
		c.Said, c.Next = readinessWords[code].said, readinessWords[code].next
		c.Next.Text = strings.ReplaceAll(c.Next.Text, "%s", whither(code, bank, waitsAt))
		r.Checks = append(r.Checks, c)
		switch {
		case v == VerdictMissing && r.Verdict != NotReady:
			r.Verdict, r.Code = NotReady, code
		case v == VerdictUnknown && r.Verdict == Ready:
			r.Verdict, r.Code = VerdictUnknown, code
		}
	}
	v, code := inSystem(s)
	add(CheckInSystem, v, code, s.PayeeChangedAt, s.PaymentsAsOf)
	var since time.Time
	if s.Card != nil {
		since = s.Card.ChangedAt
	}
	v, code = issued(s)
	add(CheckCardIssued, v, code, since, s.CardsAsOf)
	v, code = collected(s)
	add(CheckCardCollected, v, code, since, s.CardsAsOf)
	v, code = moneyAccount(s)
	add(CheckMoneyAccount, v, code, since, s.CardsAsOf)
	if v, code = VerdictOK, ""; !s.HasPhone && !s.PhoneOnFile {
		v, code = VerdictAdvice, "PHONE_MISSING"
	}
	add(CheckPhone, v, code, s.ChangedAt, s.CardsAsOf)
	switch v, code = VerdictOK, ""; {
	case !held(s):
		v = VerdictPending
	case s.Card.SocialInactive:
		v, code = VerdictAdvice, "SOCIAL_ACCOUNT_INACTIVE"
	}
	add(CheckSocialAccount, v, code, since, s.CardsAsOf)
	return r
}

func inSystem(s Standing) (Verdict, string) {
	switch {
	case !s.PayeeKnown:
		return VerdictUnknown, "IN_SYSTEM_UNKNOWN"
	case !s.InSystem:
		return VerdictMissing, "NOT_IN_SYSTEM"
	}
	return VerdictOK, ""
}

func issued(s Standing) (Verdict, string) {
	switch {
	case s.Card == nil && s.Applying:
		return VerdictMissing, "CARD_APPLIED"
	case s.Card == nil && s.CardsAsOf.IsZero(): // that none is here says nothing yet
		return VerdictUnknown, "CARD_UNKNOWN"
	case s.Card == nil:
		return VerdictMissing, "NO_CARD"
	case s.Card.Making:
		return VerdictMissing, "CARD_IN_PRODUCTION"
	}
	return VerdictOK, ""
}

func collected(s Standing) (Verdict, string) {
	switch {
	case s.Card == nil || s.Card.Making:
		return VerdictPending, ""
	case s.Card.Waiting:
		return VerdictMissing, "CARD_NOT_COLLECTED"
	}
	return VerdictOK, ""
}

// held reports whether the person has a card in her hand.
func held(s Standing) bool { return s.Card != nil && !s.Card.Making && !s.Card.Waiting }

func moneyAccount(s Standing) (Verdict, string) {
	if !held(s) {
		return VerdictPending, ""
	}
	switch s.Card.Money {
	case MoneyActive:
		return VerdictOK, ""
	case MoneyInactive:
		if s.Replaced() {
			return VerdictMissing, "NEW_CARD_NOT_ACTIVATED"
		}
		return VerdictMissing, "MONEY_ACCOUNT_INACTIVE"
	case MoneyNotOpened:
		return VerdictMissing, "MONEY_ACCOUNT_UNOPENED"
	case MoneyLost:
		return VerdictMissing, "MONEY_ACCOUNT_LOST"
	case MoneyRestricted:
		return VerdictMissing, "MONEY_ACCOUNT_RESTRICTED"
	case MoneyClosed:
		return VerdictMissing, "MONEY_ACCOUNT_CLOSED"
	}
	return VerdictUnknown, "MONEY_ACCOUNT_UNKNOWN"
}

// whither is the place a step names.
func whither(code string, bank Bank, waitsAt Place) string {
	switch {
	case code == "CARD_NOT_COLLECTED" && waitsAt.Name != "":
		return waitsAt.Name
	case code == "CARD_NOT_COLLECTED":
		return "领卡网点"
	case bank.Name == "":
		return "卡面银行"
	}
	return bank.Name
}

// earlier is the older of two known instants.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// placesNamed is how many windows of the bank an answer names.
const placesNamed = 5

// Explainer answers whether money can come and why it has not. It reads what both sources told; it changes nothing.
type Explainer struct {
	Standings    Standings
	Offices      Offices
	Declarations Declarations
	Stories      Stories
	Catalogue    *Service // whose copy of it names programmes
	Banks        CardBanks
	Household    HouseholdPolicy
	Policy       ExplainPolicy
	Cases        Cases
	Previews     Previews
	HistoryFrom  time.Time // batches announced before are no news
	Told         Told
	Gate         Gate
	Clock        models.Clock
}

// Readiness tells the actor's subject whether she can be paid, and what is missing (R5).
func (e *Explainer) Readiness(ctx context.Context, by models.Actor) (Readiness, error) {
	if err := e.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return Readiness{}, err
	}
	s, err := e.Standings.Standing(ctx, by.Subject)
	if err != nil {
		return Readiness{}, err
	}
	bank, waitsAt, err := e.whereTo(ctx, s)
	if err != nil {
		return Readiness{}, err
	}
	r := ReadinessOf(s, bank, waitsAt)
	switch {
	case s.Card == nil:
	case waitsAt.Name != "":
		r.Places = []Place{waitsAt}
	default:
		if r.Places, err = e.Banks.BankPlaces(ctx, s.Card.BankCode, s.District, placesNamed); err != nil {
			return Readiness{}, err
		}
	}
	return r, nil
}

// whereTo is the bank of the card's face, and the outlet where the card waits.
func (e *Explainer) whereTo(ctx context.Context, s Standing) (bank Bank, waitsAt Place, err error) {
	if s.Card == nil {
		return bank, waitsAt, nil
	}
	if bank, err = e.Banks.CardBank(ctx, s.Card.BankCode, e.Clock.Now()); err != nil || !s.Card.Waiting {
		return bank, waitsAt, err
	}
	waitsAt, err = e.Banks.PlaceByRef(ctx, s.Card.OutletRef)
	return bank, waitsAt, err
}
