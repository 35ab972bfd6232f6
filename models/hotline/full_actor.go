package hotline

import (
	"context"

	"onecard/models"
)

// FullActorIn is ActorIn for what is told after Full verification alone: money, and the bank of the card, which is a
// question of R58 below it. It counts as a look at the person, with its entry in the audit (R59). The refusals of
// PersonOf.
func (s *Service) FullActorIn(ctx context.Context, by models.Actor, callID models.ID) (models.Actor, error) {
	in, err := s.ActorIn(ctx, by, callID)
	if err != nil {
		return models.Actor{}, err
	}
	if in.Level < models.LevelReal {
		return models.Actor{}, ErrVerificationRequired
	}
	if _, err := s.PersonOf(ctx, in, callID); err != nil {
		return models.Actor{}, err
	}
	return in, nil
}
