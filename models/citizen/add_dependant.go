package citizen

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// AddDependantInput names a child, and where the registry does not know the guardian the pictures of the household book.
type AddDependantInput struct {
	Claim
	BookFront models.ID
	BookChild models.ID
}

// AddDependant says that the actor is the guardian of a person under 16 (level real, R23). Where the registry names her
// it is proved at once; else the household book (户口簿) goes to staff, and it is requested. A repeat answers with the
// relation that stands. Unknown child, wrong name and a child of others are one answer without a book.
//
// Errors: what Gate refuses, ErrGuardianTooYoung, ErrDependantOfAge, ErrDependantNotProved, ErrIdentityNotMatched with a
// book, CONSENT_REQUIRED for its pictures, UPLOAD_UNKNOWN, ErrRelativeTries, and those of the form.
func (s *Service) AddDependant(ctx context.Context, by models.Actor, in AddDependantInput) (Relation, error) {
	if err := s.Gate.Allow(ctx, by, models.ActGuard); err != nil {
		return Relation{}, err
	}
	c, err := s.read(in.Claim, false)
	if err != nil {
		return Relation{}, err
	}
	me, err := s.mayBeGuardian(ctx, by, c, in.withBook())
	if err != nil {
		return Relation{}, err
	}
	answer := s.paced()
	fact, tries, err := s.matchRelative(ctx, by, c)
	named := err == nil && slices.Contains(fact.Guardians, me.Ref)
	var refusal error
	switch {
	case err != nil && !errors.Is(err, ErrNoMatch):
		return Relation{}, err
	case !in.withBook() && !named:
		refusal = ErrDependantNotProved
	case err != nil:
		refusal = ErrIdentityNotMatched
	}
	if refusal != nil {
		err = s.refuseClaim(ctx, by, refusal)
		answer(ctx)
		return Relation{}, err
	}
	fresh := Relation{
		ID: models.NewID(), Kind: models.AsGuardian, ActorID: by.ID, State: RelationRequested, Proof: ByHouseholdBook,
		BookFront: in.BookFront, BookChild: in.BookChild, Recipients: TellGuardian, MadeAt: s.Clock.Now(),
	}
	if named {
		fresh.Proof, fresh.BookFront, fresh.BookChild = ByRegistry, "", ""
		s.giveBackTry(ctx, tries)
	}
	return s.keepGuardianship(ctx, by, fact, fresh)
}

func (in AddDependantInput) withBook() bool { return in.BookFront != "" && in.BookChild != "" }

// mayBeGuardian settles what can be refused without asking about the child: the ages, and the consent to pictures.
func (s *Service) mayBeGuardian(ctx context.Context, by models.Actor, child claimed, withBook bool) (Person, error) {
	me, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return me, err
	}
	now := s.Clock.Now()
	switch {
	case youngerThan(AdultAge, birthOf(me), now):
		return me, ErrGuardianTooYoung
	case !youngerThan(CardAge, child.id.Birth(), now):
		return me, ErrDependantOfAge
	case withBook:
		return me, s.RequireConsent(ctx, by, string(PurposeIDImages))
	}
	return me, nil
}

// keepGuardianship is the decision: one commit. What stands already is the answer; a request that the registry proves by
// now is proved.
func (s *Service) keepGuardianship(ctx context.Context, by models.Actor, fact PersonFact, fresh Relation) (Relation, error) {
	now := s.Clock.Now()
	stands := func(ctx context.Context) (Relation, error) {
		child, err := s.Persons.PersonByRef(ctx, fact.Ref)
		if errors.Is(err, models.ErrNotFound) {
			return Relation{}, nil
		}
		if err != nil {
			return Relation{}, err
		}
		return s.openBetween(ctx, models.AsGuardian, by.ID, child.ID)
	}
	return s.decideBetween(ctx, by, fresh.ID, stands, func(ctx context.Context) (Relation, error) {
		child, err := s.remember(ctx, fact)
		if err != nil {
			return Relation{}, err
		}
		if err := s.lockSubject(ctx, child.ID, by.ID); err != nil {
			return Relation{}, err
		}
		have, err := s.openBetween(ctx, models.AsGuardian, by.ID, child.ID)
		switch {
		case err != nil:
			return Relation{}, err
		case have.State == RelationRequested && fresh.Proof == ByRegistry:
			have.Proof = ByRegistry
			return s.moveRelation(ctx, by, have, RegistryProved, now)
		case have.ID != "":
			return have, nil
		}
		fresh.SubjectID = child.ID
		return s.newGuardianship(ctx, by, fresh, now)
	})
}

func (s *Service) newGuardianship(ctx context.Context, by models.Actor, fresh Relation, now time.Time) (Relation, error) {
	if err := s.Relations.AddRelation(ctx, fresh); err != nil {
		return fresh, err
	}
	for purpose, id := range map[string]models.ID{PictureBookFront: fresh.BookFront, PictureBookChild: fresh.BookChild} {
		if id == "" {
			continue
		}
		if err := s.Pictures.UsePicture(ctx, by.ID, purpose, id, fresh.ID); err != nil {
			return fresh, err
		}
	}
	entry := audit.Of(by, now, "citizen.guardianship.requested", "relations", string(fresh.ID), string(fresh.State)).About(fresh.SubjectID)
	if err := s.Decisions.RecordAudit(ctx, entry.Noting("proof", string(fresh.Proof))); err != nil {
		return fresh, err
	}
	if fresh.Proof != ByRegistry {
		return fresh, nil
	}
	return s.moveRelation(ctx, by, fresh, RegistryProved, now)
}

// lockSubject locks whom a relation is about; who acts is only read, since the feed locks people in an order of its own
// and who has died acts no more in any case. ErrIdentityNotMatched unless both may act online.
func (s *Service) lockSubject(ctx context.Context, subject, actor models.ID) error {
	if _, err := s.lockActive(ctx, subject); err != nil {
		return err
	}
	p, err := s.Persons.Person(ctx, actor)
	if err == nil && !p.MayActOnline() {
		err = ErrIdentityNotMatched
	}
	return err
}

// moveRelation writes one step, its audit row and what both sides are told; it joins the transaction.
func (s *Service) moveRelation(ctx context.Context, by models.Actor, r Relation, on RelationEvent, now time.Time) (Relation, error) {
	next, err := r.After(on, now)
	if err != nil {
		return r, err
	}
	if err := s.Relations.AdvanceRelation(ctx, next, r.State); err != nil {
		return r, err
	}
	next.Version++
	drafts := relationNotices(next, r.State, on, now)
	if next.State == RelationProved {
		others, err := s.othersTold(ctx, next, on, now)
		if err != nil {
			return r, err
		}
		drafts = append(drafts, others...)
	}
	if r.State == RelationProved {
		child, err := s.childTold(ctx, next, on, now)
		if err != nil {
			return r, err
		}
		drafts = append(drafts, child...)
	}
	for _, d := range drafts {
		if err := s.Decisions.AddNotice(ctx, d); err != nil {
			return r, err
		}
	}
	action := "citizen.helper."
	if r.Kind == models.AsGuardian {
		action = "citizen.guardianship."
	}
	entry := audit.Of(by, now, action+string(on), "relations", string(r.ID), string(next.State)).About(r.SubjectID)
	return next, s.Decisions.RecordAudit(ctx, entry.Noting("actor", string(r.ActorID)).Noting("as_of_right", string(r.Kind)))
}
