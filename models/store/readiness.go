package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// Explanations reads what explains a payment: persons, cards and payments together, which no capability may ask of
// another.
type Explanations struct{ *DB }

// Explanations is the explainer's view of the database.
func (db *DB) Explanations() *Explanations { return &Explanations{db} }

var _ subsidy.Standings = (*Explanations)(nil)

type standingRow struct {
	District, HouseholdRef, LivingStatus string
	IsHead, HasPhone                     bool
	ChangedAt                            time.Time
	InSystem, PhoneOnFile                *bool
	PayeeChangedAt                       *time.Time
}

// Standing reads what both sources say of a person, in four statements.
func (e *Explanations) Standing(ctx context.Context, person models.ID) (subsidy.Standing, error) {
	var row standingRow
	err := e.q(ctx).Table("persons p").Select(`p.district, p.household_ref, p.living_status, p.is_head, p.changed_at,
		(p.phone_sealed IS NOT NULL OR p.contact_phone_sealed IS NOT NULL) AS has_phone, y.in_system, y.phone_on_file, y.changed_at AS payee_changed_at`).
		Joins("LEFT JOIN payees y ON y.person_id = p.id").Where("p.id = ?", string(person)).Take(&row).Error
	if err != nil {
		return subsidy.Standing{}, translate(err)
	}
	s := subsidy.Standing{
		Person: person, District: row.District, HouseholdRef: row.HouseholdRef, IsHead: row.IsHead, HasPhone: row.HasPhone,
		Alive: citizen.LivingStatus(row.LivingStatus) != citizen.Deceased, ChangedAt: models.Instant(row.ChangedAt),
		PayeeKnown: row.InSystem != nil, PayeeChangedAt: timeOf(row.PayeeChangedAt),
	}
	if s.PayeeKnown {
		s.InSystem, s.PhoneOnFile = *row.InSystem, *row.PhoneOnFile
	}
	cards, err := e.Cards().CardsOfPerson(ctx, person)
	if err != nil {
		return s, err
	}
	for _, c := range cards {
		one := cardStanding(c)
		switch {
		case !c.Live():
			s.Ended = append(s.Ended, one)
		case s.Card == nil:
			s.Card = &one
		}
	}
	var states []string
	err = e.q(ctx).Table("applications").Where("person_id = ?", string(person)).Order("created_at DESC, id DESC").Limit(1).Pluck("state", &states).Error
	if err != nil {
		return s, translate(err)
	}
	s.Applying = len(states) > 0 && card.Application{State: card.ApplicationState(states[0])}.Unfinished()
	s.CardsAsOf, s.PaymentsAsOf, err = e.freshness(ctx)
	return s, err
}

func cardStanding(c card.Card) subsidy.CardStanding {
	return subsidy.CardStanding{
		BankCode: c.BankCode, OutletRef: c.OutletRef, AccountTail: c.AccountTail, Money: subsidy.MoneyState(c.Financial), SocialInactive: c.Social == card.SocialInactive,
		Waiting: c.Holding == card.AtOutlet, Making: c.Holding == card.InProduction, ChangedAt: c.ChangedAt,
	}
}

// CardsAsOf is how fresh the copy of the cards source is; zero until its first load is whole.
func (e *Explanations) CardsAsOf(ctx context.Context) (time.Time, error) {
	cards, _, err := e.freshness(ctx)
	return cards, err
}

// freshness is how fresh the copies of both sources are, in one statement; zero until a source's first load is whole:
// before, what is not here says nothing.
func (e *Explanations) freshness(ctx context.Context) (cards, payments time.Time, err error) {
	var rows []struct {
		Source      string
		CurrentAsOf *time.Time
	}
	if err := e.q(ctx).Table("feed_cursors").Select("source, current_as_of").Where("caught_up_at IS NOT NULL").Find(&rows).Error; err != nil {
		return cards, payments, translate(err)
	}
	for _, r := range rows {
		switch r.Source {
		case "cards":
			cards = timeOf(r.CurrentAsOf)
		case "payments":
			payments = timeOf(r.CurrentAsOf)
		}
	}
	return cards, payments, nil
}
