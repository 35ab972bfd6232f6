package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// PersonView is the caller as an agent sees her: every value masks itself (R54), and nothing names a programme (R55).
// Below Full it holds no answer to a question of R58: no district.
type PersonView struct {
	Person   Person
	Level    VerifyLevel
	Strength Strength
}

// PersonOf is the verified person of the agent's own open call. That the call opens her, the look and its audit entry, which
// the citizen can read, and the reading are one statement. ErrNoActiveCall, models.ErrNotFound for another agent's call,
// ErrVerificationRequired below Basic, ErrPhoneLocked while look-ups are closed for the person.
func (s *Service) PersonOf(ctx context.Context, by models.Actor, callID models.ID) (PersonView, error) {
	seen, err := s.look(ctx, by, callID, SeesPerson)
	if err != nil {
		return PersonView{}, err
	}
	return seen.view(), s.heed(ctx, by, callID, seen)
}

// Looking reads something of the person of the agent's own open call: read is handed the actor who may ask other capabilities
// about her, inside the transaction of the look, which holds the call as it is. A call that is closed, locked or another's at
// that moment opens nothing; what was read is shown only after the look is durable. read asks nothing outside.
// What read refuses was still a look, since a refusal tells something too; what fails was none. The refusals of PersonOf, by
// the level the sight asks for.
func (s *Service) Looking(ctx context.Context, by models.Actor, callID models.ID, what Sight, read func(ctx context.Context, in models.Actor) error) (PersonView, error) {
	if s.Fresh != nil && by.CallID == callID && by.Subject != "" {
		s.Fresh.Freshen(ctx, by.Subject)
	}
	var seen Seen
	var refused error
	err := s.Journal.InTx(models.FromCopyOnly(ctx), func(ctx context.Context) (err error) {
		if seen, err = s.look(ctx, by, callID, what); err != nil {
			return err
		}
		in := by
		in.CallID, in.Subject, in.Level = callID, seen.Person.ID, seen.Strength.actorLevel()
		err = read(ctx, in)
		switch models.KindOf(err) {
		case models.NotFound, models.Conflict, models.Forbidden, models.Invalid:
			refused = err
			return nil
		}
		return err
	})
	if err != nil {
		return PersonView{}, err
	}
	if err := s.heed(ctx, by, callID, seen); err != nil {
		return PersonView{}, err
	}
	return seen.view(), refused
}

func (v Seen) view() PersonView {
	view := PersonView{Person: v.Person, Level: v.Strength.Level(), Strength: v.Strength}
	if view.Level != LevelFull {
		view.Person.District = ""
	}
	return view
}

// actorLevel is the level of an agent's actor in a call of that strength.
func (s Strength) actorLevel() models.Level {
	switch s.Level() {
	case LevelFull:
		return models.LevelReal
	case LevelBasic:
		return models.LevelPhone
	}
	return models.LevelPlatform
}

// countLookUp adds one look and gives the hour's count when it is over the limit, else 0.
func (s *Service) countLookUp(ctx context.Context, by models.Actor, call Call, person models.ID, kind string) (int, error) {
	now := s.Clock.Now()
	l := LookUp{ID: models.NewID(), CallID: call.ID, StaffID: by.ID, PersonID: person, Kind: kind, At: now}
	if err := s.Checks.AddLookUp(ctx, l); err != nil {
		return 0, err
	}
	n, err := s.Checks.LookUpsSince(ctx, by.ID, now.Add(-time.Hour))
	if err != nil || n <= s.limits().LookUpsPerHour {
		return 0, err
	}
	return n, s.raise(ctx, by, call.ID, FlagManyLooks, hourOf(now), n)
}

func (s *Service) watch(ctx context.Context, by models.Actor, over int) {
	if over > 0 && s.Watch != nil {
		s.Watch.LookUpsOverLimit(ctx, by.ID, over)
	}
}
