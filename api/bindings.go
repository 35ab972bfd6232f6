package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// claimErrors are the refusals of saying who one is.
var claimErrors = []*models.Error{
	models.ErrIDForm, models.ErrIDDate, models.ErrIDChecksum, models.ErrNameForm, citizen.ErrIdentityNotMatched, citizen.ErrAlreadyBound,
	citizen.ErrBindTriesUsedUp, citizen.ErrConsentRequired, citizen.ErrBorrowedPhone,
}

// codeErrors are those of asking for a code (R61).
var codeErrors = []*models.Error{
	models.ErrPhoneForm, citizen.ErrCodeTooSoon, citizen.ErrCodeLimit, citizen.ErrCodeBudget, citizen.ErrChallengeRequired,
	citizen.ErrChallengeWrong, citizen.ErrChallengeOver,
}

// checkErrors are those of beginning a real-person check.
var checkErrors = append([]*models.Error{citizen.ErrCheckUnavailable}, claimErrors...)

func (s *server) registerBindings() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/binding/codes", ID: "requestBindingCode", Summary: "A code to the phone the registry holds (R52, R61)",
		Act: models.ActBind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusAccepted},
		Errs: append([]*models.Error{citizen.ErrPlatformUnknown, citizen.ErrLoginCodeInvalid}, append(codeErrors, claimErrors...)...),
	}, s.requestBindingCode)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/binding", ID: "confirmBinding", Summary: "Bind by the code (level phone)",
		Act: models.ActBind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{citizen.ErrCodeInvalid, citizen.ErrAlreadyBound, citizen.ErrIdentityNotMatched, citizen.ErrBorrowedPhone},
	}, s.confirmBinding)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/binding/checks", ID: "beginBindingCheck", Summary: "Begin a real-person check that binds (level real)",
		Act: models.ActBind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, Errs: checkErrors,
	}, s.beginBindingCheck)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/binding/slips", ID: "redeemSlip", Summary: "Bind, or be checked again, by a one-time slip from a window",
		Act: models.ActBind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{citizen.ErrCodeInvalid}, claimErrors...),
	}, s.redeemSlip)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/me/binding", ID: "unbind", Summary: "Take this platform account off oneself; its sessions end",
		Act: models.ActUnbind, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: []*models.Error{citizen.ErrNotBound, citizen.ErrBorrowedPhone},
	}, s.unbind)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/checks", ID: "beginCheck", Summary: "Begin a real-person check that makes the session fresh (R35)",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{citizen.ErrNotBound, citizen.ErrCheckUnavailable, citizen.ErrConsentRequired, citizen.ErrBindTriesUsedUp, citizen.ErrBorrowedPhone},
	}, s.beginCheck)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/checks/{check_id}/finish", ID: "finishCheck", Summary: "Ask the platform's server what became of a check",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{
			citizen.ErrCheckPending, citizen.ErrCheckNotPassed, citizen.ErrCheckOver, citizen.ErrCheckUnavailable, citizen.ErrAlreadyBound,
			citizen.ErrIdentityNotMatched,
		},
	}, s.finishCheck)
}

// claimInput is who someone says she is. Missing and malformed fields are the use case's to refuse, by their rules' codes.
type claimInput struct {
	Body struct {
		Name     string `json:"name,omitempty" maxLength:"400"`
		IDNumber string `json:"id_number,omitempty" maxLength:"64"`
	}
}

func (in *claimInput) claim() citizen.Claim {
	return citizen.Claim{Name: in.Body.Name, IDNumber: in.Body.IDNumber}
}

type codeInput struct {
	Body struct {
		Name       string `json:"name,omitempty" maxLength:"400"`
		IDNumber   string `json:"id_number,omitempty" maxLength:"64"`
		Phone      string `json:"phone,omitempty" maxLength:"32" doc:"The phone on file; no other gets a code"`
		PhoneProof string `json:"phone_proof,omitempty" maxLength:"4096" doc:"Instead of phone: WeChat's getPhoneNumber code, or Alipay's {response, sign}; saves typing and proves nothing"`

		ChallengeID     string `json:"challenge_id,omitempty" maxLength:"36" doc:"After CHALLENGE_REQUIRED: the challenge of POST /v1/challenges that is answered"`
		ChallengeAnswer string `json:"challenge_answer,omitempty" maxLength:"64" doc:"Digits, or numbers in words"`
	}
}

type codeSentReply struct {
	ExpiresAt  time.Time `json:"expires_at"`
	RetryAfter int       `json:"retry_after" doc:"Seconds until another may be asked for"`
}

type codeSentOutput struct {
	Body codeSentReply
}

func newCodeSentReply(sent citizen.CodeSent) codeSentReply {
	return codeSentReply{ExpiresAt: sent.ExpiresAt, RetryAfter: int(sent.RetryAfter / time.Second)}
}

func (s *server) requestBindingCode(ctx context.Context, in *codeInput) (*codeSentOutput, error) {
	answer, err := challengeAnswer(in.Body.ChallengeID, in.Body.ChallengeAnswer)
	if err != nil {
		return nil, err
	}
	sent, err := s.Citizens.RequestBindingCode(ctx, actorFrom(ctx), citizen.Claim{
		Name: in.Body.Name, IDNumber: in.Body.IDNumber, Phone: in.Body.Phone, PhoneProof: in.Body.PhoneProof, Challenge: answer,
	})
	if err != nil {
		return nil, err
	}
	return &codeSentOutput{Body: newCodeSentReply(sent)}, nil
}

type digitsInput struct {
	Body struct {
		Code string `json:"code,omitempty" maxLength:"16" doc:"Six digits"`
	}
}

func (s *server) confirmBinding(ctx context.Context, in *digitsInput) (*openedOutput, error) {
	raised, err := s.Citizens.ConfirmBinding(ctx, actorFrom(ctx), in.Body.Code)
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, raised), nil
}

type checkOutput struct {
	Body struct {
		CheckID   string    `json:"check_id"`
		Ref       string    `json:"ref" doc:"WeChat: verify_id for wx.requestFacialVerify; Alipay: certify_id"`
		URL       string    `json:"url,omitempty" doc:"Alipay: the page to open"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func newCheckOutput(t citizen.CheckTicket) *checkOutput {
	out := &checkOutput{}
	out.Body.CheckID, out.Body.Ref, out.Body.URL, out.Body.ExpiresAt = string(t.CheckID), t.Ref, t.URL, t.ExpiresAt
	return out
}

func (s *server) beginBindingCheck(ctx context.Context, in *claimInput) (*checkOutput, error) {
	ticket, err := s.Citizens.BeginBindingCheck(ctx, actorFrom(ctx), in.claim())
	if err != nil {
		return nil, err
	}
	return newCheckOutput(ticket), nil
}

func (s *server) beginCheck(ctx context.Context, _ *struct{}) (*checkOutput, error) {
	ticket, err := s.Citizens.BeginCheck(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return newCheckOutput(ticket), nil
}

type checkPath struct {
	CheckID string `path:"check_id" maxLength:"36"`
}

func (s *server) finishCheck(ctx context.Context, in *checkPath) (*openedOutput, error) {
	id, err := models.ParseID(in.CheckID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	raised, err := s.Citizens.FinishCheck(ctx, actorFrom(ctx), id)
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, raised), nil
}

type slipInput struct {
	Body struct {
		Code     string `json:"code,omitempty" maxLength:"32" doc:"As printed; case, blanks and dashes do not matter"`
		IDNumber string `json:"id_number,omitempty" maxLength:"64"`
	}
}

func (s *server) redeemSlip(ctx context.Context, in *slipInput) (*openedOutput, error) {
	raised, err := s.Citizens.RedeemSlip(ctx, actorFrom(ctx), in.Body.Code, in.Body.IDNumber)
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, raised), nil
}

func (s *server) unbind(ctx context.Context, _ *struct{}) (*goneOutput, error) {
	if err := s.Citizens.Unbind(ctx, actorFrom(ctx)); err != nil {
		return nil, err
	}
	return s.gone(ctx), nil
}
