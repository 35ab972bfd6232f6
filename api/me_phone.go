package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerPhone() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/phone", ID: "requestPhoneChange", Summary: "Begin a change of phone: a code goes to the new one",
		Act: models.ActChangePhone, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusAccepted},
		Errs: append([]*models.Error{citizen.ErrPhoneSame, citizen.ErrPhoneChangeOpen}, codeErrors...),
	}, s.requestPhoneChange)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/me/phone/confirmation", ID: "confirmPhoneChange", Summary: "Prove the new phone; the old one is told, and the change counts after 24 hours",
		Act: models.ActChangePhone, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{citizen.ErrCodeInvalid, citizen.ErrPhoneChangeOver},
	}, s.confirmPhoneChange)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/me/phone", ID: "cancelPhoneChange", Summary: "Cancel an open change of phone",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: []*models.Error{citizen.ErrNotBound, citizen.ErrPhoneChangeOver},
	}, s.cancelPhoneChange)
}

type phoneChangeReply struct {
	State       string     `json:"state" enum:"requested,waiting,effective,cancelled,superseded,expired"`
	Phone       string     `json:"phone" doc:"The new phone, masked"`
	RequestedAt time.Time  `json:"requested_at"`
	CountsAt    *time.Time `json:"counts_at,omitempty" doc:"Messages go to the new phone from here on"`
}

func newPhoneChangeReply(c citizen.PhoneChange) phoneChangeReply {
	return phoneChangeReply{
		State: string(c.State), Phone: c.NewPhone.String(), RequestedAt: c.RequestedAt, CountsAt: instantOrNone(c.CountsAt),
	}
}

type phoneChangeInput struct {
	Body struct {
		Phone string `json:"phone,omitempty" maxLength:"32" doc:"The new phone"`

		ChallengeID     string `json:"challenge_id,omitempty" maxLength:"36" doc:"After CHALLENGE_REQUIRED: the challenge of POST /v1/challenges that is answered"`
		ChallengeAnswer string `json:"challenge_answer,omitempty" maxLength:"64" doc:"Digits, or numbers in words"`
	}
}

type phoneChangeBegunOutput struct {
	Body struct {
		PhoneChangeReply
		Code codeSentReply `json:"code"`
	}
}

func (s *server) requestPhoneChange(ctx context.Context, in *phoneChangeInput) (*phoneChangeBegunOutput, error) {
	answer, err := challengeAnswer(in.Body.ChallengeID, in.Body.ChallengeAnswer)
	if err != nil {
		return nil, err
	}
	change, sent, err := s.Citizens.RequestPhoneChange(ctx, actorFrom(ctx), in.Body.Phone, answer)
	if err != nil {
		return nil, err
	}
	out := &phoneChangeBegunOutput{}
	out.Body.PhoneChangeReply, out.Body.Code = newPhoneChangeReply(change), newCodeSentReply(sent)
	return out, nil
}

type phoneChangeOutput struct {
	Body phoneChangeReply
}

func (s *server) confirmPhoneChange(ctx context.Context, in *digitsInput) (*phoneChangeOutput, error) {
	change, err := s.Citizens.ConfirmPhoneChange(ctx, actorFrom(ctx), in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &phoneChangeOutput{Body: newPhoneChangeReply(change)}, nil
}

func (s *server) cancelPhoneChange(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.Citizens.CancelPhoneChange(ctx, actorFrom(ctx))
}
