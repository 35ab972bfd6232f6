package citizen

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// ActingFor is what somebody wants to do for another.
type ActingFor struct {
	Relation models.ID
	Act      models.Act        // empty: what is asked has no act, and May alone decides
	May      []models.Capacity // who may do it for another at all
	Look     bool              // it reads: what is decided writes its own audit row
}

// ActFor turns an actor into one who acts for the subject of a relation that is hers and counts now. It is asked with
// every request, so a right that has ended opens nothing more. Every look is written down with actor and subject, and
// the holder of a helper is told of each act, once a day.
//
// Errors: ErrNotBound, ErrRelationUnknown for a relation of others, ErrRelationWaits, ErrRelationOver,
// ErrDependantOfAge, models.ErrHelperMayNot, models.ErrGuardianMayNot, and what Gate refuses.
func (s *Service) ActFor(ctx context.Context, by models.Actor, in ActingFor) (models.Actor, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return by, ErrSessionInvalid
	}
	if by.ID == "" {
		return by, ErrNotBound
	}
	r, err := s.ownRelation(ctx, by, in.Relation)
	if err != nil {
		return by, err
	}
	if err := s.counts(ctx, r); err != nil {
		return by, err
	}
	acting := by
	acting.Subject, acting.As, acting.Relation = r.SubjectID, r.Kind, r.ID
	if !slices.Contains(in.May, r.Kind) {
		return by, mayNot(r.Kind)
	}
	if in.Act != "" {
		if err := s.Gate.Allow(ctx, acting, in.Act); err != nil {
			return by, err
		}
	}
	if in.Look {
		err = s.noteLook(ctx, acting, in.Act)
	}
	return acting, err
}

func mayNot(as models.Capacity) error {
	if as == models.AsHelper {
		return models.ErrHelperMayNot
	}
	return models.ErrGuardianMayNot
}

// StillActsFor looks at the right again inside the transaction of a decision, and holds it there: what ends in the
// same moment ended before, or after. Nobody needs a right to act for herself.
func (s *Service) StillActsFor(ctx context.Context, by models.Actor) error {
	if by.Kind != models.CitizenActor || by.ForSelf() {
		return nil
	}
	r, err := s.Relations.LockRelation(ctx, by.Relation)
	if errors.Is(err, models.ErrNotFound) || err == nil && (r.ActorID != by.ID || r.SubjectID != by.Subject || r.Kind != by.As) {
		return ErrRelationUnknown
	}
	if err != nil {
		return err
	}
	return s.counts(ctx, r)
}

// ownRelation is a relation in which by is the one who acts; ErrRelationUnknown for anybody else's.
func (s *Service) ownRelation(ctx context.Context, by models.Actor, id models.ID) (Relation, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Relation{}, ErrRelationUnknown
	}
	r, err := s.Relations.Relation(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && r.ActorID != by.ID {
		return Relation{}, ErrRelationUnknown
	}
	return r, err
}

// counts refuses a relation that gives no power now. A sweep ends what is over, but a right ends at its moment, swept
// or not.
func (s *Service) counts(ctx context.Context, r Relation) error {
	subject, err := s.Persons.Person(ctx, r.SubjectID)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	switch {
	case r.Kind == models.AsGuardian && !youngerThan(CardAge, birthOf(subject), now):
		return ErrDependantOfAge
	case r.State == RelationRequested, r.State == RelationNamed:
		return ErrRelationWaits
	case !r.Counts(), !subject.MayActOnline(), r.Kind == models.AsHelper && !now.Before(r.EndsAt):
		return ErrRelationOver
	}
	return nil
}

// noteLook writes a look down, and tells the holder that her helper looked.
func (s *Service) noteLook(ctx context.Context, acting models.Actor, act models.Act) error {
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		if acting.As == models.AsHelper {
			if err := s.Decisions.AddNotice(ctx, s.HelperActed(acting, act, string(models.DateOf(now)), now)); err != nil {
				return err
			}
		}
		entry := audit.Of(acting, now, "citizen.relation.looked", "relations", string(acting.Relation), "done")
		return s.Decisions.RecordAudit(ctx, entry.Noting("act", string(act)))
	})
}

// actWords say what a helper did, for the holder's phone.
var actWords = map[models.Act]string{
	models.ActCardRead: "查看社保卡状态", models.ActProgressRead: "查看办卡进度", models.ActArrivals: "查看补贴到账", models.ActLoss: "挂失社保账户",
}

// HelperActed is what the holder is told of an act of her helper. What names the one act: a day for looks, the record
// for what was decided; told again it is the same notice.
func (*Service) HelperActed(by models.Actor, act models.Act, what string, at time.Time) notice.Draft {
	return notice.Draft{
		Cause: "helper:" + string(by.Relation) + ":" + string(act) + ":" + what, Kind: notice.HelperActed, PersonID: by.Subject, At: at,
		Params: map[string]string{"time": notice.Moment(at), "act": actWords[act]}, Object: "relation", ObjectID: by.Relation,
	}
}
