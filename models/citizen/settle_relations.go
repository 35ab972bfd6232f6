package citizen

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// SettleRelations ends what ends by itself: offers nobody accepted in a week, helpers whose months are over, and
// guardianships on the child's 16th birthday, from which day on the child is told and acts herself. A sweep runs it; it
// may run anywhere and twice. It answers how many it ended.
func (s *Service) SettleRelations(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Relations.DueRelations(ctx, now.Add(-HelperOfferLife), now, bornBy(now), limit)
	if err != nil {
		return 0, err
	}
	ended := 0
	var failed []error
	for _, id := range due {
		switch over, err := s.settleRelation(ctx, id); {
		case over:
			ended++
		case err == nil, errors.Is(err, models.ErrConflict), errors.Is(err, ErrRelationOver): // somebody moved it meanwhile
		default:
			failed = append(failed, err)
		}
	}
	return ended, errors.Join(failed...)
}

// bornBy is the last birthday of those who are of age for cards on the civil date of now.
func bornBy(now time.Time) models.Date {
	n := now.In(models.Shanghai)
	return models.DateOf(time.Date(n.Year()-CardAge, n.Month(), n.Day(), 12, 0, 0, 0, models.Shanghai))
}

// settleRelation ends one relation, unless a look under its lock says otherwise: what was due when the sweep looked may have
// been accepted since, and a birthday put right.
func (s *Service) settleRelation(ctx context.Context, id models.ID) (over bool, err error) {
	now := s.Clock.Now()
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		r, err := s.Relations.LockRelation(ctx, id)
		if err != nil {
			return err
		}
		on, err := s.dueEvent(ctx, r, now)
		if err != nil || on == "" {
			return err
		}
		_, err = s.moveRelation(ctx, models.System(), r, on, now)
		over = err == nil
		return err
	})
	return err == nil && over, err
}

// dueEvent is what ends a relation by itself now; empty while nothing does.
func (s *Service) dueEvent(ctx context.Context, r Relation, now time.Time) (RelationEvent, error) {
	switch {
	case r.Kind == models.AsGuardian:
		child, err := s.Persons.Person(ctx, r.SubjectID)
		if err != nil || youngerThan(CardAge, birthOf(child), now) {
			return "", err
		}
		return CameOfAge, nil
	case r.State == RelationNamed && !now.Before(r.MadeAt.Add(HelperOfferLife)):
		return OfferLapsed, nil
	case r.State == RelationActive && !now.Before(r.EndsAt):
		return TermOver, nil
	}
	return "", nil
}

// followRelations lets the registry's news about people speak to what is open between them: it proves and ends
// guardianships, and the dead and the merged act for nobody. It joins the feed's transaction, which has locked them.
func (s *Service) followRelations(ctx context.Context, changes []PersonChange) error {
	if len(changes) == 0 {
		return nil
	}
	byID := make(map[models.ID]PersonChange, len(changes))
	ids := make([]models.ID, 0, len(changes))
	for _, c := range changes {
		byID[c.PersonID] = c
		ids = append(ids, c.PersonID)
	}
	open, err := s.Relations.OpenRelationsAmong(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range open {
		if err := s.followRelation(ctx, r, byID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) followRelation(ctx context.Context, r Relation, changes map[models.ID]PersonChange) error {
	now := s.Clock.Now()
	gone := func(id models.ID) bool { c := changes[id]; return c.Died || c.Merged }
	if gone(r.ActorID) || gone(r.SubjectID) {
		_, err := s.moveRelation(ctx, models.FromRegistry(), r, PersonGone, now)
		return err
	}
	child, ok := changes[r.SubjectID]
	if !ok || child.Partial || r.Kind != models.AsGuardian {
		return nil
	}
	guardian, err := s.Persons.Person(ctx, r.ActorID)
	if err != nil {
		return err
	}
	named := slices.Contains(child.Guardians, guardian.Ref)
	switch {
	case named && r.State == RelationRequested:
		r.Proof = ByRegistry
		_, err = s.moveRelation(ctx, models.FromRegistry(), r, RegistryProved, now)
	case !named && r.State == RelationProved && r.Proof == ByRegistry:
		_, err = s.moveRelation(ctx, models.FromRegistry(), r, RegistryEnded, now)
	}
	return err
}

// DropBooks deletes the pictures of household books that were looked at, once they have been kept long enough.
func (s *Service) DropBooks(ctx context.Context, keep time.Duration, limit int) (int, error) {
	list, err := s.Relations.BooksToDrop(ctx, s.Clock.Now().Add(-keep), limit)
	if err != nil {
		return 0, err
	}
	for i, r := range list {
		for _, id := range []models.ID{r.BookFront, r.BookChild} {
			if err := s.Pictures.DropPicture(ctx, id, r.ID); err != nil {
				return i, err
			}
		}
		r.BookFront, r.BookChild = "", ""
		if err := s.Relations.AdvanceRelation(ctx, r, r.State); err != nil && !errors.Is(err, models.ErrConflict) {
			return i, err
		}
	}
	return len(list), nil
}
