package registry

import (
	"context"
	"net/http"
	"net/url"

	"onecard/configs"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
)

// Pictures gives back the picture a citizen uploaded, as it will be handed to the registry.
type Pictures interface {
	Picture(ctx context.Context, upload models.ID) ([]byte, error)
}

// PersonRefs tells the registry's name for a person of ours.
type PersonRefs interface {
	PersonRef(ctx context.Context, person models.ID) (models.PersonRef, error)
}

// Cards is the `cards` source: persons, cards, applications, outlets, banks.
type Cards struct {
	*source
	fenced   bool
	pictures Pictures
	persons  PersonRefs
}

var (
	_ card.Registry    = (*Cards)(nil)
	_ citizen.Registry = (*Cards)(nil)
	_ mirror.Source    = (*Cards)(nil)
)

// NewCards makes the client of the cards source. pictures and persons serve applications only.
func NewCards(cfg configs.CardsSource, o Options, pictures Pictures, persons PersonRefs) (*Cards, error) {
	s, err := newSource("cards", cfg.Source, o)
	if err != nil {
		return nil, err
	}
	return &Cards{source: s, fenced: cfg.Fence, pictures: pictures, persons: persons}, nil
}

// Fenced reports whether the source refuses a card_seq lower than one it has seen.
func (c *Cards) Fenced() bool { return c.fenced }

// MatchPerson asks whom this name and number belong to together. citizen.ErrNoMatch for an unknown number and for a
// wrong name alike; models.ErrUnavailable when the source does not tell.
func (c *Cards) MatchPerson(ctx context.Context, name models.Name, id models.IDNumber) (citizen.PersonFact, error) {
	body, err := encode(map[string]string{"name": name.Reveal(), "id_number": id.Reveal()})
	if err != nil {
		return citizen.PersonFact{}, err
	}
	q := question{op: "match", lane: BindingLane, method: http.MethodPost, path: "/v1/persons/match", body: body, ctype: jsonType}
	return c.askPerson(ctx, q, "NO_MATCH")
}

// Person asks for one person. citizen.ErrNoMatch when the reference is not known.
func (c *Cards) Person(ctx context.Context, ref models.PersonRef) (citizen.PersonFact, error) {
	q := question{op: "person", lane: BindingLane, method: http.MethodGet, path: "/v1/persons/" + url.PathEscape(string(ref))}
	return c.askPerson(ctx, q, "NO_SUCH_PERSON")
}

func (c *Cards) askPerson(ctx context.Context, q question, none string) (citizen.PersonFact, error) {
	var w wirePerson
	if err := c.askJSON(ctx, q, &w); err != nil {
		if answered(err, none) {
			return citizen.PersonFact{}, citizen.ErrNoMatch.Because(err)
		}
		return citizen.PersonFact{}, unavailable(err)
	}
	f, err := w.person(c.clock.Now())
	if err != nil {
		return citizen.PersonFact{}, unavailable(err)
	}
	return f, nil
}

// CardsOf asks for the present facts of one person's cards, ended ones included.
func (c *Cards) CardsOf(ctx context.Context, person models.PersonRef) ([]card.Fact, error) {
	var in struct {
		Cards []wireCard `json:"cards"`
	}
	q := question{op: "cards", lane: ReadLane, method: http.MethodGet, path: "/v1/persons/" + url.PathEscape(string(person)) + "/cards"}
	if err := c.askJSON(ctx, q, &in); err != nil {
		return nil, unavailable(err)
	}
	out := make([]card.Fact, 0, len(in.Cards))
	for _, w := range in.Cards {
		f, err := w.fact()
		if err != nil {
			return nil, unavailable(err)
		}
		out = append(out, f)
	}
	return out, nil
}
