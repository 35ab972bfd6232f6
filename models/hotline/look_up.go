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

// PersonOf is the verified person of the agent's own open call. The look is counted and has its own audit entry in
// the same commit, which the citizen can read. ErrNoActiveCall, models.ErrNotFound for another agent's call,
// ErrVerificationRequired below Basic, ErrPhoneLocked while look-ups are closed for the person.
func (s *Service) PersonOf(ctx context.Context, by models.Actor, callID models.ID) (PersonView, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return PersonView{}, err
	}
	if call.Level == LevelNone {
		return PersonView{}, ErrVerificationRequired
	}
	var view PersonView
	over := 0
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		p, err := s.openPerson(ctx, call)
		if err != nil {
			return err
		}
		call.UsedAt = s.Clock.Now()
		if err := s.Calls.UpdateCall(ctx, call); err != nil {
			return err
		}
		if over, err = s.countLookUp(ctx, by, call, p.ID, "person"); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, p.ID
		if call.Level != LevelFull {
			p.District = ""
		}
		view = PersonView{Person: p, Level: call.Level, Strength: call.Strength}
		notes := []string{"strength", string(call.Strength)}
		if over > 0 {
			notes = append(notes, "rate", "over_limit")
		}
		return s.record(ctx, by, "hotline.person.seen", "calls", string(call.ID), "done", notes...)
	})
	if err != nil {
		return PersonView{}, err
	}
	s.watch(ctx, by, over)
	return view, nil
}

// openPerson is the person of the call unless look-ups are closed for her (R58).
func (s *Service) openPerson(ctx context.Context, call Call) (Person, error) {
	p, err := s.People.PersonByID(ctx, call.PersonID)
	if err != nil {
		return Person{}, err
	}
	now := s.Clock.Now()
	worst, err := s.worst(ctx, lockKeys(p.IDNumber, "", call.Caller), now)
	if err != nil {
		return Person{}, err
	}
	if worst >= failuresPerDay || call.Failures >= failuresPerCall {
		return Person{}, s.lockedFor(now)
	}
	return p, nil
}

// countLookUp adds one look and gives the hour's count when it is over the limit, else 0.
func (s *Service) countLookUp(ctx context.Context, by models.Actor, call Call, person models.ID, kind string) (int, error) {
	now := s.Clock.Now()
	l := LookUp{ID: models.NewID(), CallID: call.ID, StaffID: by.ID, PersonID: person, Kind: kind, At: now}
	if err := s.Checks.AddLookUp(ctx, l); err != nil {
		return 0, err
	}
	n, err := s.Checks.LookUpsSince(ctx, by.ID, now.Add(-time.Hour))
	if err != nil || n <= lookUpsPerHour {
		return 0, err
	}
	return n, nil
}

func (s *Service) watch(ctx context.Context, by models.Actor, over int) {
	if over > 0 && s.Watch != nil {
		s.Watch.LookUpsOverLimit(ctx, by.ID, over)
	}
}
