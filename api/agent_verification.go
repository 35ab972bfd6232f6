package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
)

// inCall are the refusals of everything done in a call.
var inCall = []*models.Error{hotline.ErrNoActiveCall, hotline.ErrCallEnded, models.ErrNotFound, hotline.ErrNotPermitted, models.ErrConflict}

func (s *server) registerAgentVerification() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/verification", ID: "verifyCaller", Summary: "Compare what the caller says: match or no match, nothing else (R58)",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, BodyLimit: 2 << 10, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrPhoneLocked, hotline.ErrCallHasPerson, hotline.ErrFullIDNeeded}, inCall...),
	}, s.verifyCaller)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/call-back", ID: "askCallBack", Summary: "Have the phone on file called now; audited (R58). The telephone system dials and says whether it was answered",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrReasonRequired, hotline.ErrVerificationRequired, hotline.ErrNoPhoneOnFile, hotline.ErrNoExtension, hotline.ErrExchangeRefused}, inCall...),
	}, s.askCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/call-back/confirmation", ID: "confirmCallBack", Summary: "Whether the holder answered on the phone on file: the agent's word, only where the telephone system cannot dial",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrCallBackNotAsked, hotline.ErrCheckByExchange}, inCall...),
	}, s.confirmCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/phone-code", ID: "askPhoneCode", Summary: "Send a code to the phone on file, to be keyed in by the caller: nobody sees or speaks it (R58). The result comes as an event",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusAccepted},
		Errs: append([]*models.Error{
			hotline.ErrVerificationRequired, hotline.ErrPhoneLocked, hotline.ErrNoPhoneOnFile, hotline.ErrNotByTelephone, hotline.ErrNoExchange,
			hotline.ErrExchangeRefused, citizen.ErrCodeTooSoon, citizen.ErrCodeLimit, citizen.ErrCodeBudget,
		}, inCall...),
	}, s.askPhoneCode)
}

type verifyCallerInput struct {
	CallPath
	Body struct {
		Name                 string `json:"name" maxLength:"200"`
		IDNumber             string `json:"id_number,omitempty" maxLength:"32" doc:"The whole number; needed for Full"`
		IDLast6              string `json:"id_last6,omitempty" maxLength:"6" doc:"Or its last six: Basic"`
		CardLast4            string `json:"card_last4,omitempty" maxLength:"4"`
		District             string `json:"district,omitempty" maxLength:"6" doc:"GB/T 2260 code of the registered address"`
		Bank                 string `json:"bank,omitempty" maxLength:"32" doc:"Code of the bank on the card's face; with the district it counts once"`
		LastApplicationMonth string `json:"last_application_month,omitempty" maxLength:"7" doc:"2021-03"`
	}
}

type verificationReply struct {
	Result        string `json:"result" enum:"match,no_match"`
	Level         string `json:"level" enum:"none,basic,full" doc:"Of the call after this try"`
	Strength      string `json:"strength" enum:"none,basic,basic_number_match,basic_call_back_said,basic_call_back,basic_phone_code,full_facts,full_call_back_said,full_call_back,full_phone_code"`
	MayReportLoss bool   `json:"may_report_loss" doc:"R33"`
	LookUpsLocked bool   `json:"look_ups_locked" doc:"Only a loss report is open today"`
	TriesLeft     int    `json:"tries_left" doc:"Failures this call still has"`
	ByHand        bool   `json:"by_hand" doc:"The call was opened by hand: Basic at most"`
}

type verificationOutput struct{ Body verificationReply }

func (s *server) verifyCaller(ctx context.Context, in *verifyCallerInput) (*verificationOutput, error) {
	v, err := s.Calls.Verify(ctx, actorFrom(ctx), in.id(), hotline.VerifyInput{
		Name: in.Body.Name, IDNumber: in.Body.IDNumber, IDLast6: in.Body.IDLast6, CardLast4: in.Body.CardLast4,
		District: in.Body.District, Bank: in.Body.Bank, LastApplicationMonth: in.Body.LastApplicationMonth,
	})
	if err != nil {
		return nil, err
	}
	result := "no_match"
	if v.Match {
		result = "match"
	}
	return &verificationOutput{verificationReply{
		Result: result, Level: string(v.Level), Strength: string(v.Strength), MayReportLoss: v.MayReportLoss(),
		LookUpsLocked: v.Locked, TriesLeft: v.TriesLeft(), ByHand: v.ByHand,
	}}, nil
}

type askCallBackInput struct {
	CallPath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"32" doc:"loss_report, full_verification, relative_speaks (R54)"`
	}
}

type callBackOutput struct {
	Body struct {
		ByTelephone bool       `json:"by_telephone" doc:"The telephone system dials; whether it was answered comes as an event"`
		ExpiresAt   *time.Time `json:"expires_at,omitempty" doc:"Until then it may ring"`
		Dial        string     `json:"dial,omitempty" doc:"Where it cannot: the whole number on file, to be dialled, not to be read out"`
	}
}

func (s *server) askCallBack(ctx context.Context, in *askCallBackInput) (*callBackOutput, error) {
	asked, err := s.Calls.AskCallBack(ctx, actorFrom(ctx), in.id(), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := &callBackOutput{}
	out.Body.Dial = asked.Dial.Reveal() // the one whole number a console sees: Basic, a reason, an audit entry
	out.Body.ByTelephone, out.Body.ExpiresAt = asked.Check.ID != "", instantOrNone(asked.Check.ExpiresAt)
	return out, nil
}

type phoneCodeOutput struct {
	Body struct {
		CheckID   string    `json:"check_id"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (s *server) askPhoneCode(ctx context.Context, in *CallPath) (*phoneCodeOutput, error) {
	check, err := s.Calls.AskPhoneCode(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &phoneCodeOutput{}
	out.Body.CheckID, out.Body.ExpiresAt = string(check.ID), check.ExpiresAt
	return out, nil
}

type confirmCallBackInput struct {
	CallPath
	Body struct {
		Answered bool `json:"answered" doc:"The holder herself answered"`
	}
}

func (s *server) confirmCallBack(ctx context.Context, in *confirmCallBackInput) (*callOutput, error) {
	c, err := s.Calls.ConfirmCallBack(ctx, actorFrom(ctx), in.id(), in.Body.Answered)
	if err != nil {
		return nil, err
	}
	return &callOutput{newCallReply(c)}, nil
}
