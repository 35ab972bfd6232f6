package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// MoneyState is the state of the bank account of a card, in the bank's word. Subsidies go there and nowhere else (R2).
type MoneyState string

// The states of the money account, as the registry passes them on.
const (
	MoneyNotOpened  MoneyState = "not_opened"
	MoneyInactive   MoneyState = "opened_inactive"
	MoneyActive     MoneyState = "active"
	MoneyLost       MoneyState = "loss"
	MoneyRestricted MoneyState = "frozen"
	MoneyClosed     MoneyState = "closed"
	MoneyUnknown    MoneyState = "unknown"
)

// CardStanding is one card of a person, as far as money needs it.
type CardStanding struct {
	BankCode       string // named on the card's face
	OutletRef      string // where it waits
	AccountTail    string // last four of the money account; empty where the registry gave none
	Money          MoneyState
	SocialInactive bool
	Waiting        bool // at its outlet, not collected
	Making         bool // in production
	ChangedAt      time.Time
}

// Standing is what both sources say of one person that decides whether money can reach her; a dated copy.
type Standing struct {
	Person       models.ID
	District     string
	HouseholdRef string
	IsHead       bool
	Alive        bool
	HasPhone     bool
	ChangedAt    time.Time // of the person's record

	PayeeKnown     bool // the payments source has said anything about her
	InSystem       bool
	PhoneOnFile    bool
	PayeeChangedAt time.Time

	Card     *CardStanding  // the live one
	Ended    []CardStanding // replaced or cancelled, newest first
	Applying bool           // an application is under way

	CardsAsOf    time.Time // how fresh the copy of each source is
	PaymentsAsOf time.Time
}

// Replaced reports whether the live card took the place of another.
func (s Standing) Replaced() bool { return s.Card != nil && len(s.Ended) > 0 }

// ReplacedAt is when the former card ended; zero where none did.
func (s Standing) ReplacedAt() time.Time {
	if len(s.Ended) == 0 {
		return time.Time{}
	}
	return s.Ended[0].ChangedAt
}

// Standings reads people's standing.
type Standings interface {
	// Standing of one person; models.ErrNotFound.
	Standing(ctx context.Context, person models.ID) (Standing, error)
}

// Bank is a bank as a citizen must look for it today.
type Bank struct {
	Code, Name, Phone string // 中原银行(卡面:洛阳银行) where it has a successor
}

// Place is somewhere to go to.
type Place struct {
	Name, Address, Phone, Hours string
}

// CardBanks finds the bank of a card's face and its card windows (R30).
type CardBanks interface {
	CardBank(ctx context.Context, code string, at time.Time) (Bank, error) // the zero Bank for one not listed
	// BankPlaces are that bank's card windows in a district, its successor's too.
	BankPlaces(ctx context.Context, code, district string, limit int) ([]Place, error)
	// PlaceByRef is an outlet; the zero Place for one not listed.
	PlaceByRef(ctx context.Context, ref string) (Place, error)
}
