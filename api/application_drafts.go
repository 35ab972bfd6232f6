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

func (s *server) registerDrafts() {
	mayNot := []*models.Error{card.ErrApplyNotByPhone, card.ErrApplySelfOnly, card.ErrGuardianRequired}
	register(s, op{
		Method: http.MethodGet, Path: "/v1/application-draft", ID: "openApplicationDraft",
		Summary: "Whether one may apply, what papers are needed, and the form as far as it is filled in (R17, R24)",
		Act:     models.ActApply, For: byGuardians, Audience: Citizen, Limit: LimitRead, Errs: append(mayNot, card.ErrCardExists, card.ErrApplicationOpen),
	}, s.openDraft)
	register(s, op{
		Method: http.MethodPatch, Path: "/v1/application-draft", ID: "saveApplicationDraft", Summary: "Save fields of the form over the version last seen",
		Act: models.ActApply, For: byGuardians, Audience: Citizen, Limit: LimitWrite,
		Errs: append(mayNot, card.ErrDraftChanged, card.ErrApplicationOpen, citizen.ErrConsentRequired, card.ErrUploadUnknown),
	}, s.saveDraft)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/application-draft/submission", ID: "submitApplicationDraft", Summary: "Submit the form as last seen (R17)",
		Act: models.ActApply, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: append(mayNot, card.ErrDraftChanged, citizen.ErrConsentRequired, card.ErrCardExists, card.ErrPhotoRequired, card.ErrIDImageRequired,
			card.ErrUploadUnknown, policy.ErrBankNotAvailable, card.ErrOutletRequired, models.ErrConflict),
	}, s.submitDraft)
}

type paperReply struct {
	Purpose string `json:"purpose" doc:"Of takeUpload"`
	Label   string `json:"label" doc:"In Chinese, to be shown as it is"`
	Hint    string `json:"hint"`
}

type draftReply struct {
	Version   int          `json:"version" doc:"To be sent with the next save; 0: nothing was saved yet"`
	Applicant string       `json:"applicant" enum:"mainland,hk_macao_taiwan,permanent_foreigner" doc:"By the form of the number (R50)"`
	Papers    []paperReply `json:"papers" nullable:"false" doc:"The pictures that are needed"`
	BankCode  string       `json:"bank_code,omitempty"`
	OutletRef string       `json:"outlet_ref,omitempty"`
	Uploads   struct {
		Photo   string `json:"photo,omitempty"`
		IDFront string `json:"id_front,omitempty"`
		IDBack  string `json:"id_back,omitempty"`
	} `json:"uploads"`
	Notes   []string   `json:"notes,omitempty" doc:"What a guardian must know of the child's accounts, in Chinese, to be shown as it is (R23)"`
	Missing []string   `json:"missing" nullable:"false" doc:"Fields that are still empty"`
	FeeFen  int64      `json:"fee_fen" doc:"Always 0: a first card costs nothing (R20)"`
	SavedAt *time.Time `json:"saved_at,omitempty"`
	GoneBy  *time.Time `json:"gone_by,omitempty" doc:"When the draft is thrown away unless something is saved"`
}

type draftOutput struct {
	Body draftReply
}

type openDraftOutput struct {
	ETag string `header:"ETag"`
	Body draftReply
}

func newDraftReply(v card.DraftView) draftReply {
	out := draftReply{Version: v.Version, Applicant: string(v.Kind), Papers: []paperReply{}, BankCode: v.Form.BankCode, OutletRef: v.Form.OutletRef,
		Notes: v.Notes, Missing: append([]string{}, v.Missing...), FeeFen: int64(card.FirstApplicationFee), SavedAt: instantOrNone(v.UpdatedAt), GoneBy: instantOrNone(v.GoneBy)}
	for _, p := range v.Papers {
		out.Papers = append(out.Papers, paperReply{string(p.Purpose), p.Label, p.Hint})
	}
	up := &out.Uploads
	up.Photo, up.IDFront, up.IDBack = string(v.Form.Uploads[card.UploadPhoto]), string(v.Form.Uploads[card.UploadIDFront]), string(v.Form.Uploads[card.UploadIDBack])
	return out
}

func (s *server) openDraft(ctx context.Context, _ *struct{}) (*openDraftOutput, error) {
	v, err := s.Applications.OpenDraft(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	body := newDraftReply(v)
	return &openDraftOutput{ETag: s.etag(body), Body: body}, nil
}

type saveDraftInput struct {
	Body struct {
		Version   int     `json:"version" minimum:"0" doc:"As last seen"`
		BankCode  *string `json:"bank_code,omitempty" maxLength:"12"`
		OutletRef *string `json:"outlet_ref,omitempty" maxLength:"64"`
		Uploads   struct {
			Photo   *string `json:"photo,omitempty" maxLength:"36"`
			IDFront *string `json:"id_front,omitempty" maxLength:"36"`
			IDBack  *string `json:"id_back,omitempty" maxLength:"36"`
		} `json:"uploads,omitempty" doc:"Ids of takeUpload; an empty one takes a picture out"`
	}
}

func (s *server) saveDraft(ctx context.Context, in *saveDraftInput) (*draftOutput, error) {
	change := card.DraftChange{BankCode: in.Body.BankCode, OutletRef: in.Body.OutletRef, Uploads: map[card.UploadPurpose]models.ID{}}
	up := in.Body.Uploads
	for p, id := range map[card.UploadPurpose]*string{card.UploadPhoto: up.Photo, card.UploadIDFront: up.IDFront, card.UploadIDBack: up.IDBack} {
		if id != nil {
			change.Uploads[p] = models.ID(*id)
		}
	}
	v, err := s.Applications.SaveDraft(ctx, actorFrom(ctx), in.Body.Version, change)
	if err != nil {
		return nil, err
	}
	return &draftOutput{newDraftReply(v)}, nil
}

type submitDraftInput struct {
	Body struct {
		Version int `json:"version" minimum:"1" doc:"As last seen"`
	}
}

// submitDraft answers 201 for a new application, 200 for the one that is under way already, also from another device.
func (s *server) submitDraft(ctx context.Context, in *submitDraftInput) (*submitApplicationOutput, error) {
	res, err := s.Applications.SubmitDraft(ctx, actorFrom(ctx), in.Body.Version)
	if err != nil {
		return nil, err
	}
	return s.submitted(ctx, res)
}
