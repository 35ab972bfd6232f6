package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// reviewWords are the reasons for which a household book does not prove a guardianship.
var reviewWords = map[string]string{
	"BOOK_UNCLEAR": "户口簿图片不清晰或不完整", "NOT_SAME_CHILD": "户口簿与填写的孩子信息不一致", "NOT_GUARDIAN": "户口簿不能证明监护关系",
}

// ReviewReasons lists the codes a reviewer may give.
func ReviewReasons() []string { return []string{"BOOK_UNCLEAR", "NOT_SAME_CHILD", "NOT_GUARDIAN"} }

// ToReview is a requested guardianship as staff see it: names masked, since the pages show them.
type ToReview struct {
	Relation
	Guardian, Child Person
}

// GuardianshipsToReview lists what waits for a look at the household book, the oldest first. Only for staff whose role
// reviews it; what Calls refuses otherwise.
func (s *Service) GuardianshipsToReview(ctx context.Context, by models.Actor, after models.ID, limit int) ([]ToReview, error) {
	if err := s.mayReview(ctx, by); err != nil {
		return nil, err
	}
	list, err := s.Relations.RelationsToReview(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]ToReview, len(list))
	for i, r := range list {
		out[i].Relation = r
		if out[i].Guardian, err = s.Persons.Person(ctx, r.ActorID); err != nil {
			return nil, err
		}
		if out[i].Child, err = s.Persons.Person(ctx, r.SubjectID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// HouseholdPage shows a reviewer one page of the household book while the request is open; each look is audited.
func (s *Service) HouseholdPage(ctx context.Context, by models.Actor, id models.ID, page string) ([]byte, error) {
	if err := s.mayReview(ctx, by); err != nil {
		return nil, err
	}
	r, err := s.Relations.Relation(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && (r.Kind != models.AsGuardian || r.State != RelationRequested) {
		return nil, ErrPageUnknown
	}
	if err != nil {
		return nil, err
	}
	picture := map[string]models.ID{"front": r.BookFront, "child": r.BookChild}[page]
	if picture == "" {
		return nil, ErrPageUnknown
	}
	entry := audit.Of(by, s.Clock.Now(), "citizen.guardianship.page_shown", "relations", string(r.ID), "done").About(r.SubjectID)
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error { return s.Decisions.RecordAudit(ctx, entry.Noting("page", page)) })
	if err != nil {
		return nil, err
	}
	return s.Pictures.Picture(ctx, picture)
}

// ReviewGuardianship decides about a requested guardianship: proved, or refused for one of ReviewReasons. Of two
// reviewers one decides; the other reads that it is over. models.ErrNotFound, ErrReviewReason, ErrDependantOfAge.
func (s *Service) ReviewGuardianship(ctx context.Context, by models.Actor, id models.ID, prove bool, reason string) (Relation, error) {
	if err := s.mayReview(ctx, by); err != nil {
		return Relation{}, err
	}
	if prove != (reason == "") || !prove && reviewWords[reason] == "" {
		return Relation{}, ErrReviewReason
	}
	now := s.Clock.Now()
	var out Relation
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "relations", string(id))
		if err != nil {
			return err
		}
		r, err := s.Relations.Relation(ctx, id)
		if err != nil || prior != "" {
			out = r
			return err
		}
		if r.Kind != models.AsGuardian {
			return models.ErrNotFound
		}
		if err := s.lockSubject(ctx, r.SubjectID, r.ActorID); err != nil {
			return err
		}
		if r, err = s.Relations.LockRelation(ctx, id); err != nil {
			return err
		}
		child, err := s.Persons.Person(ctx, r.SubjectID)
		if err != nil {
			return err
		}
		on := BookProved
		switch {
		case !youngerThan(CardAge, birthOf(child), now):
			return ErrDependantOfAge
		case !prove:
			on, r.ReasonCode = BookRefused, reason
		}
		out, err = s.moveRelation(ctx, by, r, on, now)
		return err
	})
	return out, err
}

func (s *Service) mayReview(ctx context.Context, by models.Actor) error {
	if s.Calls == nil {
		return models.ErrForbidden
	}
	return s.Calls.MayReviewGuardians(ctx, by)
}
