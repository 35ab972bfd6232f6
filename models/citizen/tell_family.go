package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Told is who gets a notice about a person's card: under 16 also, or instead, the guardians, as they chose. A loss is
// told to both always; from 14 on the child is told of everything. A guardian reads whose matter it is by its sentence,
// so hers is another text. Once the child is of age no guardianship counts, and what is still under way is told to the
// child alone.
func (s *Service) Told(ctx context.Context, d notice.Draft) ([]notice.Draft, error) {
	hers, ok := forGuardian(d)
	if !ok || d.PersonID == "" {
		return []notice.Draft{d}, nil
	}
	list, err := s.Relations.RelationsWith(ctx, RelationQuery{Kind: models.AsGuardian, Subject: d.PersonID, OpenOnly: true, Limit: relationsShown})
	if err != nil || len(list) == 0 {
		return []notice.Draft{d}, err
	}
	child, err := s.Persons.Person(ctx, d.PersonID)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	if !youngerThan(CardAge, birthOf(child), now) {
		return []notice.Draft{d}, nil
	}
	under14 := youngerThan(GuardianBelow, birthOf(child), now)
	var out []notice.Draft
	toChild := false
	for _, r := range list {
		if r.State != RelationProved {
			continue
		}
		out = append(out, sentTo(hers, r.ActorID))
		toChild = toChild || r.tells(under14) == TellBoth
	}
	if toChild || len(out) == 0 || aboutLoss(d) {
		out = append(out, d)
	}
	return out, nil
}

// ChooseRecipients says who is told of the routine steps of a child's matters. ErrRelationUnknown, ErrChildIsToldToo
// from 14 on, ErrRecipientsWrong.
func (s *Service) ChooseRecipients(ctx context.Context, by models.Actor, id models.ID, to Recipients) (RelationView, error) {
	if to != TellGuardian && to != TellBoth {
		return RelationView{}, ErrRecipientsWrong
	}
	if err := s.Gate.Allow(ctx, by, models.ActGuard); err != nil {
		return RelationView{}, err
	}
	r, err := s.ownRelation(ctx, by, id)
	if err == nil && r.Kind != models.AsGuardian {
		err = ErrRelationUnknown
	}
	if err != nil {
		return RelationView{}, err
	}
	if err := s.counts(ctx, r); err != nil {
		return RelationView{}, err
	}
	child, err := s.Persons.Person(ctx, r.SubjectID)
	if err != nil {
		return RelationView{}, err
	}
	now := s.Clock.Now()
	if to == TellGuardian && !youngerThan(GuardianBelow, birthOf(child), now) {
		return RelationView{}, ErrChildIsToldToo
	}
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "relations", string(id))
		if err != nil || prior != "" {
			return err
		}
		if r, err = s.Relations.LockRelation(ctx, id); err != nil {
			return err
		}
		r.Recipients = to
		if err := s.Relations.AdvanceRelation(ctx, r, r.State); err != nil {
			return err
		}
		r.Version++
		entry := audit.Of(by, now, "citizen.guardianship.recipients_chosen", "relations", string(id), string(r.State)).About(r.SubjectID)
		return s.Decisions.RecordAudit(ctx, entry.Noting("recipients", string(to)))
	})
	if err != nil {
		return RelationView{}, err
	}
	me, err := s.Persons.Person(ctx, by.ID)
	view := RelationView{Relation: r, Other: child}
	s.fillDependant(&view, me)
	return view, err
}
