package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// FinishCheck asks the platform's server what became of a check that this session began, and lets a pass count once:
// it binds (level real), makes a bound session fresh, or opens a borrowed session. What the client says is never
// believed. A repeat after a pass answers the session as it is, without a token.
//
// models.ErrNotFound for a check of another session, ErrCheckPending, ErrCheckNotPassed, ErrCheckOver when it is too
// old, ErrAlreadyBound, and models.ErrUnavailable when the platform does not answer (ask again).
func (s *Service) FinishCheck(ctx context.Context, by models.Actor, id models.ID) (Raised, error) {
	check, err := s.Checks.Check(ctx, id)
	if err != nil {
		return Raised{}, err
	}
	if by.SessionID == "" || check.SessionID != by.SessionID {
		return Raised{}, models.ErrNotFound
	}
	now := s.Clock.Now()
	switch {
	case check.State == CheckPassed:
		return s.finishedBefore(ctx, check)
	case check.State == CheckFailed:
		return Raised{}, ErrCheckNotPassed
	case !now.Before(check.ExpiresAt):
		return Raised{}, ErrCheckOver
	}
	person, err := s.Persons.Person(ctx, check.PersonID)
	if err != nil {
		return Raised{}, err
	}
	result, err := s.askPlatform(ctx, check, person)
	if err != nil {
		return Raised{}, err
	}
	if result == FacePending {
		return Raised{}, ErrCheckPending
	}
	raised, err := s.settleCheck(ctx, by, check, person, result)
	if errors.Is(err, errCheckTaken) { // another call of this session was first
		return s.finishedBefore(ctx, check)
	}
	if errors.Is(err, ErrIdentityNotMatched) { // she died or was merged since the check began
		return raised, s.refuseClaim(ctx, by, err)
	}
	if err == nil && result != FacePassed {
		err = ErrCheckNotPassed
	}
	if err == nil {
		s.forget(ctx, raised)
		s.giveBackPassed(ctx, check, person)
	}
	return raised, err
}

var errCheckTaken = errors.New("the check was finished by another call")

func (s *Service) askPlatform(ctx context.Context, check Check, person Person) (FaceResult, error) {
	account, err := s.Accounts.Account(ctx, check.AccountID)
	if err != nil {
		return "", err
	}
	face, err := s.face(account)
	if err != nil {
		return "", err
	}
	return face.Result(ctx, FaceRequest{
		RequestID: check.RequestID(), OpenID: account.OpenID, Name: person.Name, IDNumber: person.IDNumber,
	}, check.Ref)
}

// settleCheck commits the outcome with everything it changes.
func (s *Service) settleCheck(ctx context.Context, by models.Actor, check Check, person Person, result FaceResult) (raised Raised, err error) {
	now := s.Clock.Now()
	on := PlatformFailed
	if result == FacePassed {
		on = PlatformPassed
	}
	to, err := CheckFlow.Next(check.State, on)
	if err != nil {
		return Raised{}, ErrCheckOver.Because(err)
	}
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Persons.LockPerson(ctx, person.ID); err != nil {
			return err
		}
		if err := s.Checks.FinishCheck(ctx, check.ID, to, now); err != nil {
			if errors.Is(err, models.ErrConflict) {
				return errCheckTaken
			}
			return err
		}
		entry := audit.Of(by, now, "citizen.check.finished", "identity_checks", string(check.ID), string(to)).About(person.ID)
		if err := s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(check.Purpose))); err != nil || to != CheckPassed {
			return err
		}
		var err error
		raised, err = s.letCount(ctx, by, check, person)
		return err
	})
	return raised, err
}

// letCount is what a passed check does.
func (s *Service) letCount(ctx context.Context, by models.Actor, check Check, person Person) (Raised, error) {
	switch check.Purpose {
	case CheckToBorrow:
		return s.openBorrowed(ctx, by, check, person)
	case CheckAgain:
		if by.ID != check.PersonID {
			return Raised{}, models.ErrNotFound
		}
	}
	return s.bind(ctx, by, person.ID, ByRealPerson, check.CheckedAt())
}

func (s *Service) finishedBefore(ctx context.Context, check Check) (Raised, error) {
	if check.Purpose == CheckToBorrow {
		return Raised{}, ErrCheckOver // its token was given once
	}
	session, err := s.Sessions.Session(ctx, check.SessionID)
	return Raised{Session: session}, err
}

// giveBackPassed returns the attempt a claim cost, now that it was proven true.
func (s *Service) giveBackPassed(ctx context.Context, check Check, person Person) {
	if check.Purpose != CheckAgain {
		s.giveBackTry(ctx, s.tryKeys(check.AccountID, person.IDNumber))
	}
}
