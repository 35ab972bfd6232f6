package citizen

import (
	"context"

	"onecard/models"
)

// RequireConsent answers nil when the use of data for a purpose stands on a consent to the text in force, given by
// the subject, or for a child under 14 by the guardian (R53); ErrConsentRequired otherwise. Other capabilities ask it
// through their own port, with the words of Purpose.
func (s *Service) RequireConsent(ctx context.Context, by models.Actor, purpose string) error {
	doc, ok := DocumentFor(Purpose(purpose))
	if !ok {
		return ErrConsentRequired.With("purpose", purpose)
	}
	refused := ErrConsentRequired.With("purpose", purpose).With("version", doc.Version)
	needsGuardian := false
	if by.Subject != "" && doc.Sensitive {
		var err error
		if needsGuardian, err = s.isChild(ctx, by.Subject); err != nil {
			return err
		}
	}
	have, err := s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
	if err != nil {
		return err
	}
	for _, c := range have {
		byGuardian := c.GivenBy != "" && c.GivenBy != by.Subject
		if c.Covers(doc) && (!needsGuardian || byGuardian) {
			return nil
		}
	}
	return refused
}
