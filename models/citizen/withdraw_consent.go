package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// ErrConsentKept is a record that stands on the law and not on a consent.
var ErrConsentKept = models.NewError(models.Conflict, "CONSENT_NOT_WITHDRAWABLE", "这是依法必须告知的内容,不能撤回;不再使用的,可以解除账号绑定。如有疑问请拨打12333。")

// WithdrawConsent ends every consent of the actor's subject for a purpose. What was done before stays lawful; the next
// use asks again. Withdrawing what was never given is done.
func (s *Service) WithdrawConsent(ctx context.Context, by models.Actor, purpose Purpose) error {
	doc, ok := DocumentFor(purpose)
	if !ok {
		return ErrPurposeUnknown
	}
	if doc.Basis != BasisConsent {
		return ErrConsentKept
	}
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return ErrSessionInvalid
	}
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		have, err := s.Consents.ConsentsOf(ctx, by.Subject, by.AccountID)
		if err != nil {
			return err
		}
		for _, c := range have {
			if c.Purpose != purpose || !c.WithdrawnAt.IsZero() {
				continue
			}
			if err := s.Consents.WithdrawConsent(ctx, c.ID, now); err != nil {
				return err
			}
			entry := audit.Of(by, now, "citizen.consent.withdrawn", "consents", string(c.ID), "done")
			if err := s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(purpose)).Noting("version", c.Version)); err != nil {
				return err
			}
		}
		return nil
	})
}
