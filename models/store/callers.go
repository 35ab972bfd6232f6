package store

import (
	"context"
	"errors"
	"strings"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
)

// Callers finds the people a call may be about, and the answers to the questions that are asked of them. It reads our
// copy only, which the feed keeps whole.
type Callers struct{ *DB }

// Callers is the hotline's view of persons and cards.
func (db *DB) Callers() *Callers { return &Callers{db} }

var (
	_ hotline.PersonFinder = (*Callers)(nil)
	_ hotline.FactSource   = (*Callers)(nil)
)

func caller(p citizen.Person) hotline.Person {
	return hotline.Person{ID: p.ID, Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, District: p.District}
}

// PersonByIDNumber is the person of this name and number; the dead and merged records call no one.
func (t *Callers) PersonByIDNumber(ctx context.Context, name models.Name, id models.IDNumber) (hotline.Person, error) {
	people, err := t.Persons().PersonsByIDNumber(ctx, id)
	for _, p := range people {
		if p.Name == name && p.IDNumber == id && p.MayActOnline() {
			return caller(p), nil
		}
	}
	if err == nil {
		err = models.ErrNotFound
	}
	return hotline.Person{}, err
}

// PeopleByNameAndLast6 are those whose name and last six characters fit.
func (t *Callers) PeopleByNameAndLast6(ctx context.Context, name models.Name, last6 string) ([]hotline.Person, error) {
	people, err := t.Persons().PersonsByNameAndLast6(ctx, name, last6)
	var out []hotline.Person
	for _, p := range people {
		if p.Name == name && p.IDNumber.Last6() == last6 && p.MayActOnline() {
			out = append(out, caller(p))
		}
	}
	return out, err
}

// PersonByID reads one person.
func (t *Callers) PersonByID(ctx context.Context, id models.ID) (hotline.Person, error) {
	p, err := t.Persons().Person(ctx, id)
	return caller(p), err
}

// FactsOf are the answers about a person's live card and last application. Of the printed number we keep the end only.
func (t *Callers) FactsOf(ctx context.Context, person models.ID) (hotline.Facts, error) {
	p, err := t.Persons().Person(ctx, person)
	if err != nil {
		return hotline.Facts{}, err
	}
	facts := hotline.Facts{District: p.District}
	cards, err := t.Cards().CardsOfPerson(ctx, person)
	if err != nil {
		return hotline.Facts{}, err
	}
	for _, c := range cards {
		if c.Live() {
			facts.Bank, facts.CardTail = c.BankCode, c.NumberMask[strings.LastIndex(c.NumberMask, "*")+1:]
			break
		}
	}
	last, err := t.Cards().LatestApplication(ctx, person)
	switch {
	case err == nil:
		facts.LastApplicationMonth = last.CreatedAt.In(models.Shanghai).Format("2006-01")
	case !errors.Is(err, models.ErrNotFound):
		return hotline.Facts{}, err
	}
	return facts, nil
}
