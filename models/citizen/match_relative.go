package citizen

import (
	"context"
	"errors"

	"onecard/models"
)

// relativeTries is how often a day one may say who a relative is, and how often a number may be named.
const relativeTries = 5

// namingsPerDay is how often a day one holder may name the same relative: each naming is an SMS to somebody else.
const namingsPerDay = 3

// takeNaming counts a naming in the decision's transaction.
func (s *Service) takeNaming(ctx context.Context, r Relation) error {
	err := s.takeTry(ctx, [][]byte{[]byte("naming:" + r.SubjectID + ":" + r.ActorID)}, namingsPerDay)
	if errors.Is(err, ErrBindTriesUsedUp) {
		now := s.Clock.Now()
		err = ErrRelativeTries.After(models.NextMidnight(now).Sub(now))
	}
	return err
}

// takeRelativeTry counts a try under who asks and under the number; ErrRelativeTries once either is used up.
func (s *Service) takeRelativeTry(ctx context.Context, by models.Actor, id models.IDNumber) ([][]byte, error) {
	keys := [][]byte{[]byte("relative:" + by.ID), s.Decisions.Digests("relative_try", id.Reveal())[0]}
	err := s.takeTry(ctx, keys, relativeTries)
	if errors.Is(err, ErrBindTriesUsedUp) {
		now := s.Clock.Now()
		err = s.refuseClaim(ctx, by, ErrRelativeTries.After(models.NextMidnight(now).Sub(now)))
	}
	return keys, err
}

// matchRelative asks the registry about a relative, after counting the try. Whoever is not there, is named otherwise or
// cannot act gives ErrNoMatch, at the moment at which the answer may leave; the caller puts it into its own one answer.
func (s *Service) matchRelative(ctx context.Context, by models.Actor, c claimed) (fact PersonFact, keys [][]byte, err error) {
	if keys, err = s.takeRelativeTry(ctx, by, c.id); err != nil {
		return PersonFact{}, nil, err
	}
	fact, err = s.Registry.MatchPerson(ctx, c.name, c.id)
	switch {
	case err != nil && !errors.Is(err, ErrNoMatch):
		s.giveBackTry(ctx, keys)
		return PersonFact{}, nil, err
	case err != nil, !(Person{PersonFact: fact}).MayActOnline():
		return PersonFact{}, keys, ErrNoMatch
	}
	return fact, keys, nil
}
