package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// BeginBindingCheck opens a real-person check that binds the actor's account to the person named, if she passes it.
// Refusals as for RequestBindingCode, and ErrConsentRequired without the separate consent to face data (R53),
// ErrCheckUnavailable where the app has no check.
func (s *Service) BeginBindingCheck(ctx context.Context, by models.Actor, in Claim) (CheckTicket, error) {
	account, err := s.mayBind(ctx, by)
	if err != nil {
		return CheckTicket{}, err
	}
	if err := s.RequireConsent(ctx, by, string(PurposeFace)); err != nil {
		return CheckTicket{}, err
	}
	return s.beginClaimed(ctx, by, account, in, CheckToBind)
}

// BeginBorrowing opens a real-person check of the holder on anyone's phone (R67). It binds nothing; passing it opens a
// session of its own. The phone's owner only has to be logged in; her consents are not the holder's, who agrees here
// and now: ErrConsentRequired unless agreed holds the versions in force of the notice and of the face text.
func (s *Service) BeginBorrowing(ctx context.Context, by models.Actor, in Claim, agreed map[Purpose]string) (CheckTicket, error) {
	account, err := s.account(ctx, by)
	if err != nil {
		return CheckTicket{}, err
	}
	for _, p := range borrowConsents {
		if doc, _ := DocumentFor(p); agreed[p] != doc.Version {
			return CheckTicket{}, ErrConsentRequired.With("purpose", string(p)).With("version", doc.Version)
		}
	}
	return s.beginClaimed(ctx, by, account, in, CheckToBorrow)
}

// BeginCheck opens a real-person check of the person the actor is bound to, to make the session fresh (R35).
func (s *Service) BeginCheck(ctx context.Context, by models.Actor) (CheckTicket, error) {
	account, err := s.account(ctx, by)
	if err != nil {
		return CheckTicket{}, err
	}
	if by.ID == "" {
		return CheckTicket{}, ErrNotBound
	}
	face, err := s.face(account)
	if err != nil {
		return CheckTicket{}, err
	}
	if err := s.RequireConsent(ctx, by, string(PurposeFace)); err != nil {
		return CheckTicket{}, err
	}
	person, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return CheckTicket{}, err
	}
	if err := s.takeTry(ctx, [][]byte{[]byte("check:" + account.ID)}, checkTries); err != nil {
		return CheckTicket{}, err
	}
	return s.openCheck(ctx, by, account, face, person.PersonFact, CheckAgain)
}

// beginClaimed matches the claim before the platform is asked: a check costs money and shows a face. The attempt is
// given back only when the check is passed, since a match alone must not be worth another guess.
func (s *Service) beginClaimed(ctx context.Context, by models.Actor, account Account, in Claim, purpose CheckPurpose) (CheckTicket, error) {
	face, err := s.face(account)
	if err != nil {
		return CheckTicket{}, err
	}
	c, err := s.read(in, false)
	if err != nil {
		return CheckTicket{}, err
	}
	if s.below14(c.id.Birth()) {
		return CheckTicket{}, ErrConsentRequired.With("purpose", string(PurposeFace))
	}
	fact, _, err := s.match(ctx, by, c, false)
	if err != nil {
		return CheckTicket{}, err
	}
	return s.openCheck(ctx, by, account, face, fact, purpose)
}

// openCheck asks the platform first and writes the row then: a check nobody wrote down is worth nothing to anybody.
func (s *Service) openCheck(ctx context.Context, by models.Actor, account Account, face FaceCheck, fact PersonFact, purpose CheckPurpose) (CheckTicket, error) {
	now := s.Clock.Now()
	check := Check{
		ID: models.NewID(), Purpose: purpose, SessionID: by.SessionID, AccountID: account.ID, Platform: account.Platform,
		AppID: account.AppID, State: CheckBegun, BegunAt: now, ExpiresAt: now.Add(CheckLife),
	}
	ticket, err := face.Begin(ctx, FaceRequest{RequestID: check.RequestID(), OpenID: account.OpenID, Name: fact.Name, IDNumber: fact.IDNumber})
	if err != nil {
		return CheckTicket{}, err
	}
	if !ticket.ExpiresAt.IsZero() && ticket.ExpiresAt.Before(check.ExpiresAt) {
		check.ExpiresAt = models.Instant(ticket.ExpiresAt)
	}
	check.Ref = ticket.Ref
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		person, err := s.remember(ctx, fact)
		if err != nil {
			return err
		}
		check.PersonID = person.ID
		if err := s.Checks.AddCheck(ctx, check); err != nil {
			return err
		}
		entry := audit.Of(by, now, "citizen.check.begun", "identity_checks", string(check.ID), string(check.State))
		return s.Decisions.RecordAudit(ctx, entry.About(person.ID).Noting("purpose", string(purpose)))
	})
	return CheckTicket{CheckID: check.ID, Ref: ticket.Ref, URL: ticket.URL, ExpiresAt: check.ExpiresAt}, err
}
