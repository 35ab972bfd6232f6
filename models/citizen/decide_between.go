package citizen

import (
	"cmp"
	"context"
	"errors"

	"onecard/models"
)

// errAnotherStands is a decision whose answer is another relation than the one its key was tied to: somebody was faster.
var errAnotherStands = errors.New("another relation stands by now")

// decideBetween is the one commit of a decision that makes a relation, or answers with the one that stands between the
// two. The request's key comes first and names that answer, so that a repeat finds it whichever it was; where another door
// was faster it all begins again. stands looks before anything is locked, and may find none.
func (s *Service) decideBetween(
	ctx context.Context, by models.Actor, fresh models.ID, stands, decide func(ctx context.Context) (Relation, error),
) (out Relation, err error) {
	for range 5 {
		have, err := stands(ctx)
		if err != nil {
			return Relation{}, err
		}
		answer := cmp.Or(have.ID, fresh)
		err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
			prior, err := s.Decisions.Remember(ctx, by, "relations", string(answer))
			if err != nil {
				return err
			}
			if prior != "" {
				out, err = s.Relations.Relation(ctx, models.ID(prior))
				return err
			}
			if out, err = decide(ctx); err == nil && out.ID != answer {
				err = errAnotherStands
			}
			return err
		})
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, errAnotherStands):
			return Relation{}, err
		}
	}
	return Relation{}, models.ErrConflict
}

// openBetween is the open relation of a kind between two people; zero where there is none.
func (s *Service) openBetween(ctx context.Context, kind models.Capacity, actor, subject models.ID) (Relation, error) {
	list, err := s.Relations.RelationsWith(ctx, RelationQuery{Kind: kind, Actor: actor, Subject: subject, OpenOnly: true, Limit: 1})
	if err != nil || len(list) == 0 {
		return Relation{}, err
	}
	return list[0], nil
}
