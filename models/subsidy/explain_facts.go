package subsidy

import (
	"time"

	"onecard/models"
)

// The two sources a fact may come from.
const (
	SourceCards    = "cards"
	SourcePayments = "payments"
)

// Dated is one fact: what a source said, since when it is so, and how fresh our copy of that source is. Where it is not
// Known the source has not said.
type Dated[T any] struct {
	Value  T
	Known  bool
	Since  time.Time
	Source string
	AsOf   time.Time
}

// Facts is everything an explanation rests on, gathered before; Explain looks at nothing else.
type Facts struct {
	Now        time.Time
	StaleAfter time.Duration // a copy older than this is said to be old; zero: never

	Programme Programme
	Period    string
	Household bool                // paid to the head, as the programme or the payment says (R4)
	Onboarded Dated[models.Date]  // since when the district pays the programme through the card (R13)
	InSystem  Dated[bool]         // R5
	Card      Dated[CardFacts]    //
	Former    Dated[FormerCards]  // cards that ended; Since: when the last one did
	IsHead    Dated[bool]         //
	Head      Dated[HeadFacts]    // of the household
	Line      Dated[LineFacts]    // the payment asked about
	List      Dated[bool]         // the payments source tells the list of this programme, period and district
	Declared  Dated[DeclaredFact] // her own place on it
	HeadOnIt  Dated[bool]         // the household stands on it under somebody who is its head no more
	TownPaid  Dated[bool]         // somebody of her township's list has a payment already
	Bank      Bank                // of the card's face, its successor where there is one
	PaidAt    Bank                // where the payment went, likewise
	WaitsAt   Place               // where the card waits
	Office    Office
}

// CardFacts is the live card; Has is false where there is none.
type CardFacts struct {
	Has, Applying, Making, Waiting bool
	Money                          MoneyState
	AccountTail                    string
}

// FormerCards are the cards that ended.
type FormerCards struct {
	Any          bool
	AccountTails []string
}

// HeadFacts is the head of the household. Paid is told only where members may see it (R4).
type HeadFacts struct{ Alive, Paid bool }

// LineFacts is the payment asked about.
type LineFacts struct {
	Key          Key
	State        State
	Held         bool // by us, for a look, or because its batch was taken back
	Withdrawn    bool // its batch was announced by mistake
	OldChannel   bool
	Repeats      bool // a payment that came back
	ReturnReason string
	ListFixed    time.Time // when the payee list was announced
	At           time.Time // of its state
	AccountTail  string
	BankMerged   bool // the bank of the account has been taken over
	AmountFen    models.Fen
}

// DeclaredFact is a place on a list.
type DeclaredFact struct {
	State       DeclarationState
	OtherHolder bool // the land record names somebody else
	Place       string
	From, To    models.Date
}

// postingOver reports whether the posting that is told has ended.
func (f Facts) postingOver() bool {
	to := f.Declared.Value.To
	return f.Declared.Known && to != "" && to < models.DateOf(f.Now)
}

// upcoming reports whether the payment has not been through the bank yet.
func (l LineFacts) upcoming() bool {
	switch l.State {
	case Planned, Publicised, Approved:
		return !l.Held && !l.OldChannel
	}
	return false
}

// settled reports whether the payment itself tells what became of it: it has been at the bank, went another way, or is
// held. What is true of the person today does not explain it any more.
func (f Facts) settled() bool { return f.Line.Known && !f.Line.Value.upcoming() }

// othersCard reports whether it is not her own card that the money goes to: a household's item, and she is not its head
// and stands on no list herself.
func (f Facts) othersCard() bool {
	return f.Household && f.IsHead.Known && !f.IsHead.Value && !f.Line.Known && !f.Declared.Known
}

// afterList reports whether something happened after the payee list of an upcoming payment was fixed.
func (f Facts) afterList(at time.Time) bool {
	l := f.Line.Value
	return f.Line.Known && (l.upcoming() || l.State == Sent && !l.Held && !l.OldChannel) && !l.ListFixed.IsZero() && at.After(l.ListFixed)
}

// newInactive reports whether a replacement's money account waits for its activation.
func (f Facts) newInactive() bool {
	return f.Card.Known && f.Card.Value.Has && f.Card.Value.Money == MoneyInactive && f.Former.Known && f.Former.Value.Any
}
