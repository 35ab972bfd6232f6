package card

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// View is one card as its holder sees it.
type View struct {
	Card      Card
	Tiles     []Tile // social first, then financial (R28)
	Bank      Bank
	Loss      LossReport // the open one, if any
	Statement Statement  // R40, while a report is open
}

// Home is everything about a person's cards with exactly one next step (R25).
type Home struct {
	Cards       []View // the live one first
	Application Application
	Replacement Replacement // the newest
	Next        NextStep
	AsOf        time.Time // how fresh the copy is
	Unknown     bool      // the source does not know her, or her card, any more
}

// Cards shows the actor's subject her cards (R25, R28). Where the copy knows none, the registry is asked once; when it
// does not answer, the copy stands with its date.
func (s *Service) Cards(ctx context.Context, by models.Actor) (Home, error) {
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return Home{}, err
	}
	return s.HomeOf(ctx, by.Subject)
}

// HomeOf is Cards without the question who asks: callers have settled that.
func (s *Service) HomeOf(ctx context.Context, person models.ID) (Home, error) {
	asks := !models.CopyOnly(ctx)
	if s.Fresh != nil && asks {
		s.Fresh.Refresh(ctx, person)
	}
	facts, err := s.Store.HomeFacts(ctx, person)
	if err != nil {
		return Home{}, err
	}
	if len(facts.Cards) == 0 && asks {
		if facts, err = s.askForCards(ctx, person, facts); err != nil {
			return Home{}, err
		}
	}
	home := Home{AsOf: facts.AsOf}
	open, err := s.openReports(ctx, facts)
	if err != nil {
		return Home{}, err
	}
	if s.Fresh != nil {
		if home.AsOf, err = s.AsOf(ctx, person); err != nil {
			return Home{}, err
		}
	}
	if home.Unknown, err = s.unknown(ctx, person); err != nil {
		return Home{}, err
	}
	for _, c := range facts.Cards {
		v, err := s.view(ctx, c, open)
		if err != nil {
			return Home{}, err
		}
		if c.Live() {
			home.Cards = append([]View{v}, home.Cards...)
		} else {
			home.Cards = append(home.Cards, v)
		}
	}
	if facts.Applied {
		if home.Application, err = s.Store.LatestApplication(ctx, person); err != nil && !errors.Is(err, models.ErrNotFound) {
			return Home{}, err
		}
	}
	if facts.Replaced {
		if home.Replacement, err = s.Store.LatestReplacement(ctx, person); err != nil && !errors.Is(err, models.ErrNotFound) {
			return Home{}, err
		}
	}
	home.Next, err = s.nextStep(ctx, home)
	return home, err
}

// openReports reads the open reports of a person's cards, where there is one.
func (s *Service) openReports(ctx context.Context, facts HomeFacts) ([]LossReport, error) {
	if !facts.Lost {
		return nil, nil
	}
	ids := make([]models.ID, len(facts.Cards))
	for i, c := range facts.Cards {
		ids[i] = c.ID
	}
	return s.Store.OpenLossReports(ctx, ids)
}

// Freshen brings what our copy says of a person's cards up to date as HomeOf does, for who then reads the copy only. Of whom the copy
// has had a card nothing is asked again: cards do not leave it.
func (s *Service) Freshen(ctx context.Context, person models.ID) {
	if s.Fresh != nil {
		s.Fresh.Refresh(ctx, person)
		return
	}
	if s.copied.has(person) {
		return
	}
	facts, err := s.Store.HomeFacts(ctx, person)
	if err == nil && len(facts.Cards) == 0 {
		facts, err = s.askForCards(ctx, person, facts)
	}
	if len(facts.Cards) > 0 {
		s.copied.note(person)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "cards not brought up to date", "error", err)
	}
}

func (s *Service) view(ctx context.Context, c Card, open []LossReport) (View, error) {
	v := View{Card: c}
	for _, r := range open {
		if r.CardID == c.ID {
			v.Loss = r
		}
	}
	bank, err := s.Banks.BankOn(ctx, c.BankCode, s.Clock.Now())
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return v, err
	}
	v.Bank = bank
	v.Tiles = []Tile{SocialTile(c, v.Loss), FinancialTile(c, bank)}
	if v.Loss.Open() {
		v.Statement = StatementOf(v.Loss, bank)
	}
	return v, nil
}

// askForCards brings a person's cards into the copy before the feed does, e.g. right after binding. Where that brings nothing, facts
// stand as they are.
func (s *Service) askForCards(ctx context.Context, person models.ID, facts HomeFacts) (HomeFacts, error) {
	if s.Fresh != nil { // she was asked about just now, or as lately as she may be
		return facts, nil
	}
	ref, err := s.Store.PersonRef(ctx, person)
	if err != nil {
		return facts, err
	}
	ask, cancel := context.WithTimeout(ctx, s.set.FirstAttempt)
	defer cancel()
	told, err := s.Registry.CardsOf(ask, ref)
	if err != nil {
		s.Log.WarnContext(ctx, "registry not asked for cards", "error", err)
		return facts, nil
	}
	if len(told) == 0 {
		return facts, nil
	}
	if err := s.Store.InTx(ctx, func(ctx context.Context) error {
		_, err := s.ApplyFacts(ctx, told)
		return err
	}); err != nil {
		return facts, err
	}
	return s.Store.HomeFacts(ctx, person)
}

// AsOf is how fresh the copy of what the registry says about a person is. Whoever shows it beside an answer asks first: a copy
// that moves on in between is then fresher than it is said to be, never older.
func (s *Service) AsOf(ctx context.Context, person models.ID) (time.Time, error) {
	if s.Fresh == nil {
		return s.Store.CardsAsOf(ctx)
	}
	return s.Fresh.AsOf(ctx, person)
}

// unknown reports that a source that is only asked does not know a person, or her card, any more.
func (s *Service) unknown(ctx context.Context, person models.ID) (bool, error) {
	if s.Fresh == nil {
		return false, nil
	}
	return s.Fresh.Unknown(ctx, person)
}

// HoldsCard reports whether a card of the person works, as far as our copy knows.
func (s *Service) HoldsCard(ctx context.Context, person models.ID) (bool, error) {
	cards, err := s.Store.CardsOfPerson(ctx, person)
	return slices.ContainsFunc(cards, Card.Live), err
}

// LossReport shows one report to its person.
func (s *Service) LossReport(ctx context.Context, by models.Actor, id models.ID) (LossReport, Statement, error) {
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return LossReport{}, Statement{}, err
	}
	r, err := s.Store.LossReport(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || r.PersonID != by.Subject) {
		return LossReport{}, Statement{}, ErrLossNotFound
	}
	if err != nil {
		return LossReport{}, Statement{}, err
	}
	st, err := s.StatementFor(ctx, r)
	if err != nil || !r.InForce() {
		return r, st, err
	}
	unknown, err := s.unknown(ctx, r.PersonID)
	if unknown {
		st.Text += lossNotSeenText
	}
	return r, st, err
}

// StatementFor is R40's sentence with the bank of the report's card.
func (s *Service) StatementFor(ctx context.Context, r LossReport) (Statement, error) {
	c, err := s.Store.Card(ctx, r.CardID)
	if err != nil {
		return Statement{}, err
	}
	bank, err := s.Banks.BankOn(ctx, c.BankCode, s.Clock.Now())
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return Statement{}, err
	}
	return StatementOf(r, bank), nil
}

// LossReports lists the subject's reports, newest first.
func (s *Service) LossReports(ctx context.Context, by models.Actor, limit int) ([]LossReport, error) {
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return nil, err
	}
	return s.Store.LossReportsOf(ctx, by.Subject, limit)
}
