package citizen

import (
	"context"
	"slices"

	"onecard/models"
	"onecard/models/audit"
)

// GiveConsent records that the actor read the text of a purpose and agreed, for herself or for the child she is guardian
// of; that right is looked at again in the decision. The version must be the one in force (ErrConsentVersion). A consent
// of hers that stands already is answered again (what she tapped as a child stands no more from 14 on), and a late repeat
// revives none that was withdrawn. A sensitive use is consented to by the person from 14 on, under 14 by the guardian
// (R53): ErrConsentRequired for a younger one, ErrConsentOwn for the guardian of an older one.
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
	now := s.Clock.Now()
	given := Consent{
		ID: models.NewID(), AccountID: by.AccountID, PersonID: by.Subject, GivenBy: by.ID, Purpose: purpose,
		Version: version, Basis: doc.Basis, Channel: by.Channel, GivenAt: now,
	}
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		have, birth, err := s.consentsOf(ctx, by)
		if err != nil {
			return err
		}
		stands := slices.IndexFunc(have, func(c Consent) bool { return c.standsFor(by, doc, birth, now) && c.GivenBy == by.ID })
		if stands >= 0 {
			given = have[stands]
		}
		prior, err := s.Decisions.Remember(ctx, by, "consents", string(given.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			given, err = s.consentGiven(ctx, by, models.ID(prior))
			return err
		}
		child, err := s.maySpeakOf(ctx, by, doc)
		switch {
		case err != nil:
			return err
		case child && by.ForSelf() && doc.Sensitive:
			return ErrConsentRequired.With("purpose", string(purpose)).With("consent_by", consentByGuardian)
		case stands >= 0:
			return nil
		}
		if err := s.Consents.AddConsent(ctx, given); err != nil {
			return err
		}
		entry := audit.Of(by, now, "citizen.consent.given", "consents", string(given.ID), "done")
		return s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(purpose)).Noting("version", version))
	})
	return given, err
}

// consentGiven is the consent that an earlier run of the request gave, perhaps withdrawn since: it is not given anew.
func (s *Service) consentGiven(ctx context.Context, by models.Actor, id models.ID) (Consent, error) {
	have, err := s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
	if err != nil {
		return Consent{}, err
	}
	i := slices.IndexFunc(have, func(c Consent) bool { return c.ID == id })
	if i < 0 {
		return Consent{}, models.ErrNotFound
	}
	return have[i], nil
}

// maySpeakOf says whether the subject is under 14, and refuses whoever has no say in her consents: a guardian whose right
// has ended, a helper, and from 14 on the guardian too (ErrConsentOwn). It joins the transaction and holds the right there.
func (s *Service) maySpeakOf(ctx context.Context, by models.Actor, doc Document) (child bool, err error) {
	if by.Subject == "" {
		return false, nil // not bound: nobody's yet
	}
	if !by.ForSelf() {
		if by.As != models.AsGuardian {
			return false, models.ErrHelperMayNot
		}
		if err := s.StillActsFor(ctx, by); err != nil {
			return false, err
		}
	}
	child, err = s.isChild(ctx, by.Subject)
	if err == nil && doc.Sensitive && !child && !by.ForSelf() {
		err = ErrConsentOwn
	}
	return child, err
}

// isChild reports whether a person is below the age at which PIPL 31 asks for the guardian.
func (s *Service) isChild(ctx context.Context, person models.ID) (bool, error) {
	p, err := s.Persons.Person(ctx, person)
	if err != nil {
		return false, err
	}
	return s.below14(birthOf(p)), nil
}

// below14 takes a person without a known birth date (old foreigners' cards) for an adult.
func (s *Service) below14(birth models.Date) bool {
	return birth != "" && birth.AgeAt(s.Clock.Now()) < GuardianBelow
}
