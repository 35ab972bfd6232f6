package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Draft is an application that is being filled in: one per person, saved field by field, gone on with on any device.
type Draft struct {
	ID        models.ID
	PersonID  models.ID
	Version   int // 0: nothing was saved yet
	Form      SubmitInput
	CreatedAt time.Time
	UpdatedAt time.Time
}

// DraftView is a draft with what an applicant must know before the first field.
type DraftView struct {
	Draft
	Kind    ApplicantKind
	Papers  []Paper
	Notes   []string  // what a guardian must know of the child's accounts
	GoneBy  time.Time // it is thrown away with its pictures when nothing is saved until then; zero while nothing was saved
	Missing []string  // fields that are still empty
}

// DraftChange is what one save changes; nil leaves a field as it is.
type DraftChange struct {
	BankCode  *string
	OutletRef *string
	Uploads   map[UploadPurpose]models.ID // an empty id takes a picture out
}

// Drafts are the rows. What is in a form is sealed; the pictures are named beside it, so that none is dropped too soon.
type Drafts interface {
	ApplicationDraft(ctx context.Context, person models.ID) (Draft, error) // models.ErrNotFound
	// SaveApplicationDraft inserts version 1, or writes over version d.Version-1; models.ErrConflict when that is not there.
	SaveApplicationDraft(ctx context.Context, d Draft) error
	// DropApplicationDraft deletes the draft of this version; models.ErrConflict when that is not there.
	DropApplicationDraft(ctx context.Context, d Draft) error
	// StaleDrafts lists drafts not saved since.
	StaleDrafts(ctx context.Context, before time.Time, limit int) ([]Draft, error)
	IDNumberOf(ctx context.Context, person models.ID) (models.IDNumber, error)
}

// OpenDraft says whether the subject may apply at all, asking the registry where our copy knows of no card (R24), and
// shows her draft, or an empty one, with the papers her kind of document needs (R50).
//
// Errors: those of mayApply, ErrCardExists, ErrApplicationOpen.
func (s *Service) OpenDraft(ctx context.Context, by models.Actor) (DraftView, error) {
	if err := s.mayApply(ctx, by); err != nil {
		return DraftView{}, err
	}
	holds, err := s.holdsCard(ctx, by.Subject)
	if err != nil {
		return DraftView{}, err
	}
	if holds {
		return DraftView{}, ErrCardExists.With("next_step", "replacement")
	}
	if err := s.nothingOpen(ctx, by.Subject); err != nil {
		return DraftView{}, err
	}
	d, err := s.Store.ApplicationDraft(ctx, by.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return DraftView{}, err
	}
	return s.draftView(ctx, by, d)
}

// SaveDraft writes the fields that change over the version its device last saw. Another device that saved in between
// keeps what it saved: this one reads DRAFT_CHANGED and looks again.
//
// Errors: those of mayApply, ErrApplicationOpen, ErrDraftChanged, CONSENT_REQUIRED, ErrUploadUnknown.
func (s *Service) SaveDraft(ctx context.Context, by models.Actor, version int, in DraftChange) (DraftView, error) {
	if err := s.mayApply(ctx, by); err != nil {
		return DraftView{}, err
	}
	if err := s.Consents.RequireConsent(ctx, by, purposeIDImages); err != nil {
		return DraftView{}, err
	}
	var kept Draft
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		d, err := s.Store.ApplicationDraft(ctx, by.Subject)
		switch {
		case errors.Is(err, models.ErrNotFound):
			now := s.Clock.Now()
			d = Draft{ID: models.NewID(), PersonID: by.Subject, CreatedAt: now, Form: SubmitInput{Uploads: map[UploadPurpose]models.ID{}}}
		case err != nil:
			return err
		}
		prior, err := s.Store.Remember(ctx, by, "application_drafts", string(d.ID))
		switch {
		case err != nil:
			return err
		case prior != "" && d.Version == 0: // gone since: submitted, or thrown away
			kept = d
			return s.nothingOpen(ctx, by.Subject)
		case prior != "":
			kept = d
			return nil
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		if d.Version != version {
			return ErrDraftChanged
		}
		if err := s.nothingOpen(ctx, by.Subject); err != nil {
			return err
		}
		kept, err = s.changeDraft(ctx, d, in)
		return err
	})
	if errors.Is(err, models.ErrConflict) {
		err = ErrDraftChanged
	}
	if err != nil {
		return DraftView{}, err
	}
	return s.draftView(ctx, by, kept)
}

func (s *Service) changeDraft(ctx context.Context, d Draft, in DraftChange) (Draft, error) {
	if in.BankCode != nil {
		d.Form.BankCode = *in.BankCode
	}
	if in.OutletRef != nil {
		d.Form.OutletRef = *in.OutletRef
	}
	var found []fieldDefect
	for _, p := range []UploadPurpose{UploadPhoto, UploadIDFront, UploadIDBack} {
		id, named := in.Uploads[p]
		switch {
		case !named || id == d.Form.Uploads[p]:
			continue
		case id == "":
			delete(d.Form.Uploads, p)
			continue
		}
		_, err := s.ownUpload(ctx, d.PersonID, p, id, s.set.UploadKeep)
		switch {
		case errors.Is(err, ErrUploadUnknown):
			found = append(found, fieldDefect{"uploads." + string(p), ErrUploadUnknown})
		case err != nil:
			return d, err
		default:
			d.Form.Uploads[p] = id
		}
	}
	if len(found) > 0 {
		return d, gathered(found)
	}
	d.Version, d.UpdatedAt = d.Version+1, s.Clock.Now()
	return d, s.Store.SaveApplicationDraft(ctx, d)
}

// SubmitDraft submits the draft as its device last saw it: SubmitApplication, and the draft is gone in the same commit. Of
// two devices that submit one draft the first makes the application, and the other is answered with that one.
//
// Errors: those of SubmitApplication, and ErrDraftChanged.
func (s *Service) SubmitDraft(ctx context.Context, by models.Actor, version int) (SubmitResult, error) {
	if err := s.mayApply(ctx, by); err != nil {
		return SubmitResult{}, err
	}
	d, err := s.Store.ApplicationDraft(ctx, by.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return SubmitResult{}, err
	}
	in := d.Form
	in.draft = &Draft{ID: d.ID, PersonID: by.Subject, Version: version}
	res, err := s.SubmitApplication(ctx, by, in)
	if errors.Is(err, models.ErrConflict) {
		err = ErrDraftChanged
	}
	return res, err
}

// takeDraft uses a draft up; a form that came whole has none.
func (s *Service) takeDraft(ctx context.Context, in SubmitInput) error {
	if in.draft == nil {
		return nil
	}
	if err := s.Store.DropApplicationDraft(ctx, *in.draft); err != nil {
		if errors.Is(err, models.ErrConflict) {
			return ErrDraftChanged
		}
		return err
	}
	return nil
}

// nothingOpen refuses a new form while an application is under way.
func (s *Service) nothingOpen(ctx context.Context, person models.ID) error {
	a, err := s.Store.LatestApplication(ctx, person)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return nil
	case err == nil && a.Unfinished():
		return ErrApplicationOpen.With("application_id", string(a.ID))
	}
	return err
}

func (s *Service) draftView(ctx context.Context, by models.Actor, d Draft) (DraftView, error) {
	n, err := s.Store.IDNumberOf(ctx, by.Subject)
	if err != nil {
		return DraftView{}, err
	}
	kind := kindOf(n)
	v := DraftView{Draft: d, Kind: kind, Papers: papersFor(kind, by)}
	if v.Notes, err = s.minorNotes(ctx, by); err != nil {
		return DraftView{}, err
	}
	if d.Version > 0 {
		v.GoneBy = d.UpdatedAt.Add(s.set.DraftKeep)
	}
	for _, p := range v.Papers {
		if d.Form.Uploads[p.Purpose] == "" {
			v.Missing = append(v.Missing, "uploads."+string(p.Purpose))
		}
	}
	if d.Form.BankCode == "" {
		v.Missing = append(v.Missing, "bank_code")
	}
	if d.Form.OutletRef == "" {
		v.Missing = append(v.Missing, "outlet_ref")
	}
	return v, nil
}

// DropStaleDrafts throws away drafts that nobody saved in time; it returns how many. Their pictures, protected until
// then, go with the next sweep of unused uploads.
func (s *Service) DropStaleDrafts(ctx context.Context, limit int) (int, error) {
	stale, err := s.Store.StaleDrafts(ctx, s.Clock.Now().Add(-s.set.DraftKeep), limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, d := range stale {
		errs = append(errs, ignoreConflict(s.Store.InTx(ctx, func(ctx context.Context) error {
			if err := s.Store.DropApplicationDraft(ctx, d); err != nil {
				return err
			}
			return s.Store.RecordAudit(ctx, audit.Of(models.System(), s.Clock.Now(), "card.application_draft.dropped", "application_drafts", string(d.ID), "done").
				About(d.PersonID))
		})))
	}
	return len(stale), errors.Join(errs...)
}
