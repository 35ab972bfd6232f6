package citizen

import (
	"context"

	"onecard/models"
)

// Whose consent is missing, as a fact beside the refusal.
const (
	consentBySubject  = "subject"
	consentByGuardian = "guardian"
)

// RequireConsent answers nil when the use of data for a purpose stands on a consent to the text in force (R53; see
// Consent.standsFor); ErrConsentRequired otherwise, with whose consent it takes. Other capabilities ask it through their
// own port, with the words of Purpose.
func (s *Service) RequireConsent(ctx context.Context, by models.Actor, purpose string) error {
	doc, ok := DocumentFor(Purpose(purpose))
	if !ok {
		return ErrConsentRequired.With("purpose", purpose)
	}
	have, birth, err := s.consentsOf(ctx, by)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	for _, c := range have {
		if c.standsFor(by, doc, birth, now) {
			return nil
		}
	}
	whose := consentBySubject
	if doc.Sensitive && youngerThan(GuardianBelow, birth, now) {
		whose = consentByGuardian
	}
	return ErrConsentRequired.With("purpose", purpose).With("version", doc.Version).With("consent_by", whose)
}

// consentsOf lists the consents about the actor's subject, with her birthday; it is empty where nobody knows it and
// before binding.
func (s *Service) consentsOf(ctx context.Context, by models.Actor) (have []Consent, birth models.Date, err error) {
	if by.Subject != "" {
		p, err := s.Persons.Person(ctx, by.Subject)
		if err != nil {
			return nil, "", err
		}
		birth = birthOf(p)
	}
	have, err = s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
	return have, birth, err
}
