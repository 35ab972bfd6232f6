package boot

import (
	"context"
	"fmt"
	"time"

	"onecard/integrations/registry"
	"onecard/integrations/registry/query"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/mirror"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// A cards source without a feed (registry.cards.kind: query) is asked person by person. What that changes is here.

// openCards makes the adapter that the settings name.
func (a *App) openCards(o registry.Options) (cardsSource, error) {
	cfg := a.cfg.Registry.Cards
	if cfg.Kind != "query" {
		cards, err := registry.NewCards(cfg, o, uploaded{a}, a.db)
		if err != nil {
			return nil, err
		}
		a.onClose(func() error { cards.Close(); return nil })
		return cards, nil
	}
	cards, err := query.New(cfg, o, query.Deps{People: known{a.db.Persons()}, Tickets: a.db.Polls(), Log: a.log})
	if err != nil {
		return nil, err
	}
	a.onClose(func() error { cards.Close(); return nil })
	a.query = cards
	return cards, nil
}

// known tells who a reference of the registry is, by our copy.
type known struct{ people *store.Persons }

func (k known) Identity(ctx context.Context, ref models.PersonRef) (models.Name, models.IDNumber, error) {
	p, err := k.people.PersonByRef(ctx, ref)
	if err == nil && p.IDNumber.IsZero() { // known to the payments source only
		err = models.ErrNotFound
	}
	return p.Name, p.IDNumber, err
}

// meetPayees makes rows for people whom only the payments source has named: a cards source that is only asked never tells
// of them by itself. Such a row holds a reference and nothing else until its person binds; her payments hang on it.
func (a *App) meetPayees(ctx context.Context, list []subsidy.Payee) error {
	met := make([]citizen.PersonFact, len(list))
	for i, p := range list {
		met[i] = citizen.PersonFact{Ref: p.PersonRef, LivingStatus: citizen.Undefined, ChangedAt: p.ChangedAt}
	}
	_, err := a.db.Persons().ApplyPersons(ctx, met, a.clock.Now())
	return err
}

// askedCards readies the rota and the numbers of the questions.
func (a *App) askedCards(ctx context.Context, o *options) error {
	if a.query == nil {
		return nil
	}
	a.Policy.AtWindow = atWindow
	cfg := a.cfg.Registry.Cards
	o.card.Settling, o.card.GiveUp = cfg.Settle, cfg.GiveUp
	pace := mirror.DefaultPace()
	pace.Open, pace.Work, pace.Bound, pace.Fresh = cfg.Poll.Open, cfg.Poll.Work, cfg.Poll.Bound, cfg.Poll.Fresh
	a.poller = &mirror.Poller{Store: a.db.Polls(), Source: a.query, Apply: a.applyTold, Cases: pollCases{a}, Clock: a.clock, Log: a.log, Watch: a.watch, Pace: pace}
	a.sources[0] = asOfRota{a.query, a.db.Polls()}
	return a.db.Polls().StartTickets(ctx)
}

// pollCases opens the case of a person whom the source does not know any more, and closes it.
type pollCases struct{ app *App }

func (c pollCases) OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) error {
	return c.app.db.OpenCase(ctx, cause, kind, person, object, objectID)
}

func (c pollCases) SettleCase(ctx context.Context, cause string) error {
	return c.app.Hotline.SettleCase(ctx, cause)
}

// callFacts are the answers to the questions that a caller is asked: fresh ones, of a source that is only asked.
func (a *App) callFacts() hotline.FactSource {
	if a.poller == nil {
		return a.db.Callers()
	}
	return askedFacts{a.db.Callers(), a.poller}
}

type askedFacts struct {
	hotline.FactSource
	fresh card.Fresh
}

func (f askedFacts) FactsOf(ctx context.Context, person models.ID) (hotline.Facts, error) {
	f.fresh.Refresh(ctx, person)
	return f.FactSource.FactsOf(ctx, person)
}

// standings are what explains a payment. Of a source that is only asked a person's card is as fresh as the last answer
// about herself, and asked about first where that is old.
func (a *App) standings() subsidy.Standings {
	if a.poller == nil {
		return a.db.Explanations()
	}
	return askedStandings{a.db.Explanations(), a.poller}
}

type askedStandings struct {
	subsidy.Standings
	fresh card.Fresh
}

func (s askedStandings) Standing(ctx context.Context, person models.ID) (subsidy.Standing, error) {
	s.fresh.Refresh(ctx, person)
	asOf, err := s.fresh.AsOf(ctx, person)
	if err != nil {
		return subsidy.Standing{}, err
	}
	out, err := s.Standings.Standing(ctx, person)
	out.CardsAsOf = asOf
	return out, err
}

// previews look ahead at a payday. Of a source that is only asked, whoever was not asked about lately is told nothing of her
// card: that none is here says nothing of people who were only ever named by the payments source.
func (a *App) previews() subsidy.Previews {
	if a.poller == nil {
		return a.db.Explanations()
	}
	return askedPreviews{a.db.Explanations(), a.db.Polls(), a.clock, a.poller.Pace}
}

type askedPreviews struct {
	subsidy.Previews
	polls *store.Polls
	clock models.Clock
	pace  mirror.Pace
}

// CardsAsOf is now: how fresh the copy is, is told of each payee by herself.
func (p askedPreviews) CardsAsOf(context.Context) (time.Time, error) { return p.clock.Now(), nil }

func (p askedPreviews) PreviewPayees(ctx context.Context, look subsidy.Preview, upTo, limit int) ([]subsidy.PreviewPayee, int, error) {
	list, last, err := p.Previews.PreviewPayees(ctx, look, upTo, limit)
	if err != nil {
		return list, last, err
	}
	people := make([]models.ID, len(list))
	for i, one := range list {
		people[i] = one.Person
	}
	known, err := p.polls.AskedSince(ctx, people, p.clock.Now().Add(-p.pace.Bound-p.pace.Work))
	for i := range list {
		list[i].Unsure = !known[list[i].Person]
	}
	return list, last, err
}

// cardPorts are the card capability's where the source is only asked.
func (a *App) cardPorts(p card.Ports) card.Ports {
	if a.query == nil {
		return p
	}
	p.ReadBack, p.Fresh = a.query, a.poller
	p.AppliesAtWindow = true
	p.Store = toldSoon{p.Store, a.db.Polls(), a.clock}
	return p
}

// atWindow are what such a source cannot take, first cards and new ones; the window takes it.
var atWindow = []models.Act{models.ActApply, models.ActReplace, models.ActReplaceMinor, models.ActReplaceDeleg}

// toldSoon has a person asked about as soon as a command about her card has ended, so that what is shown follows.
type toldSoon struct {
	card.Store
	polls *store.Polls
	clock models.Clock
}

func (s toldSoon) SettleCommand(ctx context.Context, c card.Command, from card.CommandState) error {
	if err := s.Store.SettleCommand(ctx, c, from); err != nil || c.Unfinished() {
		return err
	}
	return s.polls.PollSoon(ctx, c.PersonID, s.clock.Now())
}

// asOfRota dates the source by whom it was asked about longest ago: nobody who is on the rota is older.
type asOfRota struct {
	*query.Cards
	polls *store.Polls
}

func (s asOfRota) Page(ctx context.Context, cursor string, limit int) (mirror.Page, error) {
	page, err := s.Cards.Page(ctx, cursor, limit)
	if err != nil {
		return page, err
	}
	oldest, err := s.polls.OldestAsked(ctx)
	if !oldest.IsZero() {
		page.AsOf = oldest
	}
	return page, err
}

// applyTold takes what was told of one person, with the capabilities that own its meaning. It tells whether that is all we
// hold: a card of hers that works here and is told no more is unknown to the source.
func (a *App) applyTold(ctx context.Context, person models.ID, events []mirror.Event) (whole bool, err error) {
	appliers := a.appliers()
	carded := false
	for _, e := range events {
		var err error
		switch f := e.Fact.(type) {
		case card.Fact:
			carded = true
			err = a.Cards.ApplyTold(ctx, person, []card.Fact{f})
		case card.ApplicationFact:
			err = a.Cards.ApplyProgress(ctx, person, f)
		default:
			_, err = appliers[e.Entity](ctx, []mirror.Event{e})
		}
		if err != nil {
			return false, fmt.Errorf("told of a %s: %w", e.Entity, err)
		}
	}
	if carded {
		return true, nil
	}
	held, err := a.Cards.HoldsCard(ctx, person)
	return !held, err
}

const pollsAtOnce = 20

// asking are the sweeps of a source that is only asked.
func (a *App) asking() []loop {
	if a.poller == nil {
		return nil
	}
	return []loop{
		// Who binds or reports is put on the rota by being asked about; this finds whom a crash left out.
		{"poll rota", "", 10 * time.Minute, a.poller.Enrol},
		{"polls", "", sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.poller.Poll(ctx, pollsAtOnce)
			if full(err) {
				return false, nil
			}
			return n == pollsAtOnce, err
		}},
	}
}
