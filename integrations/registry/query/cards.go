// Package query speaks to a registry as most bureaus have it: one address that is asked person by person with name and
// password, answers in fields between bars or in XML, codes 00 and 01 and otherwise a reason in words (domain 2.3). It has
// no feed, no versions, no request ids, no not_after and no fence: what it cannot promise is said in docs/adr/0030.
package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"onecard/configs"
	"onecard/integrations/registry"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
)

// People tells who a reference of the registry is: such a source is asked by name and number.
type People interface {
	// Identity is models.ErrNotFound for a person who is not known here.
	Identity(ctx context.Context, ref models.PersonRef) (models.Name, models.IDNumber, error)
}

// Tickets number the questions of all replicas, rising: a number drawn later is higher. They stand for the versions that
// the source does not have.
type Tickets interface {
	Ticket(ctx context.Context) (int64, error)
}

// Deps are what the adapter needs beyond its settings.
type Deps struct {
	People  People
	Tickets Tickets
	Log     *slog.Logger
}

// Cards is the `cards` source that is only asked.
type Cards struct {
	line *registry.Line
	form form
	text charset
	user string
	pass configs.Secret
	city string
	deps Deps

	lists listed
	mu    sync.Mutex // of lists
}

var (
	_ card.Registry    = (*Cards)(nil)
	_ card.ReadBack    = (*Cards)(nil)
	_ citizen.Registry = (*Cards)(nil)
	_ mirror.Source    = (*Cards)(nil)
	_ mirror.Asked     = (*Cards)(nil)
)

// longestAnswer: a person and a card in fields. No picture is ever asked for.
const longestAnswer = 64 << 10

// New makes the client.
func New(cfg configs.CardsSource, o registry.Options, d Deps) (*Cards, error) {
	c := &Cards{user: cfg.ClientID, pass: cfg.Secret, city: cfg.City, deps: d, lists: listed{at: cfg.Lists}}
	var ok bool
	if c.form, ok = forms[cfg.Form]; !ok {
		return nil, errors.New("registry: cards: the form must be pipe or xml")
	}
	if c.text, ok = charsets[cfg.Charset]; !ok {
		return nil, errors.New("registry: cards: the charset must be utf-8 or gb18030")
	}
	var err error
	if c.line, err = registry.NewLine("cards", cfg.Source, longestAnswer, o); err != nil {
		return nil, err
	}
	if c.deps.Log == nil {
		c.deps.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Name is the source's name.
func (c *Cards) Name() string { return c.line.Name() }

// Close lets idle connections go.
func (c *Cards) Close() { c.line.Close() }

// Fenced: such a source knows no order of commands.
func (c *Cards) Fenced() bool { return false }

// Read turns an event's raw data into its fact; only the lists have such.
func (c *Cards) Read(e mirror.Event) mirror.Event { return c.line.Read(e) }

// sight is one answer about a person, with the number of its question and when that was asked.
type sight struct {
	person citizen.PersonFact
	card   *card.Fact // nil: she has none
	cardNo string     // the printed number, which commands are addressed by; kept nowhere
}

// see asks who has this name and number, and for her present card. errNobody when the source knows no such person or
// another name for the number.
func (c *Cards) see(ctx context.Context, lane registry.Lane, name models.Name, id models.IDNumber) (sight, error) {
	ticket, err := c.deps.Tickets.Ticket(ctx)
	if err != nil {
		return sight{}, c.line.NotSent("person", "TICKET")
	}
	asked := models.Instant(c.line.Clock().Now())
	a, err := c.ask(ctx, lane, basic, id.Reveal(), name.Reveal(), "")
	if err != nil {
		return sight{}, err
	}
	if a.code == "" {
		return sight{}, c.whyNot(a)
	}
	s, err := a.sight(name, id, ticket, asked)
	if err != nil {
		return sight{}, c.line.Unknown("person", err.Error())
	}
	return s, nil
}

// errNobody: the source has no such person.
var errNobody = errors.New("registry: cards: no such person")

// whyNot reads the refusal of a question.
func (c *Cards) whyNot(a answer) error {
	switch r := reasonOf(a.reason); r {
	case nobody, mismatch:
		return errNobody
	case trouble, denied:
		return c.line.Unknown("person", string(r))
	}
	return c.line.Unknown("person", "REASON_UNKNOWN")
}

// seeRef is see for somebody we know.
func (c *Cards) seeRef(ctx context.Context, lane registry.Lane, ref models.PersonRef) (sight, error) {
	name, id, err := c.deps.People.Identity(ctx, ref)
	if errors.Is(err, models.ErrNotFound) {
		return sight{}, errNobody
	}
	if err != nil {
		return sight{}, c.line.NotSent("person", "IDENTITY")
	}
	s, err := c.see(ctx, lane, name, id)
	if err == nil && s.person.Ref != ref {
		return sight{}, c.line.Unknown("person", "ANSWER_NOT_OURS")
	}
	return s, err
}

// MatchPerson asks whom this name and number belong to together: citizen.ErrNoMatch for an unknown number, a wrong name
// and the dead alike; models.ErrUnavailable when the source does not tell.
func (c *Cards) MatchPerson(ctx context.Context, name models.Name, id models.IDNumber) (citizen.PersonFact, error) {
	s, err := c.see(ctx, registry.BindingLane, name, id)
	switch {
	case errors.Is(err, errNobody), err == nil && s.person.LivingStatus == citizen.Deceased:
		return citizen.PersonFact{}, citizen.ErrNoMatch.Because(err)
	case err != nil:
		return citizen.PersonFact{}, models.ErrUnavailable.Because(err)
	}
	return s.person, nil
}

// CardsOf asks for a person's card. A source that is asked tells the present one only.
func (c *Cards) CardsOf(ctx context.Context, person models.PersonRef) ([]card.Fact, error) {
	s, err := c.seeRef(ctx, registry.ReadLane, person)
	switch {
	case errors.Is(err, errNobody):
		return nil, nil
	case err != nil:
		return nil, models.ErrUnavailable.Because(err)
	case s.card == nil:
		return nil, nil
	}
	return []card.Fact{*s.card}, nil
}

// Ask asks everything about one person: who she is, her card, and how far its production is where that is wanted.
// mirror.ErrNobody when the source does not know her any more, mirror.ErrUnreadable when what it says about her tells nothing.
func (c *Cards) Ask(ctx context.Context, q mirror.Question) (mirror.Told, error) {
	s, err := c.seeRef(ctx, registry.ReadLane, q.Ref)
	if errors.Is(err, errNobody) {
		return mirror.Told{}, mirror.ErrNobody
	}
	if hers(err) {
		return mirror.Told{}, fmt.Errorf("%w: %w", mirror.ErrUnreadable, err)
	}
	if busy(err) {
		return mirror.Told{}, fmt.Errorf("%w: %w", mirror.ErrBusy, models.ErrUnavailable.Because(err))
	}
	if err != nil {
		return mirror.Told{}, models.ErrUnavailable.Because(err)
	}
	t := mirror.Told{AsOf: s.person.ChangedAt, Events: []mirror.Event{
		{Entity: "person", EntityID: string(s.person.Ref), Version: s.person.Version, ChangedAt: s.person.ChangedAt, Fact: s.person},
	}}
	if s.card != nil {
		t.Events = append(t.Events, mirror.Event{Entity: "card", EntityID: string(s.card.Ref), Version: s.card.Version, ChangedAt: s.card.ChangedAt, Fact: *s.card})
	}
	if !q.Progress {
		return t, nil
	}
	f, err := c.progress(ctx, q.Ref)
	if err != nil || f == nil {
		return t, nil //nolint:nilerr // what was told of the person stands; the production is asked about again
	}
	t.Events = append(t.Events, mirror.Event{Entity: "application", Version: f.Version, ChangedAt: f.ChangedAt, Fact: *f})
	return t, nil
}

// hers reports whether a question failed by what was answered about this one person: the next one may be told.
func hers(err error) bool {
	var call *registry.CallError
	return errors.As(err, &call) && slices.Contains(ofOnePerson, call.Code)
}

// busy reports whether our own budget let no call leave.
func busy(err error) bool {
	var call *registry.CallError
	return errors.As(err, &call) && call.Code == "BUDGET_FULL"
}

var ofOnePerson = []string{"ANSWER_UNREADABLE", "ANSWER_CHARSET", "ANSWER_NOT_OURS", "ANSWER_TOO_LONG", "REASON_UNKNOWN", "NAME_NOT_IN_CHARSET"}

// progress asks how far the production of a person's card is; nil where the source has no record.
func (c *Cards) progress(ctx context.Context, ref models.PersonRef) (*card.ApplicationFact, error) {
	name, id, err := c.deps.People.Identity(ctx, ref)
	if err != nil {
		return nil, err
	}
	ticket, err := c.deps.Tickets.Ticket(ctx)
	if err != nil {
		return nil, err
	}
	asked := models.Instant(c.line.Clock().Now())
	a, err := c.ask(ctx, registry.ReadLane, production, id.Reveal(), name.Reveal())
	if err != nil || a.code == "" {
		return nil, err
	}
	f, err := a.progress(name, id, ticket, asked)
	if err != nil {
		return nil, c.line.Unknown("progress", err.Error())
	}
	f.PersonRef = ref
	return &f, nil
}

// ticketAfter numbers what was answered just now. The caller's time may be over; the number must be drawn all the same.
func (c *Cards) ticketAfter(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return c.deps.Tickets.Ticket(ctx)
}
