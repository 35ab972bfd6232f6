package citizen

import (
	"context"
	"slices"

	"onecard/models"
)

// relationsShown is how many relations of a kind a list shows, ended ones included.
const relationsShown = 50

// RelationView is a relation as one of its sides sees it: the other person masked.
type RelationView struct {
	Relation
	Other    Person
	Age      int      // of the child, in full years; -1 where the birthday is not known
	Told     []Teller // guardianships: which phone is told of what
	MayTellG bool     // the guardian alone may be told: the child is under 14
}

// Teller is one line of who is told: both phones are shown before anything is sent.
type Teller struct {
	Who     string // guardian, child
	Phone   models.Phone
	Routine bool // of progress; of a loss both are always told
}

// Dependants lists the children the actor is, or was, guardian of.
func (s *Service) Dependants(ctx context.Context, by models.Actor) ([]RelationView, error) {
	if err := boundCitizen(by); err != nil {
		return nil, err
	}
	list, err := s.relationsOf(ctx, RelationQuery{Kind: models.AsGuardian, Actor: by.ID, Limit: relationsShown}, func(r Relation) models.ID { return r.SubjectID })
	if err != nil {
		return nil, err
	}
	me, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		s.fillDependant(&list[i], me)
	}
	return list, nil
}

// ChildrenOf lists the children whose guardian somebody is now: proved, and under 16.
func (s *Service) ChildrenOf(ctx context.Context, guardian models.ID) ([]RelationView, error) {
	query := RelationQuery{Kind: models.AsGuardian, Actor: guardian, OpenOnly: true, Limit: relationsShown}
	list, err := s.relationsOf(ctx, query, func(r Relation) models.ID { return r.SubjectID })
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return slices.DeleteFunc(list, func(v RelationView) bool { return !v.Counts() || !youngerThan(CardAge, birthOf(v.Other), now) }), nil
}

func (s *Service) fillDependant(v *RelationView, guardian Person) {
	now := s.Clock.Now()
	birth := birthOf(v.Other)
	v.Age, v.MayTellG = birth.AgeAt(now), youngerThan(GuardianBelow, birth, now)
	v.Recipients = v.tells(v.MayTellG)
	if !v.Counts() {
		return // whose guardian one is not yet, or no more, is nobody whose phone one sees
	}
	v.Told = []Teller{{"guardian", guardian.ReachedAt(), true}, {"child", v.Other.ReachedAt(), v.Recipients == TellBoth}}
}

// tells is the choice that counts: from 14 on the child is told too.
func (r Relation) tells(under14 bool) Recipients {
	if under14 && r.Recipients != TellBoth {
		return TellGuardian
	}
	return TellBoth
}

// Helpers lists whom the actor named, and whom she helps, newest first.
func (s *Service) Helpers(ctx context.Context, by models.Actor) (named, helping []RelationView, err error) {
	if err := boundCitizen(by); err != nil {
		return nil, nil, err
	}
	if named, err = s.helpersOf(ctx, by.ID); err != nil {
		return nil, nil, err
	}
	helping, err = s.relationsOf(ctx, RelationQuery{Kind: models.AsHelper, Actor: by.ID, Limit: relationsShown}, func(r Relation) models.ID { return r.SubjectID })
	return named, helping, err
}

// HelpersByPhone lists the helpers of the caller of the agent's open call, masked; what Calls refuses.
func (s *Service) HelpersByPhone(ctx context.Context, by models.Actor) ([]RelationView, error) {
	if err := s.mayRevoke(ctx, by); err != nil {
		return nil, err
	}
	return s.helpersOf(ctx, by.Subject)
}

func (s *Service) helpersOf(ctx context.Context, holder models.ID) ([]RelationView, error) {
	return s.relationsOf(ctx, RelationQuery{Kind: models.AsHelper, Subject: holder, Limit: relationsShown}, func(r Relation) models.ID { return r.ActorID })
}

func (s *Service) relationsOf(ctx context.Context, q RelationQuery, other func(Relation) models.ID) ([]RelationView, error) {
	list, err := s.Relations.RelationsWith(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]RelationView, len(list))
	for i, r := range list {
		out[i].Relation = r
		if out[i].Other, err = s.Persons.Person(ctx, other(r)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func boundCitizen(by models.Actor) error {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return ErrSessionInvalid
	}
	if by.ID == "" {
		return ErrNotBound
	}
	return nil
}
