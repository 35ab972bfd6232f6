package citizen

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// NameHelper names a relative who may look after the actor's matters (亲属协助, level fresh): progress, arrivals that are
// not sensitive, explanations and a loss of the social-security account, nothing else. The relative must be bound here
// and has to accept. One named already is answered again. The limit is counted under the holder's lock.
//
// Errors: what Gate refuses, ErrHolderTooYoung, ErrHelperSelf, ErrHelperTooYoung, ErrHelperUnknown for whoever is not
// there, named otherwise or not bound, ErrHelpersFull, ErrRelativeTries, and those of the form.
func (s *Service) NameHelper(ctx context.Context, by models.Actor, in Claim) (Relation, error) {
	if err := s.Gate.Allow(ctx, by, models.ActHelpers); err != nil {
		return Relation{}, err
	}
	c, err := s.read(in, false)
	if err != nil {
		return Relation{}, err
	}
	me, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return Relation{}, err
	}
	now := s.Clock.Now()
	switch {
	case youngerThan(AdultAge, birthOf(me), now):
		return Relation{}, ErrHolderTooYoung
	case c.id == me.IDNumber:
		return Relation{}, ErrHelperSelf
	case youngerThan(CardAge, c.id.Birth(), now):
		return Relation{}, ErrHelperTooYoung
	}
	most, err := s.Policy.HelpersMost(ctx, now)
	if err != nil {
		return Relation{}, err
	}
	answer := s.paced()
	helper, tries, err := s.boundRelative(ctx, by, c)
	if errors.Is(err, ErrNoMatch) {
		err = s.refuseClaim(ctx, by, ErrHelperUnknown)
		answer(ctx)
	}
	if err != nil {
		return Relation{}, err
	}
	s.giveBackTry(ctx, tries)
	return s.keepHelper(ctx, by, helper, most)
}

// boundRelative is a relative who has a platform account here; ErrNoMatch for all others alike.
func (s *Service) boundRelative(ctx context.Context, by models.Actor, c claimed) (models.ID, [][]byte, error) {
	fact, tries, err := s.matchRelative(ctx, by, c)
	if err != nil {
		return "", tries, err
	}
	p, err := s.Persons.PersonByRef(ctx, fact.Ref)
	if errors.Is(err, models.ErrNotFound) {
		return "", tries, ErrNoMatch
	}
	if err != nil {
		return "", tries, err
	}
	accounts, err := s.Accounts.AccountsOf(ctx, p.ID)
	if err == nil && len(accounts) == 0 {
		err = ErrNoMatch
	}
	return p.ID, tries, err
}

// keepHelper is the decision: one commit with the offer to the helper.
func (s *Service) keepHelper(ctx context.Context, by models.Actor, helper models.ID, most int) (Relation, error) {
	fresh := Relation{
		ID: models.NewID(), Kind: models.AsHelper, ActorID: helper, SubjectID: by.ID, State: RelationNamed, Proof: ByHolder, MadeAt: s.Clock.Now(),
	}
	stands := func(ctx context.Context) (Relation, error) { return s.openBetween(ctx, models.AsHelper, helper, by.ID) }
	return s.decideBetween(ctx, by, fresh.ID, stands, func(ctx context.Context) (Relation, error) {
		if err := s.lockSubject(ctx, by.ID, helper); err != nil {
			return Relation{}, err
		}
		have, err := s.roomForHelper(ctx, fresh, most)
		if err != nil || have.ID != "" {
			return have, err
		}
		return s.addHelper(ctx, by, fresh)
	})
}

// roomForHelper answers the open relation of the two where there is one, and ErrHelpersFull where no other fits. The
// holder is locked.
func (s *Service) roomForHelper(ctx context.Context, fresh Relation, most int) (Relation, error) {
	open, err := s.Relations.RelationsWith(ctx, RelationQuery{Kind: models.AsHelper, Subject: fresh.SubjectID, OpenOnly: true, Limit: most + 1})
	if err != nil {
		return Relation{}, err
	}
	for _, r := range open {
		if r.ActorID == fresh.ActorID {
			return r, nil
		}
	}
	if len(open) >= most {
		return Relation{}, ErrHelpersFull.With("most", strconv.Itoa(most))
	}
	return Relation{}, nil
}

func (s *Service) addHelper(ctx context.Context, by models.Actor, fresh Relation) (Relation, error) {
	if err := s.Relations.AddRelation(ctx, fresh); err != nil {
		return fresh, err
	}
	if fresh.Proof == ByHolder {
		if err := s.takeNaming(ctx, fresh); err != nil {
			return fresh, err
		}
		err := s.Decisions.AddNotice(ctx, notice.Draft{
			Cause: "relation:" + string(fresh.ID) + ":named", Kind: notice.HelperNamed, PersonID: fresh.ActorID, At: fresh.MadeAt,
			Object: "relation", ObjectID: fresh.ID,
		})
		if err != nil {
			return fresh, err
		}
	}
	entry := audit.Of(by, fresh.MadeAt, "citizen.helper.named", "relations", string(fresh.ID), string(fresh.State)).About(fresh.SubjectID)
	return fresh, s.Decisions.RecordAudit(ctx, entry.Noting("helper", string(fresh.ActorID)).Noting("proof", string(fresh.Proof)))
}

// AcceptHelper lets the helper take up what the holder offered (level real); from now on the months count. A repeat
// answers with the relation as it stands. ErrRelationUnknown for an offer to others, ErrRelationOver.
func (s *Service) AcceptHelper(ctx context.Context, by models.Actor, id models.ID) (Relation, error) {
	if err := s.Gate.Allow(ctx, by, models.ActHelp); err != nil {
		return Relation{}, err
	}
	r, err := s.ownRelation(ctx, by, id)
	if err == nil && r.Kind != models.AsHelper {
		err = ErrRelationUnknown
	}
	if err != nil {
		return Relation{}, err
	}
	now := s.Clock.Now()
	months, err := s.Policy.HelpersMonths(ctx, now)
	if err != nil {
		return Relation{}, err
	}
	var out Relation
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "relations", string(id))
		if err != nil {
			return err
		}
		if err := s.lockSubject(ctx, r.SubjectID, r.ActorID); err != nil {
			return err
		}
		if out, err = s.Relations.LockRelation(ctx, id); err != nil || prior != "" || out.State == RelationActive {
			return err
		}
		if !now.Before(out.MadeAt.Add(HelperOfferLife)) {
			return ErrRelationOver
		}
		out.EndsAt = endOfTerm(now, months)
		out, err = s.moveRelation(ctx, by, out, HelperAccepted, now)
		return err
	})
	return out, err
}

// endOfTerm is the beginning of the civil day that lies so many months ahead.
func endOfTerm(now time.Time, months int) time.Time {
	n := now.In(models.Shanghai)
	return models.Instant(time.Date(n.Year(), n.Month()+time.Month(months), n.Day(), 0, 0, 0, 0, models.Shanghai))
}
