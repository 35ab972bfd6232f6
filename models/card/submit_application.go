package card

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// FirstApplicationFee is what a first application costs (R20): nothing, online as at a window. There is no fee order.
const FirstApplicationFee models.Fen = 0

// adultForCards is the age from which a person applies herself (R23).
const adultForCards = 16

// purposeBankData is the consent to hand identity data to the chosen bank (R53).
const purposeBankData = "bank_data"

// SubmitInput is a first application as it was sent. Uploads names the pictures by purpose.
type SubmitInput struct {
	BankCode  string
	OutletRef string
	Uploads   map[UploadPurpose]models.ID

	draft *Draft // where it came from: its pictures keep as long as it does
}

// SubmitResult is an application and whether this request made it.
type SubmitResult struct {
	Application Application
	Repeated    bool // one was under way already and nothing new was decided
}

// SubmitApplication takes a first application (申领, R17): application, first step, used pictures, command and audit in
// one commit. It costs nothing (R20). The sweep carries the command; its pictures make it too large for a first attempt
// within the request. A person with an application under way gets that one back.
//
// Errors: ErrApplyNotByPhone, what Gate refuses, ErrApplySelfOnly, ErrGuardianRequired under 16 (R23) unless a guardian
// applies, what Family refuses, CONSENT_REQUIRED (R53), ErrCardExists (R24); and, all defects at once in Fields, ErrPhotoRequired, ErrIDImageRequired (R17),
// ErrUploadUnknown, BANK_NOT_AVAILABLE (R16), ErrOutletRequired.
func (s *Service) SubmitApplication(ctx context.Context, by models.Actor, in SubmitInput) (SubmitResult, error) {
	if err := s.mayApply(ctx, by); err != nil {
		return SubmitResult{}, err
	}
	holds, err := s.holdsCard(ctx, by.Subject)
	if err != nil {
		return SubmitResult{}, err
	}
	pictures, defects, err := s.defects(ctx, by, in)
	if err != nil {
		return SubmitResult{}, err
	}
	return s.acceptApplication(ctx, by, in, pictures, func(ctx context.Context) error {
		if err := s.takeDraft(ctx, in); err != nil {
			return err
		}
		switch {
		case holds:
			return ErrCardExists.With("next_step", "replacement")
		case defects != nil:
			return defects
		}
		return s.applyConsents(ctx, by)
	})
}

// mayApply lets in a person of 16 or more who acts for herself, and the guardian of a younger one (R23). The age of
// consent is another (R53): one of 15 consents herself and still does not apply.
func (s *Service) mayApply(ctx context.Context, by models.Actor) error {
	if by.Kind != models.CitizenActor {
		return ErrApplyNotByPhone
	}
	if err := s.Gate.Allow(ctx, by, models.ActApply); err != nil {
		return err
	}
	if !by.ForSelf() && by.As != models.AsGuardian {
		return ErrApplySelfOnly
	}
	birth, err := s.Store.BirthDate(ctx, by.Subject)
	if err != nil {
		return err
	}
	// A birth date we do not know is an old foreigner's card: its holder is taken for an adult.
	switch young := birth != "" && birth.AgeAt(s.Clock.Now()) < adultForCards; {
	case young && by.ForSelf():
		return ErrGuardianRequired
	case !young && !by.ForSelf():
		return ErrApplySelfOnly
	}
	return nil
}

func (s *Service) applyConsents(ctx context.Context, by models.Actor) error {
	for _, purpose := range []string{purposeIDImages, purposeBankData} {
		if err := s.Consents.RequireConsent(ctx, by, purpose); err != nil {
			return err
		}
	}
	return nil
}

// holdsCard looks into the copy, and where that knows of no card asks the registry once (R24). When the registry does
// not answer the application goes on: the registry itself refuses a second card.
func (s *Service) holdsCard(ctx context.Context, person models.ID) (bool, error) {
	facts, err := s.Store.HomeFacts(ctx, person)
	if err == nil && len(facts.Cards) == 0 {
		facts, err = s.askForCards(ctx, person, facts)
	}
	return slices.ContainsFunc(facts.Cards, Card.Live), err
}

// defects finds everything that is wrong with the form at once. The refusal's own code is that of the gravest.
func (s *Service) defects(ctx context.Context, by models.Actor, in SubmitInput) (pictures []Upload, refusal, err error) {
	keep := s.set.UploadKeep
	if in.draft != nil {
		keep = max(keep, s.set.DraftKeep+s.set.UploadKeep)
	}
	var found []fieldDefect
	for _, p := range []UploadPurpose{UploadPhoto, UploadIDFront, UploadIDBack} {
		field := "uploads." + string(p)
		if in.Uploads[p] == "" {
			missing := ErrIDImageRequired
			if p == UploadPhoto {
				missing = ErrPhotoRequired
			}
			found = append(found, fieldDefect{field, missing})
			continue
		}
		u, err := s.ownUpload(ctx, by.Subject, p, in.Uploads[p], keep)
		switch {
		case err == nil:
			pictures = append(pictures, u)
		case errors.Is(err, ErrUploadUnknown):
			found = append(found, fieldDefect{field, ErrUploadUnknown})
		default:
			return nil, nil, err
		}
	}
	found, err = s.placeDefects(ctx, in, found)
	if err != nil || len(found) == 0 {
		return pictures, nil, err
	}
	return nil, gathered(found), nil
}

// placeDefects adds what is wrong with bank (R16) and outlet.
func (s *Service) placeDefects(ctx context.Context, in SubmitInput, found []fieldDefect) ([]fieldDefect, error) {
	var named *models.Error
	switch err := s.CardBanks.CheckCardBank(ctx, in.BankCode, s.set.City, s.Clock.Now()); {
	case errors.As(err, &named) && named.Kind == models.Invalid:
		found = append(found, fieldDefect{"bank_code", named})
	case err != nil:
		return nil, err
	}
	switch o, err := s.Outlets.OutletByRef(ctx, in.OutletRef); {
	case models.KindOf(err) == models.NotFound, err == nil && o.Closed:
		found = append(found, fieldDefect{"outlet_ref", ErrOutletRequired})
	case err != nil:
		return nil, err
	}
	return found, nil
}

type fieldDefect struct {
	field string
	is    *models.Error
}

// gathered is one refusal for all defects: a missing photo speaks first (R17), then the others in the form's order.
func gathered(found []fieldDefect) *models.Error {
	whole := *found[0].is
	whole.Fields = nil
	for _, d := range found {
		whole.Fields = append(whole.Fields, models.FieldError{Field: d.field, Code: d.is.Code, Message: d.is.Message})
	}
	return &whole
}

// ownUpload is an unused picture of the person for the purpose; anything else is ErrUploadUnknown, whatever the reason.
func (s *Service) ownUpload(ctx context.Context, person models.ID, purpose UploadPurpose, id models.ID, keep time.Duration) (Upload, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Upload{}, ErrUploadUnknown
	}
	u, err := s.Store.Upload(ctx, id)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return Upload{}, ErrUploadUnknown
	case err != nil:
		return Upload{}, err
	case u.PersonID != person || u.Purpose != purpose || u.UsedBy != "" || !s.Clock.Now().Before(u.CreatedAt.Add(keep)):
		return Upload{}, ErrUploadUnknown
	}
	return u, nil
}

// applyTries is how often a first application is decided anew after somebody else was first.
const applyTries = 5

// acceptApplication decides, again while another submission is first: hers is then the application.
func (s *Service) acceptApplication(ctx context.Context, by models.Actor, in SubmitInput, pictures []Upload, refuse func(context.Context) error) (SubmitResult, error) {
	var seen models.ID
	failed := error(models.ErrConflict)
	for try := range applyTries {
		open, err := s.openApplication(ctx, by.Subject)
		if err != nil {
			return SubmitResult{}, err
		}
		if try > 0 && open.ID == seen {
			break // somebody changed the draft or used a picture; nobody submitted
		}
		seen = open.ID
		res, err := s.decideApplication(ctx, by, in, pictures, open.ID, refuse)
		if !errors.Is(err, models.ErrConflict) && !errors.Is(err, ErrDraftChanged) {
			return res, err
		}
		failed = err
	}
	return SubmitResult{}, failed
}

// openApplication is the one under way, or none at all.
func (s *Service) openApplication(ctx context.Context, person models.ID) (Application, error) {
	a, err := s.Store.LatestApplication(ctx, person)
	if errors.Is(err, models.ErrNotFound) || err == nil && !a.Unfinished() {
		return Application{}, nil
	}
	return a, err
}

// decideApplication is the decision: one commit. The idempotency row comes first and names the application that will be
// the answer; open is that one if we saw one before. models.ErrConflict when it is another by now. refuse speaks only
// once it is sure that this is no repeat.
func (s *Service) decideApplication(
	ctx context.Context, by models.Actor, in SubmitInput, pictures []Upload, open models.ID, refuse func(context.Context) error,
) (res SubmitResult, err error) {
	now := s.Clock.Now()
	fresh := Application{
		ID: models.NewID(), PersonID: by.Subject, ApplicantID: by.ID, State: ApplicationSubmitted, BankCode: in.BankCode, OutletRef: in.OutletRef,
		Uploads: map[UploadPurpose]models.ID{}, CreatedAt: now, UpdatedAt: now, Steps: []Step{{ApplicationSubmitted, now}},
	}
	answer := fresh.ID
	if open != "" {
		answer = open
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "applications", string(answer))
		if err != nil {
			return err
		}
		if prior != "" {
			res.Repeated = true
			res.Application, err = s.Store.Application(ctx, models.ID(prior))
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		stands, err := s.openApplication(ctx, by.Subject)
		switch {
		case err != nil:
			return err
		case stands.ID != open:
			return models.ErrConflict
		case open != "":
			res = SubmitResult{Application: stands, Repeated: true}
			return nil
		}
		if err := refuse(ctx); err != nil {
			return err
		}
		res.Application, err = s.writeApplication(ctx, by, fresh, pictures, now)
		return err
	})
	if err != nil {
		return SubmitResult{}, err
	}
	return res, nil
}

func (s *Service) writeApplication(ctx context.Context, by models.Actor, fresh Application, pictures []Upload, now time.Time) (Application, error) {
	n, err := s.Store.NextNumber(ctx, "application", models.DateOf(now))
	if err != nil {
		return Application{}, err
	}
	fresh.Receipt = models.ReceiptNumber(now, n)
	for _, u := range pictures {
		if err := s.Store.UseUpload(ctx, u, fresh.ID); err != nil {
			return Application{}, err
		}
		fresh.Uploads[u.Purpose] = u.ID
	}
	if err := s.Store.CreateApplication(ctx, fresh); err != nil {
		return Application{}, err
	}
	if err := s.queueApplication(ctx, by, fresh, CommandApplication); err != nil {
		return Application{}, err
	}
	return fresh, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.submitted", "applications", string(fresh.ID), string(fresh.State)).
		About(fresh.PersonID).Noting("bank", fresh.BankCode).Noting("receipt", strings.ReplaceAll(fresh.Receipt, "-", "")))
}
