package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// GiveConsent records that the actor read the text of a purpose and agreed, for herself or for the child she acts
// for. The version must be the one in force (ErrConsentVersion). A consent that stands already is answered again.
// A person under 14 cannot consent to a sensitive use: ErrConsentRequired, the guardian does (R53).
func (s *Service) GiveConsent(ctx context.Context, by models.Actor, purpose Purpose, version string) (Consent, error) {
	doc, ok := DocumentFor(purpose)
	if !ok {
		return Consent{}, ErrPurposeUnknown
	}
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return Consent{}, ErrSessionInvalid
	}
	if version != doc.Version {
		return Consent{}, ErrConsentVersion
	}
	if by.ForSelf() && doc.Sensitive {
		child, err := s.isChild(ctx, by.Subject)
		if err != nil {
			return Consent{}, err
		}
		if child {
			return Consent{}, ErrConsentRequired
		}
	}
	now := s.Clock.Now()
	given := Consent{
		ID: models.NewID(), AccountID: by.AccountID, PersonID: by.Subject, GivenBy: by.ID, Purpose: purpose,
		Version: version, Basis: doc.Basis, Channel: by.Channel, GivenAt: now,
	}
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		have, err := s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
		if err != nil {
			return err
		}
		for _, c := range have {
			if c.Covers(doc) && c.GivenBy == by.ID {
				given = c
				return nil
			}
		}
		if err := s.Consents.AddConsent(ctx, given); err != nil {
			return err
		}
		entry := audit.Of(by, now, "citizen.consent.given", "consents", string(given.ID), "done")
		return s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(purpose)).Noting("version", version))
	})
	return given, err
}

// isChild reports whether a person is below the age at which PIPL 31 asks for the guardian.
func (s *Service) isChild(ctx context.Context, person models.ID) (bool, error) {
	p, err := s.Persons.Person(ctx, person)
	if err != nil {
		return false, err
	}
	birth := p.BirthDate
	if birth == "" {
		birth = p.IDNumber.Birth()
	}
	return s.below14(birth), nil
}

// below14 takes a person without a known birth date (old foreigners' cards) for an adult.
func (s *Service) below14(birth models.Date) bool {
	return birth != "" && birth.AgeAt(s.Clock.Now()) < GuardianBelow
}
