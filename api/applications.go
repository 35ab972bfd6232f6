package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/policy"
)

// Applications are the use cases of first applications.
type Applications interface {
	SubmitApplication(ctx context.Context, by models.Actor, in card.SubmitInput) (card.SubmitResult, error)
	Application(ctx context.Context, by models.Actor, id models.ID) (card.Progress, error)
	Applications(ctx context.Context, by models.Actor, limit int) ([]card.Progress, error)
	OpenDraft(ctx context.Context, by models.Actor) (card.DraftView, error)
	SaveDraft(ctx context.Context, by models.Actor, version int, in card.DraftChange) (card.DraftView, error)
	SubmitDraft(ctx context.Context, by models.Actor, version int) (card.SubmitResult, error)
	PrintSlip(ctx context.Context, by models.Actor, id models.ID) (card.Application, []byte, error)
	CorrectApplication(ctx context.Context, by models.Actor, id models.ID, in card.SubmitInput) (card.Application, error)
	WithdrawApplication(ctx context.Context, by models.Actor, id models.ID) (card.Application, error)
	ProgressOf(ctx context.Context, a card.Application) (card.Progress, error)
	AsOf(ctx context.Context, person models.ID) (time.Time, error)
}

func (s *server) registerApplications() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/applications", ID: "submitApplication", Summary: "Apply for a first card (申领, R17); it costs nothing (R20)",
		Act: models.ActApply, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: []*models.Error{card.ErrApplyNotByPhone, card.ErrApplySelfOnly, card.ErrGuardianRequired, citizen.ErrConsentRequired, card.ErrCardExists,
			card.ErrPhotoRequired, card.ErrIDImageRequired, card.ErrUploadUnknown, policy.ErrBankNotAvailable, card.ErrOutletRequired, models.ErrConflict},
	}, s.submitApplication)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/applications", ID: "listApplications", Summary: "Own applications and how far they are, newest first (R27)",
		Act: models.ActProgressRead, For: byFamily, Audience: Citizen, Limit: LimitRead,
	}, s.listApplications)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/applications/{application_id}", ID: "getApplication", Summary: "One application with its timeline in words (R27)",
		Act: models.ActProgressRead, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{card.ErrApplicationNotFound},
	}, s.getApplication)
	s.registerReturns()
	s.registerDrafts()
	s.registerSlips()
}

type progressLine struct {
	State string     `json:"state"`
	Label string     `json:"label" doc:"In Chinese, to be shown as it is"`
	At    *time.Time `json:"at,omitempty" doc:"Absent for what is still to come"`
}

type applicationReply struct {
	ApplicationID string         `json:"application_id"`
	Receipt       string         `json:"receipt" doc:"The acceptance number, which people read aloud"`
	State         string         `json:"state" enum:"submitted,accepted,batched,bank_opening,bank_failed,producing,production_failed,at_outlet,collected,rejected,returned,withdrawing,withdrawn"`
	Label         string         `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Advice        string         `json:"advice"`
	ReasonCode    string         `json:"reason_code,omitempty" doc:"Of the registry, where it refused or sent back"`
	FeeFen        int64          `json:"fee_fen" doc:"Always 0: a first card costs nothing (R20)"`
	Bank          bankReply      `json:"bank"`
	Outlet        *placeReply    `json:"outlet,omitempty" doc:"Where the card is to be collected"`
	RegistryRef   string         `json:"registry_reference,omitempty"`
	Holder        string         `json:"holder,omitempty" doc:"Who holds the next step, in Chinese"`
	ExpectedBy    *time.Time     `json:"expected_by,omitempty" doc:"The end of the last working day promised for the present stage (承诺时限, R69)"`
	Overdue       string         `json:"overdue,omitempty" doc:"A sentence once that day has passed, to be shown as it is"`
	Timeline      []progressLine `json:"timeline" nullable:"false" doc:"What has been, where it is, what is still to come"`
	Defects       []defectReply  `json:"defects,omitempty" doc:"Of a returned application: everything that is to be put right, at once (R69)"`
	// CorrectionsLeft is absent unless the application is returned.
	CorrectionsLeft *int      `json:"corrections_left,omitempty" doc:"How often a returned application may still be put right online"`
	SubmittedAt     time.Time `json:"submitted_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

func newApplicationReply(p card.Progress) applicationReply {
	a := p.Application
	r := applicationReply{
		ApplicationID: string(a.ID), Receipt: a.Receipt, State: string(a.State), Label: p.Label, Advice: p.Advice, ReasonCode: a.ReasonCode,
		Holder: p.Holder, ExpectedBy: instantOrNone(p.ExpectedBy), Overdue: p.Overdue,
		FeeFen: int64(p.Fee), Bank: bankReply{a.BankCode, p.Bank.Name, p.Bank.Phone}, RegistryRef: a.RegistryRef, Timeline: []progressLine{},
		SubmittedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}
	if p.Outlet.Name != "" {
		r.Outlet = &placeReply{p.Outlet.Name, p.Outlet.Address, p.Outlet.Phone, p.Outlet.Hours}
	}
	for _, d := range p.Defects {
		r.Defects = append(r.Defects, defectReply(d))
	}
	if a.State == card.ApplicationReturned {
		r.CorrectionsLeft = &p.CorrectionsLeft
	}
	for _, line := range p.Timeline {
		r.Timeline = append(r.Timeline, progressLine{string(line.State), line.Label, instantOrNone(line.At)})
	}
	return r
}

type submitApplicationInput struct {
	Body applicationForm
}

type applicationForm struct {
	BankCode  string `json:"bank_code,omitempty" maxLength:"12" doc:"One of the card-service banks of listBanks (R16)"`
	OutletRef string `json:"outlet_ref,omitempty" maxLength:"64" doc:"One of listOutlets: where the card is to be collected"`
	Uploads   struct {
		Photo   string `json:"photo,omitempty" maxLength:"36"`
		IDFront string `json:"id_front,omitempty" maxLength:"36"`
		IDBack  string `json:"id_back,omitempty" maxLength:"36"`
	} `json:"uploads,omitempty" doc:"Ids of takeUpload; all three are needed"`
}

func (f applicationForm) input() card.SubmitInput {
	return card.SubmitInput{BankCode: f.BankCode, OutletRef: f.OutletRef, Uploads: map[card.UploadPurpose]models.ID{
		card.UploadPhoto: models.ID(f.Uploads.Photo), card.UploadIDFront: models.ID(f.Uploads.IDFront), card.UploadIDBack: models.ID(f.Uploads.IDBack),
	}}
}

type submitApplicationOutput struct {
	Status int
	Body   applicationReply
}

// submitApplication answers 201 for a new application, 200 for the one that is under way already.
func (s *server) submitApplication(ctx context.Context, in *submitApplicationInput) (*submitApplicationOutput, error) {
	res, err := s.Applications.SubmitApplication(ctx, actorFrom(ctx), in.Body.input())
	if err != nil {
		return nil, err
	}
	return s.submitted(ctx, res)
}

func (s *server) submitted(ctx context.Context, res card.SubmitResult) (*submitApplicationOutput, error) {
	p, err := s.Applications.ProgressOf(ctx, res.Application)
	if err != nil {
		return nil, err
	}
	out := &submitApplicationOutput{Status: http.StatusCreated, Body: newApplicationReply(p)}
	if res.Repeated {
		out.Status = http.StatusOK
	}
	return out, nil
}

type applicationsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[applicationReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

// listApplications shows the newest hundred: a person has one at a time, and few in a lifetime.
func (s *server) listApplications(ctx context.Context, _ *struct{}) (*applicationsOutput, error) {
	asOf, err := s.Applications.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	found, err := s.Applications.Applications(ctx, actorFrom(ctx), 100)
	if err != nil {
		return nil, err
	}
	items := make([]applicationReply, len(found))
	for i, p := range found {
		items[i] = newApplicationReply(p)
	}
	out := &applicationsOutput{}
	out.Body.List = listOf(items, "")
	out.ETag, out.Body.AsOf = s.etag(out.Body.List), instantOrNone(asOf)
	return out, nil
}

type applicationPath struct {
	ApplicationID string `path:"application_id" maxLength:"36"`
}

type applicationOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		ApplicationReply
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) getApplication(ctx context.Context, in *applicationPath) (*applicationOutput, error) {
	asOf, err := s.Applications.AsOf(ctx, actorFrom(ctx).Subject)
	if err != nil {
		return nil, err
	}
	p, err := s.Applications.Application(ctx, actorFrom(ctx), models.ID(in.ApplicationID))
	if err != nil {
		return nil, err
	}
	out := &applicationOutput{}
	out.Body.ApplicationReply = newApplicationReply(p)
	out.ETag, out.Body.AsOf = s.etag(out.Body.ApplicationReply), instantOrNone(asOf)
	return out, nil
}
