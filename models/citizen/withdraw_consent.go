package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// ErrConsentKept is a record that stands on the law and not on a consent.
var ErrConsentKept = models.NewError(models.Conflict, "CONSENT_NOT_WITHDRAWABLE", "这是依法必须告知的内容,不能撤回;不再使用的,可以解除账号绑定。如有疑问请拨打12333。")

// ErrConsentOwn is a guardian who would decide about a consent that is the young person's own.
var ErrConsentOwn = models.NewError(models.Forbidden, "CONSENT_BY_SUBJECT_ONLY", "孩子已满14周岁,是否同意由孩子本人决定,监护人不能代为同意或撤回。请孩子在自己的账号中办理,或由孩子本人在您的手机上核验人脸后办理;也可由孩子本人到社保卡服务网点办理,或拨打12333。")

// WithdrawConsent ends every consent of the actor's subject for a purpose, whoever gave it. What was done before stays
// lawful; the next use asks again. Withdrawing what was never given is done. The guardian of a child under 14 may, in a
// right that is looked at again here; from 14 on only the person herself (ErrConsentOwn, R53).
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
		prior, err := s.Decisions.Remember(ctx, by, "consents", string(purpose))
		if err != nil || prior != "" {
			return err // a late repeat withdraws nothing that was given since
		}
		if _, err := s.maySpeakOf(ctx, by, doc); err != nil {
			return err
		}
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
