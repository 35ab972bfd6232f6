package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

func (s *server) registerAgentPerson() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/person", ID: "personOfCall", Summary: "The verified caller, masked (R54); counted, and audited for the citizen to read (R59)",
		Act: models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead,
		Errs: append([]*models.Error{hotline.ErrVerificationRequired, hotline.ErrPhoneLocked}, inCall...),
	}, s.personOfCall)
}

// callCardReply holds no answer to a question of R58: no number, no bank.
type callCardReply struct {
	CardID string     `json:"card_id"`
	State  string     `json:"state" doc:"Of the social-security account"`
	Label  string     `json:"label"`
	Loss   *lossReply `json:"loss,omitempty" doc:"The open report: when, and by which channel (R33)"`
}

type personOutput struct {
	Body struct {
		Name     string          `json:"name" doc:"Masked"`
		IDNumber string          `json:"id_number" doc:"First three and last four"`
		Phone    string          `json:"phone" doc:"Masked"`
		District string          `json:"district,omitempty" doc:"At Full only: below, it is a question"`
		Level    string          `json:"level" enum:"basic,full"`
		Strength string          `json:"strength"`
		Cards    []callCardReply `json:"cards" nullable:"false"`
		// Replacement is the newest one; it names no bank and no outlet.
		Replacement *callReplacementReply `json:"replacement,omitempty" doc:"How far the newest replacement is, and what became of its fee (R49)"`
		AsOf        *time.Time            `json:"as_of,omitempty" doc:"How fresh our copy of the registry is"`
	}
}

// personOfCall shows who it is and, read under the same look, her cards.
func (s *server) personOfCall(ctx context.Context, in *CallPath) (*personOutput, error) {
	var home card.Home
	out := &personOutput{}
	view, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesPerson, func(ctx context.Context, by models.Actor) (err error) {
		if home, err = s.Cards.Cards(ctx, by); err == nil && home.Replacement.ID != "" {
			out.Body.Replacement, err = s.callReplacement(ctx, home.Replacement)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Body.Name, out.Body.IDNumber, out.Body.Phone = view.Person.Name.String(), view.Person.IDNumber.String(), view.Person.Phone.String()
	out.Body.District, out.Body.Level, out.Body.Strength = view.Person.District, string(view.Level), string(view.Strength)
	out.Body.Cards, out.Body.AsOf = []callCardReply{}, instantOrNone(home.AsOf)
	for _, v := range home.Cards {
		out.Body.Cards = append(out.Body.Cards, newCallCardReply(v))
	}
	return out, nil
}

type callReplacementReply struct {
	Receipt  string    `json:"receipt"`
	State    string    `json:"state"`
	Label    string    `json:"label" doc:"In Chinese, to be read out"`
	Holder   string    `json:"holder,omitempty" doc:"Who holds the next step, in Chinese"`
	FeeFen   int64     `json:"fee_fen" doc:"0 where it is waived"`
	FeeLabel string    `json:"fee_label" doc:"In Chinese"`
	Refund   string    `json:"refund,omitempty" doc:"What became of money that goes back, in Chinese"`
	AskedAt  time.Time `json:"asked_at"`
}

func (s *server) callReplacement(ctx context.Context, r card.Replacement) (*callReplacementReply, error) {
	p, err := s.Replacements.ReplacementProgressOf(ctx, r)
	if err != nil {
		return nil, err
	}
	return &callReplacementReply{r.Receipt, string(r.State), p.Label, p.Holder, int64(p.Fee.AmountFen), p.Fee.Label, p.Fee.Refund, r.CreatedAt}, nil
}

func newCallCardReply(v card.View) callCardReply {
	r := callCardReply{CardID: string(v.Card.ID)}
	for _, t := range v.Tiles {
		if t.Account == "social" {
			r.State, r.Label = t.State, t.Label
		}
	}
	if v.Loss.Open() {
		loss := newLossReply(v.Loss)
		loss.Next = []string{} // nothing more is done by phone (R36)
		r.Loss = &loss
	}
	return r
}
