package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

// lossRefusals are what keeps a caller's card from being stopped.
var lossRefusals = []*models.Error{hotline.ErrVerificationRequired, card.ErrCardNotFound, card.ErrCardVoid, card.ErrCardCancelled, card.ErrNoAccountYet}

func (s *server) registerAgentLossReports() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/loss-reports", ID: "lossReportsOfCall",
		Summary: "The caller's loss reports, newest first: when, by which channel, how each stands (R33)",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atBasic,
	}, s.lossReportsOfCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/loss-preview", ID: "previewLossByPhone",
		Summary: "The first step of a loss report: the sentence to read out, what will be stopped and what not (R40), whether it was reported already",
		Act:     models.ActLoss, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: append(append([]*models.Error{}, lossRefusals...), atBasic[1:]...),
	}, s.previewLossByPhone)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/loss-reports", ID: "reportLossByPhone",
		Summary: "Report the caller's social-security account lost (R33), once the sentence was read back; the statement is read out first (R40)",
		Act:     models.ActLoss, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, DespiteOutage: true,
		Statuses: []int{http.StatusCreated, http.StatusAccepted, http.StatusOK},
		Errs: append(append([]*models.Error{card.ErrReadBackRequired, card.ErrSpeakerUnknown, hotline.ErrHolderNotReached, card.ErrBankInPerson, card.ErrAccountWord,
			card.ErrLossRefused}, lossRefusals...), inCall...),
	}, s.reportLossByPhone)
}

type callLossReply struct {
	Text string `json:"text" doc:"In one line, to be said: 09:12 通过微信小程序已挂失"`
	LossReply
}

type callLossesOutput struct {
	Body struct {
		List[callLossReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) lossReportsOfCall(ctx context.Context, in *CallPath) (*callLossesOutput, error) {
	var found []card.LossReport
	var asOf time.Time
	_, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesLosses, func(ctx context.Context, by models.Actor) (err error) {
		if asOf, err = s.Cards.AsOf(ctx, by.Subject); err == nil {
			found, err = s.Cards.LossReports(ctx, by, 20)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]callLossReply, len(found))
	for i, r := range found {
		items[i] = s.newCallLossReply(r)
	}
	out := &callLossesOutput{}
	out.Body.List, out.Body.AsOf = listOf(items, ""), instantOrNone(asOf)
	return out, nil
}

func (s *server) newCallLossReply(r card.LossReport) callLossReply {
	out := callLossReply{r.Said(s.Clock.Now()), newLossReply(r)}
	out.Next = []string{} // nothing more is done by phone (R36)
	return out
}

type lossPreviewInput struct {
	CallPath
	CardID string `query:"card_id" maxLength:"36" doc:"One of cardsOfCall; without it, the card in use"`
}

type lossPreviewOutput struct {
	Body struct {
		CardID        string         `json:"card_id"`
		ReadBack      string         `json:"read_back" doc:"To be read out; the caller agrees before the report is sent"`
		WillStop      []string       `json:"will_stop" nullable:"false"`
		WillNotStop   []string       `json:"will_not_stop" nullable:"false"`
		Accounts      []tileReply    `json:"accounts" nullable:"false"`
		Bank          *bankReply     `json:"bank,omitempty" doc:"Once the caller is known as for a loss report (R58)"`
		Reported      *callLossReply `json:"reported,omitempty" doc:"The report that stands already"`
		MayReport     bool           `json:"may_report" doc:"R33"`
		Strength      string         `json:"strength"`
		HolderReached []string       `json:"holder_reached" nullable:"false" doc:"How the holder may count as reached where a relative speaks"`
		AsOf          *time.Time     `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

func (s *server) previewLossByPhone(ctx context.Context, in *lossPreviewInput) (*lossPreviewOutput, error) {
	var p card.LossPreview
	view, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesLossPreview, func(ctx context.Context, by models.Actor) (err error) {
		p, err = s.Cards.PreviewLoss(ctx, by, models.ID(in.CardID))
		return err
	})
	if err != nil {
		return nil, err
	}
	out, named := &lossPreviewOutput{}, view.Strength.OpensLoss()
	b := &out.Body
	b.CardID, b.ReadBack, b.MayReport, b.Strength = string(p.Card.ID), p.ReadBack(named), named, string(view.Strength)
	b.WillStop, b.WillNotStop, b.HolderReached = p.WillStop(), []string{"financial"}, view.Strength.HolderReached()
	b.Accounts, b.AsOf = newTileReplies(p.Shown(named)), instantOrNone(p.AsOf)
	if named && p.Bank.Name != "" {
		b.Bank = &bankReply{p.Card.BankCode, p.Bank.Name, p.Bank.Phone}
	}
	if p.Open.Open() {
		reported := s.newCallLossReply(p.Open)
		b.Reported = &reported
	}
	return out, nil
}

type reportLossByPhoneInput struct {
	CallPath
	Body struct {
		CardID        string `json:"card_id,omitempty" maxLength:"36" doc:"One of cardsOfCall; without it, the card in use"`
		Account       string `json:"account,omitempty" maxLength:"16" doc:"social, or nothing; financial is the bank's (R39)"`
		ReadBack      bool   `json:"read_back,omitempty" doc:"The sentence of previewLossByPhone was read out and the caller agreed; refused without"`
		Speaker       string `json:"speaker,omitempty" maxLength:"16" doc:"holder, or relative (R33); nothing is the holder"`
		HolderReached string `json:"holder_reached,omitempty" maxLength:"16" doc:"Of a relative: came_to_phone, or called_back in this call"`
	}
}

// reportLossByPhone is the citizen's use case with the agent as actor: 201, 202, and 200 for a report that stood
// already, which tells when and by which channel.
func (s *server) reportLossByPhone(ctx context.Context, in *reportLossByPhoneInput) (*lossOutput, error) {
	by, err := s.Calls.ProtectingActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return s.lossDecided(ctx, err)
	}
	b, id := in.Body, models.ID(in.Body.CardID)
	if id == "" {
		if id, err = s.cardInUse(ctx, by); err != nil {
			return nil, err
		}
	}
	res, err := s.Cards.ReportLoss(ctx, by, card.ReportLossInput{CardID: id, Account: b.Account,
		Said: card.ByPhone{ReadBack: b.ReadBack, Speaker: b.Speaker, HolderReached: b.HolderReached}})
	if err != nil {
		return nil, err
	}
	return s.lossByPhone(ctx, res)
}

func (s *server) lossByPhone(ctx context.Context, res card.LossResult) (*lossOutput, error) {
	out, err := s.lossOutput(ctx, lossStatus(res), res.Report)
	if err == nil {
		out.Body.Next = []string{} // nothing more is done by phone (R36)
	}
	return out, err
}

// lossDecided answers a repeat whose call opens nothing any more with what the first request came to, else with the refusal.
func (s *server) lossDecided(ctx context.Context, refusal error) (*lossOutput, error) {
	res, known, err := s.Cards.LossDecided(ctx, actorFrom(ctx))
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, refusal
	}
	return s.lossByPhone(ctx, res)
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
