package citizen

import (
	"context"
	"errors"

	"onecard/models"
)

// EndRelation ends a relation for one of its two sides: the holder revokes a helper at any level, a helper declines or
// gives up, a guardian gives up. It only takes powers away, so no fresh check is asked. One that is over stays as it is.
// ErrNotBound, ErrRelationUnknown for a relation of others.
func (s *Service) EndRelation(ctx context.Context, by models.Actor, kind models.Capacity, id models.ID) error {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return ErrSessionInvalid
	}
	if by.ID == "" {
		return ErrNotBound
	}
	return s.endRelation(ctx, by, kind, id, func(r Relation) (RelationEvent, bool) {
		switch {
		case r.ActorID == by.ID && r.State == RelationNamed:
			return HelperDeclined, true
		case r.ActorID == by.ID:
			return GivenUp, true
		}
		return RevokedByHolder, r.Kind == models.AsHelper && r.SubjectID == by.ID && by.As == models.AsSelf
	})
}

// RevokeHelperByPhone revokes a helper for the caller of the agent's open call, who is known as surely as for a loss
// report: it only protects. Both sides are told. What Calls refuses; ErrRelationUnknown for a helper of others.
func (s *Service) RevokeHelperByPhone(ctx context.Context, by models.Actor, id models.ID) error {
	if err := s.mayRevoke(ctx, by); err != nil {
		return err
	}
	return s.endRelation(ctx, by, models.AsHelper, id, func(r Relation) (RelationEvent, bool) {
		return RevokedByAgent, by.Subject != "" && r.SubjectID == by.Subject
	})
}

func (s *Service) mayRevoke(ctx context.Context, by models.Actor) error {
	if s.Calls == nil || by.Kind != models.AgentActor {
		return models.ErrForbidden
	}
	_, err := s.Calls.MayRevokeHelper(ctx, by)
	return err
}

// endRelation is the decision. which says by what event the actor may end this one, if at all.
func (s *Service) endRelation(ctx context.Context, by models.Actor, kind models.Capacity, id models.ID, which func(Relation) (RelationEvent, bool)) error {
	if _, err := models.ParseID(string(id)); err != nil {
		return ErrRelationUnknown
	}
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "relations", string(id))
		if err != nil || prior != "" {
			return err
		}
		r, err := s.Relations.LockRelation(ctx, id)
		if errors.Is(err, models.ErrNotFound) || err == nil && r.Kind != kind {
			return ErrRelationUnknown
		}
		if err != nil {
			return err
		}
		on, may := which(r)
		switch {
		case !may:
			return ErrRelationUnknown
		case !r.Open():
			return nil
		}
		_, err = s.moveRelation(ctx, by, r, on, now)
		return err
	})
}
