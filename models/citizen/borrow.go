package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// borrowConsents are what the holder agrees to on a borrowed phone, before her face is shown.
var borrowConsents = []Purpose{PurposePrivacyNotice, PurposeFace}

// openBorrowed opens the holder's own session on a borrowed phone (借用手机办理, R67): it has no platform account, so
// nothing is bound and nothing can be sent to that account; it lives fifteen minutes and counts as the holder. The
// session of the phone's owner stays as it was. It joins the transaction of the check.
func (s *Service) openBorrowed(ctx context.Context, by models.Actor, check Check, person Person) (Raised, error) {
	person, err := s.lockActive(ctx, person.ID)
	if err != nil {
		return Raised{}, err
	}
	now := s.Clock.Now()
	secret, hash := newSecret()
	session := Session{
		ID: models.NewID(), Kind: BorrowedSession, Handle: person.Handle, SecretHash: hash, PersonID: person.ID,
		Channel: by.Channel, Level: models.LevelReal, CheckedAt: check.CheckedAt(), Device: "借用手机",
		MadeAt: now, SeenAt: now, ExpiresAt: now.Add(BorrowedLife),
	}
	if err := s.Sessions.CreateSession(ctx, session); err != nil {
		return Raised{}, err
	}
	for _, p := range borrowConsents { // given when the check began; whose they were is known only now
		doc, _ := DocumentFor(p)
		err := s.Consents.AddConsent(ctx, Consent{
			ID: models.NewID(), PersonID: person.ID, GivenBy: person.ID, Purpose: p, Version: doc.Version, Basis: doc.Basis,
			Channel: by.Channel, GivenAt: check.BegunAt,
		})
		if err != nil {
			return Raised{}, err
		}
	}
	entry := audit.Of(session.Actor(), now, "citizen.session.borrowed", "sessions", string(session.ID), "done")
	if err := s.Decisions.RecordAudit(ctx, entry.Noting("check", string(check.ID))); err != nil {
		return Raised{}, err
	}
	return Raised{Token: newToken(session.Handle, secret), Session: session}, nil
}
