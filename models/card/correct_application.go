package card

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"onecard/models"
	"onecard/models/audit"
)

// CorrectApplication puts a returned application right and submits it again under its receipt number: application, step,
// new pictures, command and audit in one commit. The form holds what changes; the rest stays. Of two devices that send a
// correction one wins: the other reads that it was submitted already.
//
// Errors: ErrApplyNotByPhone, what Gate refuses, ErrApplicationNotFound, ErrNotReturned, ErrCorrectionsUsedUp,
// ErrApplicationBeingSent, CONSENT_REQUIRED; and, all at once in Fields, ErrCorrectionIncomplete for each defect whose
// field is unchanged, ErrUploadUnknown, BANK_NOT_AVAILABLE, ErrOutletRequired.
func (s *Service) CorrectApplication(ctx context.Context, by models.Actor, id models.ID, in SubmitInput) (Application, error) {
	if err := s.mayApply(ctx, by); err != nil {
		return Application{}, err
	}
	if err := s.applyConsents(ctx, by); err != nil {
		return Application{}, err
	}
	var out Application
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "applications", string(id))
		if err != nil {
			return err
		}
		app, err := s.ownApplication(ctx, by, id)
		if err != nil || prior != "" {
			out = app
			return err
		}
		if err = s.stillActsFor(ctx, by); err != nil {
			return err
		}
		out, err = s.correct(ctx, by, app, in)
		return err
	})
	if errors.Is(err, models.ErrConflict) {
		if app, lateErr := s.ownApplication(ctx, by, id); lateErr == nil && app.State != ApplicationReturned {
			return Application{}, ErrNotReturned // another device was faster
		}
		return Application{}, ErrApplicationBeingSent
	}
	return out, err
}

// correct is the decision.
func (s *Service) correct(ctx context.Context, by models.Actor, app Application, in SubmitInput) (Application, error) {
	terms, err := s.Policy.ApplicationTerms(ctx, s.Clock.Now())
	switch {
	case err != nil:
		return app, err
	case app.State != ApplicationReturned:
		return app, ErrNotReturned
	case app.Corrections >= terms.Corrections:
		return app, ErrCorrectionsUsedUp
	}
	next, pictures, err := s.corrected(ctx, by, app, in)
	if err != nil {
		return app, err
	}
	now := s.Clock.Now()
	next.Corrections++
	next.ReasonCode, next.ApplicantID = "", by.ID // a child who came of age corrects what her guardian asked for
	if next, err = next.After(ApplicationCorrected, now); err != nil {
		return app, ErrNotReturned.Because(err)
	}
	for _, u := range pictures {
		if err := s.Store.UseUpload(ctx, u, app.ID); err != nil {
			return app, err
		}
	}
	if err := s.queueApplication(ctx, by, next, CommandCorrection); err != nil {
		return app, err
	}
	if err := s.Store.AdvanceApplication(ctx, next, app.State); err != nil {
		return app, err
	}
	return next, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.corrected", "applications", string(app.ID), string(next.State)).
		About(app.PersonID).Noting("fields", strings.Join(next.Corrected, ",")))
}

// corrected lays the correction over the application, or names everything that is wrong with it at once.
func (s *Service) corrected(ctx context.Context, by models.Actor, app Application, in SubmitInput) (Application, []Upload, error) {
	whole := SubmitInput{BankCode: app.BankCode, OutletRef: app.OutletRef}
	next, changed := app, []string{}
	if in.BankCode != "" && in.BankCode != app.BankCode {
		whole.BankCode, next.BankCode, changed = in.BankCode, in.BankCode, append(changed, "bank_code")
	}
	if in.OutletRef != "" && in.OutletRef != app.OutletRef {
		whole.OutletRef, next.OutletRef, changed = in.OutletRef, in.OutletRef, append(changed, "outlet_ref")
	}
	next.Uploads = maps.Clone(app.Uploads)
	var found []fieldDefect
	var pictures []Upload
	for _, p := range []UploadPurpose{UploadPhoto, UploadIDFront, UploadIDBack} {
		id := in.Uploads[p]
		if id == "" || id == app.Uploads[p] {
			continue
		}
		u, err := s.ownUpload(ctx, by.Subject, p, id, s.set.UploadKeep)
		switch {
		case err == nil:
			pictures, next.Uploads[p], changed = append(pictures, u), u.ID, append(changed, "uploads."+string(p))
		case errors.Is(err, ErrUploadUnknown):
			found = append(found, fieldDefect{"uploads." + string(p), ErrUploadUnknown})
		default:
			return app, nil, err
		}
	}
	for _, d := range app.DefectsShown() {
		wrong := func(f fieldDefect) bool { return f.field == d.Field }
		if d.Field != "" && !slices.Contains(changed, d.Field) && !slices.ContainsFunc(found, wrong) {
			found = append(found, fieldDefect{d.Field, ErrCorrectionIncomplete})
		}
	}
	found, err := s.placeDefects(ctx, whole, found)
	if err != nil {
		return app, nil, err
	}
	if len(found) > 0 {
		return app, nil, gathered(found)
	}
	next.Corrected = changed
	return next, pictures, nil
}

// ownApplication is an application of the subject; ErrApplicationNotFound for anybody else's and for none alike.
func (s *Service) ownApplication(ctx context.Context, by models.Actor, id models.ID) (Application, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Application{}, ErrApplicationNotFound
	}
	a, err := s.Store.Application(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || a.PersonID != by.Subject) {
		return Application{}, ErrApplicationNotFound
	}
	return a, err
}
