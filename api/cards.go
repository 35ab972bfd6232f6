package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
)

// Cards are the use cases of cards, losses and releases.
type Cards interface {
	Cards(ctx context.Context, by models.Actor) (card.Home, error)
	ReportLoss(ctx context.Context, by models.Actor, in card.ReportLossInput) (card.LossResult, error)
	LossDecided(ctx context.Context, by models.Actor) (res card.LossResult, known bool, err error)
	LossReport(ctx context.Context, by models.Actor, id models.ID) (card.LossReport, card.Statement, error)
	LossReports(ctx context.Context, by models.Actor, limit int) ([]card.LossReport, error)
	PreviewLoss(ctx context.Context, by models.Actor, id models.ID) (card.LossPreview, error)
	ReleaseLoss(ctx context.Context, by models.Actor, report models.ID, account string) (card.LossReport, error)
	RenewLoss(ctx context.Context, by models.Actor, report models.ID) (card.LossReport, error)
	StatementFor(ctx context.Context, r card.LossReport) (card.Statement, error)
	AsOf(ctx context.Context, person models.ID) (time.Time, error)
}

func (s *server) registerCards() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/cards", ID: "listCards", Summary: "Own cards, their two accounts, and the one next step",
		Act: models.ActCardRead, For: byFamily, Audience: Citizen, Limit: LimitRead,
	}, s.listCards)
}

type tileReply struct {
	Account string    `json:"account" enum:"social,financial" doc:"Which of the two accounts (R28)"`
	State   string    `json:"state" doc:"As the registry or the bank says; loss_being_confirmed and release_being_confirmed are ours"`
	Label   string    `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Advice  string    `json:"advice,omitempty"`
	Since   time.Time `json:"since"`
}

type bankReply struct {
	Code  string `json:"code"`
	Name  string `json:"name" doc:"With the name on the card face where the bank has a successor"`
	Phone string `json:"phone"`
}

type statementReply struct {
	Text        string   `json:"text" doc:"The whole sentence, to be shown first (R40)"`
	Effective   bool     `json:"effective" doc:"Only then may a screen say 已停用"`
	NotAffected []string `json:"not_affected" nullable:"false" doc:"Accounts that were not stopped"`
	BankName    string   `json:"bank_name"`
	BankPhone   string   `json:"bank_phone"`
}

type cardReply struct {
	CardID    string          `json:"card_id"`
	Number    string          `json:"number" doc:"Masked: first character and last three"`
	Area      string          `json:"area" doc:"Issuing area, GB/T 2260"`
	Holding   string          `json:"holding" doc:"in_production, at_outlet, collected"`
	Accounts  []tileReply     `json:"accounts" nullable:"false"`
	Bank      bankReply       `json:"bank"`
	Loss      *lossReply      `json:"loss,omitempty" doc:"The open loss report"`
	Statement *statementReply `json:"statement,omitempty"`
	ChangedAt time.Time       `json:"changed_at" doc:"The registry's instant of the last change"`
}

type nextStepReply struct {
	Code   string      `json:"code" enum:"apply,correct_application,wait_for_card,ask_bank,collect,await_registry,pay_replacement,correct_replacement,activate_new_card,activate_both,activate_financial,activate_social,await_loss,await_release,after_loss,unlock_social,unseal_social,ask,none"`
	Text   string      `json:"text"`
	Papers []string    `json:"papers" nullable:"false"`
	Where  *placeReply `json:"where,omitempty"`
	Guide  string      `json:"guide,omitempty" doc:"The act of showGuide that tells papers, places and hours of this step"`
}

type placeReply struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Hours   string `json:"hours"`
}

type homeReply struct {
	Cards    []cardReply   `json:"cards" nullable:"false"`
	NextStep nextStepReply `json:"next_step" doc:"Exactly one (R25)"`
}

// HomeReply is homeReply where it is embedded: the document's reader passes over small letters.
type HomeReply = homeReply

type homeOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		HomeReply
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy is; absent before the first word of the registry"`
	}
}

func (s *server) listCards(ctx context.Context, _ *struct{}) (*homeOutput, error) {
	home, err := s.Cards.Cards(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &homeOutput{}
	out.Body.HomeReply = newHomeReply(home)
	out.Body.AsOf = instantOrNone(home.AsOf)
	out.ETag = s.etag(out.Body.HomeReply)
	return out, nil
}

// stepGuides name the guide of a step that is done at a window.
var stepGuides = map[string]string{
	"apply": "apply", "collect": "collect", "activate_both": "activate_financial", "activate_financial": "activate_financial",
	"activate_social": "activate_social_security", "after_loss": "release",
}

func newHomeReply(h card.Home) homeReply {
	r := homeReply{Cards: []cardReply{}, NextStep: nextStepReply{Code: h.Next.Code, Text: h.Next.Text, Papers: emptyNotNull(h.Next.Papers), Guide: stepGuides[h.Next.Code]}}
	if h.Next.Where.Name != "" {
		r.NextStep.Where = &placeReply{h.Next.Where.Name, h.Next.Where.Address, h.Next.Where.Phone, h.Next.Where.Hours}
	}
	for _, v := range h.Cards {
		r.Cards = append(r.Cards, newCardReply(v))
	}
	return r
}

func newCardReply(v card.View) cardReply {
	r := cardReply{
		CardID: string(v.Card.ID), Number: v.Card.NumberMask, Area: v.Card.Area, Holding: string(v.Card.Holding), ChangedAt: v.Card.ChangedAt,
		Bank: bankReply{v.Card.BankCode, v.Bank.Name, v.Bank.Phone},
	}
	r.Accounts = newTileReplies(v.Tiles)
	if v.Loss.Open() {
		loss, st := newLossReply(v.Loss), newStatementReply(v.Statement)
		r.Loss, r.Statement = &loss, &st
	}
	return r
}

func newTileReplies(tiles []card.Tile) []tileReply {
	out := make([]tileReply, len(tiles))
	for i, t := range tiles {
		out[i] = tileReply{t.Account, t.State, t.Label, t.Advice, t.Since}
	}
	return out
}

func newStatementReply(st card.Statement) statementReply {
	return statementReply{st.Text, st.Effective, emptyNotNull(st.NotAffected), st.BankName, st.BankPhone}
}

// instantOrNone leaves an unknown instant out of an answer.
func instantOrNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func emptyNotNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
