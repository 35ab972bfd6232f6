package card

import (
	"context"
	"errors"
	"strings"

	"onecard/models"
	"onecard/models/audit"
)

// CorrectReplacement puts a returned replacement right and submits it again under its receipt number: replacement, step, new
// pictures, command and audit in one commit. The form holds what changes; the rest stays, and so does the fee: it was paid
// for the order, which goes on (R21). What can be put right at a window only is not asked for here.
//
// Errors: those of RequestReplacement about who may; CONSENT_REQUIRED for pictures and for another bank (R53);
// ErrReplacementNotFound, ErrReplacementNotReturned, ErrReplacementAtWindow, ErrCorrectionsUsedUp, ErrReplacementBeingSent;
// and, all at once in Fields, ErrCorrectionIncomplete for each defect whose field is unchanged, ErrUploadUnknown,
// BANK_NOT_AVAILABLE, ErrOutletRequired.
func (s *Service) CorrectReplacement(ctx context.Context, by models.Actor, id models.ID, in SubmitInput) (Replacement, error) {
	rules, err := s.Replacing.ReplacementRules(ctx, s.Clock.Now())
	if err != nil {
		return Replacement{}, err
	}
	if err := s.mayReplace(ctx, by, "", rules); err != nil {
		return Replacement{}, err
	}
	var out Replacement
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "replacements", string(id))
		if err != nil {
			return err
		}
		if out, err = s.ownReplacement(ctx, by, id); err != nil || prior != "" {
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		if out.State == ReplacementAwaitingFee { // its locks are taken in another order, and there is nothing to put right
			return ErrReplacementNotReturned
		}
		if _, err := s.Store.LockCard(ctx, out.CardID); err != nil {
			return err
		}
		if out, err = s.Store.LockReplacement(ctx, id); err != nil {
			return err
		}
		out, err = s.correctReplacement(ctx, by, out, in)
		return err
	})
	if errors.Is(err, models.ErrConflict) {
		if r, lateErr := s.ownReplacement(ctx, by, id); lateErr == nil && r.State != ReplacementReturned {
			return Replacement{}, ErrReplacementNotReturned // another device was faster
		}
		return Replacement{}, ErrReplacementBeingSent
	}
	return out, err
}

// correctReplacement is the decision, with card and replacement locked.
func (s *Service) correctReplacement(ctx context.Context, by models.Actor, r Replacement, in SubmitInput) (Replacement, error) {
	terms, err := s.Policy.ApplicationTerms(ctx, s.Clock.Now())
	switch {
	case err != nil:
		return r, err
	case r.State != ReplacementReturned:
		return r, ErrReplacementNotReturned
	case !r.correctable():
		return r, ErrReplacementAtWindow
	case r.Corrections >= terms.Corrections:
		return r, ErrCorrectionsUsedUp
	}
	form, pictures, err := s.corrected(ctx, by, *r.asApplication(), in)
	if err != nil {
		return r, err
	}
	if err := s.correctionConsents(ctx, by, form.BankCode != r.BankCode, len(pictures) > 0); err != nil {
		return r, err
	}
	from, now := r.State, s.Clock.Now()
	if r, err = s.usePictures(ctx, r, pictures); err != nil {
		return r, err
	}
	r.BankCode, r.OutletRef, r.Corrected, r.Corrections, r.ReasonCode = form.BankCode, form.OutletRef, form.Corrected, r.Corrections+1, ""
	next, err := r.After(ReplacementCorrected, now)
	if err != nil {
		return r, ErrReplacementNotReturned.Because(err)
	}
	if err := s.queueReplacement(ctx, next, CommandReplacementCorrection); err != nil {
		return r, err
	}
	if err := s.Store.AdvanceReplacement(ctx, next, from); err != nil {
		return r, err
	}
	next.Version++
	return next, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.replacement.corrected", "replacements", string(r.ID), string(next.State)).
		About(r.PersonID).Noting("fields", strings.Join(next.Corrected, ",")))
}

// correctionConsents asks for the consents that what changes needs.
func (s *Service) correctionConsents(ctx context.Context, by models.Actor, otherBank, pictures bool) error {
	if otherBank {
		if err := s.Consents.RequireConsent(ctx, by, purposeBankData); err != nil {
			return err
		}
	}
	if pictures {
		return s.Consents.RequireConsent(ctx, by, purposeIDImages)
	}
	return nil
}

// correctable reports whether a defect of the last return can be put right online.
func (r Replacement) correctable() bool {
	for _, d := range r.asApplication().DefectsShown() {
		if d.Field != "" {
			return true
		}
	}
	return false
}
