package citizen

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// noCheck is the time of a real-person check that did not happen.
var noCheck time.Time

// Raised is a session whose person or level has just changed. Token replaces the old one, which is dead from this
// moment: a session that gains rights changes its secret. It is empty where nothing was gained.
type Raised struct {
	Token   Token
	Session Session
	before  Session // whose copy must go
}

// bind gives the actor's account and session their person, adopts the consents given on the way, audits and tells the
// person. It joins the caller's transaction. An account bound to this person already is raised; one bound to another
// is ErrAlreadyBound, whoever came first. The person is locked and read here, so that one whose death or merge the feed
// brings meanwhile is not bound (ErrIdentityNotMatched), or is bound before and loses it by that very news.
func (s *Service) bind(ctx context.Context, by models.Actor, id models.ID, how BindMethod, checkedAt time.Time) (Raised, error) {
	now := s.Clock.Now()
	person, err := s.lockActive(ctx, id)
	if err != nil {
		return Raised{}, err
	}
	err = s.Accounts.BindAccount(ctx, by.AccountID, person.ID, how, now)
	again := errors.Is(err, models.ErrConflict)
	if again {
		err = s.Accounts.RaiseAccount(ctx, by.AccountID, person.ID, how.Level())
		if errors.Is(err, models.ErrConflict) {
			return Raised{}, ErrAlreadyBound.Because(err)
		}
	}
	if err != nil {
		return Raised{}, err
	}
	if err := s.Consents.AdoptConsents(ctx, by.AccountID, person.ID); err != nil {
		return Raised{}, err
	}
	raised, err := s.raise(ctx, by, person, how.Level(), checkedAt)
	if err != nil {
		return Raised{}, err
	}
	action := "citizen.account.bound"
	if again {
		action = "citizen.account.checked"
	} else if err := s.tellBound(ctx, by, person.ID, notice.Bound, string(raised.Session.ID), now); err != nil {
		return Raised{}, err
	}
	entry := audit.Of(by, now, action, "platform_accounts", string(by.AccountID), "done").About(person.ID)
	return raised, s.Decisions.RecordAudit(ctx, entry.Noting("method", string(how)))
}

// lockActive locks the row of a person a session may stand for; ErrIdentityNotMatched for any other.
func (s *Service) lockActive(ctx context.Context, id models.ID) (Person, error) {
	person, err := s.Persons.LockPerson(ctx, id)
	if err == nil && !person.MayActOnline() {
		err = ErrIdentityNotMatched
	}
	return person, err
}

// raise writes person, level and check into the actor's session, under a new secret. A level never falls.
func (s *Service) raise(ctx context.Context, by models.Actor, person Person, level models.Level, checkedAt time.Time) (Raised, error) {
	before, err := s.Sessions.Session(ctx, by.SessionID)
	if err != nil {
		return Raised{}, err
	}
	secret, hash := newSecret()
	after := before
	after.PersonID, after.Handle, after.SecretHash = person.ID, person.Handle, hash
	after.Level = max(before.Level, level)
	if checkedAt.After(after.CheckedAt) {
		after.CheckedAt = checkedAt
	}
	if err := s.Sessions.ChangeSession(ctx, after); err != nil {
		return Raised{}, err
	}
	after.Version++
	return Raised{Token: newToken(after.Handle, secret), Session: after, before: before}, nil
}

// forget drops the copy under the secret that is dead now; it is called after the commit.
func (s *Service) forget(ctx context.Context, r Raised) {
	if r.before.ID != "" {
		s.drop(ctx, r.before)
	}
}

// tellBound tells the person's phone that an account was joined to her or taken off.
func (s *Service) tellBound(ctx context.Context, by models.Actor, person models.ID, kind notice.Kind, fact string, at time.Time) error {
	return s.Decisions.AddNotice(ctx, notice.Draft{
		Cause: string(kind) + ":" + string(by.AccountID) + ":" + fact, Kind: kind, PersonID: person, At: at,
		Params: map[string]string{"time": notice.Moment(at), "platform": notice.PlatformWord(by.Channel)},
	})
}
