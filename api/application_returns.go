package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/policy"
)

func (s *server) registerReturns() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/applications/{application_id}/correction", ID: "correctApplication",
		Summary: "Put a returned application right and submit it again under the same number (R69)",
		Act:     models.ActApply, For: byGuardians, Audience: Citizen, Limit: LimitWrite,
		Errs: []*models.Error{card.ErrApplyNotByPhone, card.ErrApplySelfOnly, card.ErrGuardianRequired, citizen.ErrConsentRequired, card.ErrApplicationNotFound,
			card.ErrNotReturned, card.ErrCorrectionsUsedUp, card.ErrApplicationBeingSent, card.ErrCorrectionIncomplete, card.ErrUploadUnknown,
			policy.ErrBankNotAvailable, card.ErrOutletRequired},
	}, s.correctApplication)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/applications/{application_id}/withdrawal", ID: "withdrawApplication",
		Summary: "Take an application back before its production batch; 202 until the registry has said so",
		Act:     models.ActApply, TakesBack: true, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK, http.StatusAccepted},
		Errs: []*models.Error{card.ErrApplyNotByPhone, card.ErrApplicationNotFound, card.ErrWithdrawTooLate, models.ErrConflict},
	}, s.withdrawApplication)
}

type defectReply struct {
	Code  string `json:"code"`
	Field string `json:"field,omitempty" doc:"Of the form; absent: it cannot be put right online"`
	Text  string `json:"text" doc:"What is wrong, in Chinese"`
	Todo  string `json:"todo" doc:"What to do, in Chinese"`
}

type correctApplicationInput struct {
	ApplicationID string `path:"application_id" maxLength:"36"`
	Body          applicationForm
}

type changedApplicationOutput struct {
	Status int
	Body   applicationReply
}

// correctApplication takes what changes; the rest of the form stays as it was.
func (s *server) correctApplication(ctx context.Context, in *correctApplicationInput) (*changedApplicationOutput, error) {
	a, err := s.Applications.CorrectApplication(ctx, actorFrom(ctx), models.ID(in.ApplicationID), in.Body.input())
	if err != nil {
		return nil, err
	}
	return s.changedApplication(ctx, a, http.StatusOK)
}

// withdrawApplication answers 200 for what is withdrawn, 202 for what the registry has yet to decide.
func (s *server) withdrawApplication(ctx context.Context, in *applicationPath) (*changedApplicationOutput, error) {
	a, err := s.Applications.WithdrawApplication(ctx, actorFrom(ctx), models.ID(in.ApplicationID))
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if a.State == card.ApplicationWithdrawing {
		status = http.StatusAccepted
	}
	return s.changedApplication(ctx, a, status)
}

func (s *server) changedApplication(ctx context.Context, a card.Application, status int) (*changedApplicationOutput, error) {
	p, err := s.Applications.ProgressOf(ctx, a)
	if err != nil {
		return nil, err
	}
	return &changedApplicationOutput{Status: status, Body: newApplicationReply(p)}, nil
}
