package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

func (s *server) registerAgentLossReports() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/loss-reports", ID: "reportLossByPhone",
		Summary: "Report the caller's social-security account lost (R33); the statement is read out first (R40)",
		Act:     models.ActLoss, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, DespiteOutage: true,
		Statuses: []int{http.StatusCreated, http.StatusAccepted, http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrVerificationRequired, card.ErrCardNotFound, card.ErrCardVoid, card.ErrCardCancelled,
			card.ErrNoAccountYet, card.ErrBankInPerson, card.ErrAccountWord, card.ErrLossRefused}, inCall...),
	}, s.reportLossByPhone)
}

type reportLossByPhoneInput struct {
	CallPath
	Body struct {
		CardID  string `json:"card_id,omitempty" maxLength:"36" doc:"One of personOfCall; without it, the card in use"`
		Account string `json:"account,omitempty" maxLength:"16" doc:"social, or nothing; financial is the bank's (R39)"`
	}
}

// reportLossByPhone is the citizen's use case with the agent as actor: 201, 202, and 200 for a report that stood
// already, which tells when and by which channel.
func (s *server) reportLossByPhone(ctx context.Context, in *reportLossByPhoneInput) (*lossOutput, error) {
	by, err := s.Calls.ActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	id := models.ID(in.Body.CardID)
	if id == "" {
		if id, err = s.cardInUse(ctx, by); err != nil {
			return nil, err
		}
	}
	res, err := s.Cards.ReportLoss(ctx, by, card.ReportLossInput{CardID: id, Account: in.Body.Account})
	if err != nil {
		return nil, err
	}
	out, err := s.lossOutput(ctx, lossStatus(res), res.Report)
	if err == nil {
		out.Body.Next = []string{} // nothing more is done by phone (R36)
	}
	return out, err
}

// cardInUse is the caller's live card: the agent need not look at her cards to stop one.
func (s *server) cardInUse(ctx context.Context, by models.Actor) (models.ID, error) {
	home, err := s.Cards.Cards(ctx, by)
	if err != nil {
		return "", err
	}
	if len(home.Cards) == 0 {
		return "", card.ErrCardNotFound
	}
	return home.Cards[0].Card.ID, nil
}
