package subsidy

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// ExplainQuery asks about a programme and a period, or about one payment.
type ExplainQuery struct {
	Programme string
	Period    string // empty: the newest that anything is known of
	Arrival   string // Key.String of a payment; then the others are not asked
}

// gathered is the facts on the way.
type gathered struct {
	Facts
	standing Standing
	township string
	known    *known
	editions editions
	home     []HomeDeclaration
	own      *HomeDeclaration
	paidTo   *StoryLine
}

// gather reads every fact an explanation of q may rest on.
func (e *Explainer) gather(ctx context.Context, by models.Actor, q ExplainQuery) (*gathered, error) {
	g := &gathered{Facts: Facts{Now: e.Clock.Now(), Period: q.Period}}
	var err error
	if g.StaleAfter, err = e.Policy.StaleAfter(ctx, g.Now); err != nil {
		return nil, err
	}
	if g.standing, err = e.Standings.Standing(ctx, by.Subject); err != nil {
		return nil, err
	}
	if g.known, err = e.Catalogue.look(ctx); err != nil {
		return nil, err
	}
	g.editions = g.known.editions
	if err := e.findLine(ctx, by, g, &q); err != nil {
		return nil, err
	}
	g.person()
	if err := e.findHome(ctx, g, q.Programme); err != nil {
		return nil, err
	}
	if err := e.findList(ctx, g, q.Programme); err != nil {
		return nil, err
	}
	return g, e.findPlaces(ctx, g, q.Programme)
}

// findLine finds the payment asked about, the programme as it was called then, and the places on lists; the newest of
// either says which period is meant where none is named.
func (e *Explainer) findLine(ctx context.Context, by models.Actor, g *gathered, q *ExplainQuery) error {
	var lines []StoryLine
	if q.Arrival != "" {
		k, ok := ParseKey(q.Arrival)
		if !ok {
			return ErrArrivalNotFound
		}
		l, err := e.lastOf(ctx, by.Subject, k)
		if errors.Is(err, models.ErrNotFound) {
			return ErrArrivalNotFound
		}
		if err != nil {
			return err
		}
		lines, q.Programme, g.Period = []StoryLine{l}, l.Payment.Programme, l.Payment.Period
	} else if err := e.mayName(ctx, by, g.editions, q.Programme); err != nil {
		return err
	}
	var err error
	if q.Arrival == "" {
		if lines, err = e.Stories.LinesAbout(ctx, by.Subject, q.Programme, g.Period); err != nil {
			return err
		}
	}
	if g.paidTo = newestLine(lines); g.paidTo != nil {
		if g.editions, err = e.Catalogue.naming(ctx, g.known, g.paidTo.Payment); err != nil {
			return err
		}
	}
	if g.home, err = e.Stories.HomeDeclarations(ctx, by.Subject, g.standing.HouseholdRef, q.Programme, g.Period); err != nil {
		return err
	}
	for _, d := range g.home {
		if d.Person == by.Subject {
			g.own = &d
			break
		}
	}
	g.called(q.Programme)
	g.home = slices.DeleteFunc(g.home, func(d HomeDeclaration) bool { return d.Person != by.Subject && !g.mayKnowOfOthers() })
	if g.Period == "" {
		switch {
		case g.own != nil && (g.paidTo == nil || g.own.Period != g.paidTo.Payment.Period && g.own.ChangedAt.After(g.paidTo.Payment.ChangedAt)):
			g.Period, g.paidTo = g.own.Period, nil
		case g.paidTo != nil:
			g.Period = g.paidTo.Payment.Period
		case len(g.home) > 0:
			g.Period = g.home[0].Period
		}
	}
	g.home = slices.DeleteFunc(g.home, func(d HomeDeclaration) bool { return d.Period != g.Period })
	if g.own != nil && g.own.Period != g.Period {
		g.own = nil
	}
	g.line()
	return nil
}

// mayKnowOfOthers reports whether somebody else's place on the list may play a part: only where it stands for the
// household, and of a sensitive item only for its head (R4, R55). Not even the period of another's place is told.
func (g *gathered) mayKnowOfOthers() bool {
	return g.Household && (g.Programme.Class() == SensitivityNormal || g.standing.IsHead)
}

// mostRepeats is how often a payment that came back is followed to the one that repeats it.
const mostRepeats = 5

// lastOf is a payment, or the one that repeats it now: what became of the money is told by the last.
func (e *Explainer) lastOf(ctx context.Context, person models.ID, k Key) (StoryLine, error) {
	l, err := e.Stories.LineAbout(ctx, person, k)
	for range mostRepeats {
		next, ok := ParseKey(l.Payment.ReissuedAs)
		if err != nil || !ok {
			break
		}
		again, gone := e.Stories.LineAbout(ctx, person, next)
		if gone != nil { // not here yet, or another's: the one we have says that it is under way
			break
		}
		l = again
	}
	return l, err
}

// mayName lets nobody ask for a High programme by its code without a fresh check: that there is an answer would name it.
func (e *Explainer) mayName(ctx context.Context, by models.Actor, all editions, code string) error {
	switch {
	case all[code] == nil:
		return ErrProgrammeNotFound
	case helped(by):
		return all.mayBeNamedBy(by, code)
	case all.class(code) == SensitivityHigh:
		return e.Gate.Allow(ctx, by, models.ActArrivalHigh)
	}
	return nil
}

// newestLine is the newest payment; before it comes the one that repeats it, or that was made in place of one taken back.
func newestLine(lines []StoryLine) *StoryLine {
	var best *StoryLine
	for i := range lines {
		l := &lines[i]
		if best == nil || over(best.Payment) && !over(l.Payment) && l.Payment.Period == best.Payment.Period {
			best = l
		}
	}
	return best
}

// over reports whether a payment has another in its place, or is taken back.
func over(p Payment) bool { return p.State == Reissued || p.Hold == HoldWithdrawn }

// called finds the programme as it is called today.
func (g *gathered) called(code string) {
	latest := 0
	for edition, p := range g.editions[code] {
		if p.InForce(models.DateOf(g.Now)) && edition > latest {
			latest = edition
		}
		if g.Programme.Edition < edition {
			g.Programme = p
		}
	}
	if latest > 0 {
		g.Programme = g.editions[code][latest]
	}
	if class := g.editions.class(code); class != SensitivityNormal {
		g.Programme.Sensitivity = class // the strictest that it ever had
	}
	g.Household = g.Programme.PayeeKind == ToHousehold
}

// line writes the payment down as a fact, and the programme as it was called then. It is named only to its payee, and
// only where she can open it.
func (g *gathered) line() {
	if g.paidTo == nil {
		return
	}
	p := g.paidTo.Payment
	key := p.Key
	if hidden(p.Hold) || p.OldChannel || p.PersonID != g.standing.Person {
		key = Key{}
	}
	if was, ok := g.editions.of(p); ok {
		was.Sensitivity = g.Programme.Sensitivity
		g.Programme = was
	}
	g.Household = p.PayeeKind == ToHousehold
	g.Line = Dated[LineFacts]{Known: true, Since: p.ChangedAt, Source: SourcePayments, AsOf: g.standing.PaymentsAsOf, Value: LineFacts{
		Key: key, State: p.State, Held: p.Hold != HoldNone, Withdrawn: p.Hold == HoldWithdrawn, OldChannel: p.OldChannel, Repeats: p.ReissueOf != "", ReturnReason: p.ReturnReason,
		ListFixed: g.paidTo.ListFixed, At: stateAt(p), AccountTail: p.AccountTail, AmountFen: p.AmountFen,
	}}
}

// stateAt is the instant of a payment's present state.
func stateAt(p Payment) time.Time {
	switch p.State {
	case Credited:
		return p.CreditedAt
	case Returned, Reissued:
		return p.ReturnedAt
	case Sent:
		return p.SentAt
	}
	return p.ChangedAt
}

// person writes down what the standing says.
func (g *gathered) person() {
	s := g.standing
	g.InSystem = Dated[bool]{s.InSystem, s.PayeeKnown, s.PayeeChangedAt, SourcePayments, s.PaymentsAsOf}
	g.Card = Dated[CardFacts]{Known: !s.CardsAsOf.IsZero(), Source: SourceCards, AsOf: s.CardsAsOf, Value: CardFacts{Applying: s.Applying}}
	if c := s.Card; c != nil {
		g.Card.Since = c.ChangedAt
		g.Card.Value = CardFacts{Has: true, Making: c.Making, Waiting: c.Waiting, Money: c.Money, AccountTail: c.AccountTail}
	}
	g.Former = Dated[FormerCards]{Known: g.Card.Known, Since: s.ReplacedAt(), Source: SourceCards, AsOf: s.CardsAsOf, Value: FormerCards{Any: s.Replaced()}}
	for _, c := range s.Ended {
		if c.AccountTail != "" {
			g.Former.Value.AccountTails = append(g.Former.Value.AccountTails, c.AccountTail)
		}
	}
	g.IsHead = Dated[bool]{s.IsHead, s.HouseholdRef != "", s.ChangedAt, SourceCards, s.CardsAsOf}
	if since := g.Programme.Onboarded[s.District]; since != "" {
		g.Onboarded = Dated[models.Date]{since, true, g.Programme.ChangedAt, SourcePayments, s.PaymentsAsOf}
	}
}

// findHome reads what the household has to do with it.
func (e *Explainer) findHome(ctx context.Context, g *gathered, programme string) error {
	s := g.standing
	if !g.Household || s.HouseholdRef == "" {
		return nil
	}
	for _, d := range g.home { // the household's place stands under somebody who is no head
		if !d.StillHead {
			g.HeadOnIt = Dated[bool]{true, true, d.ChangedAt, SourcePayments, s.PaymentsAsOf}
		}
	}
	head, err := e.Stories.HeadOf(ctx, s.HouseholdRef)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	g.Head = Dated[HeadFacts]{HeadFacts{Alive: head.Alive}, true, head.ChangedAt, SourceCards, s.CardsAsOf}
	if s.IsHead || g.Programme.Class() != SensitivityNormal {
		return nil // of a sensitive item nobody but its beneficiary is told (R4, R55)
	}
	see, err := e.Household.MembersSee(ctx, s.District, g.Now)
	if err != nil || see == MembersSeeNothing {
		return err
	}
	at, err := e.Stories.CreditedTo(ctx, head.ID, s.HouseholdRef, programme, g.Period)
	if !at.IsZero() {
		g.Head.Value.Paid, g.Head.Since, g.Head.Source, g.Head.AsOf = true, at, SourcePayments, s.PaymentsAsOf
	}
	return err
}

// findList reads what the lists say of the period.
func (e *Explainer) findList(ctx context.Context, g *gathered, programme string) error {
	s := g.standing
	if d := g.own; d != nil {
		g.township = d.Township
		g.Declared = Dated[DeclaredFact]{Known: true, Since: d.ChangedAt, Source: SourcePayments, AsOf: s.PaymentsAsOf, Value: DeclaredFact{
			State: d.State, OtherHolder: d.OtherHolder, Place: d.PostingPlace, From: d.PostingFrom, To: d.PostingTo}}
	}
	if g.Period == "" || g.Line.Known {
		return nil
	}
	told, since, err := e.Stories.ListTold(ctx, programme, g.Period, s.District)
	if err != nil {
		return err
	}
	g.List = Dated[bool]{told, told, since, SourcePayments, s.PaymentsAsOf}
	if g.own == nil || g.own.State != DeclaredYes {
		return nil
	}
	paid, err := e.Stories.TownPaid(ctx, programme, g.Period, g.own.District, g.township)
	g.TownPaid = Dated[bool]{paid, err == nil, g.own.ChangedAt, SourcePayments, s.PaymentsAsOf}
	return err
}

// findPlaces finds the bank, the outlet and the office that an answer may name.
func (e *Explainer) findPlaces(ctx context.Context, g *gathered, programme string) error {
	var err error
	if g.Bank, g.WaitsAt, err = e.whereTo(ctx, g.standing); err != nil {
		return err
	}
	district := g.standing.District
	if g.paidTo != nil {
		district = g.paidTo.Payment.District
		if at := g.paidTo.Payment.AccountBank; at != "" && g.paidTo.Payment.PersonID == g.standing.Person {
			if g.PaidAt, err = e.Banks.CardBank(ctx, at, g.Now); err != nil {
				return err
			}
			g.Line.Value.BankMerged = g.PaidAt.Code != "" && g.PaidAt.Code != at
		}
	}
	offices, err := e.Offices.OfficesFor(ctx, programme, district)
	if g.Programme.Class() == SensitivityHigh { // an office of its own would tell it (R55)
		programme, g.township = "", ""
	}
	g.Office = officeFor(offices, programme, g.township)
	return err
}
