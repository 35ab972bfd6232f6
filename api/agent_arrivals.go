package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

func (s *server) registerAgentArrivals() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/arrivals", ID: "arrivalsOfCall",
		Summary: "Payments to a caller known at Full: date, neutral name, amount, state; never what a High programme is called (R55)",
		Act:     models.ActArrivals, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: append([]*models.Error{subsidy.ErrYear}, atFull...),
	}, s.arrivalsOfCall)
}

type arrivalsOfCallInput struct {
	CallPath
	Page
	Year int `query:"year" doc:"Ledger year; without it this ledger month and the one before it"`
}

// callArrivalReply has no code of a programme and no end of an account: a list in a call tells the least that answers.
type callArrivalReply struct {
	ArrivalID  string     `json:"arrival_id" doc:"For explainInCall"`
	Name       string     `json:"name" doc:"As lists name it: neutral where the programme is sensitive"`
	AmountYuan string     `json:"amount_yuan"`
	Period     string     `json:"period"`
	State      string     `json:"state"`
	Label      string     `json:"label" doc:"In Chinese; 已到账 only when the bank said so"`
	CreditedAt *time.Time `json:"credited_at,omitempty"`
}

type callArrivalsOutput struct {
	Body struct {
		List[callArrivalReply]
		FromMonth string     `json:"from_month"`
		ToMonth   string     `json:"to_month"`
		Note      string     `json:"note,omitempty" doc:"Why payments are missing, in plain words"`
		AsOf      *time.Time `json:"as_of,omitempty"`
	}
}

func (s *server) arrivalsOfCall(ctx context.Context, in *arrivalsOfCallInput) (*callArrivalsOutput, error) {
	q, filter := subsidy.ListQuery{Year: in.Year, Limit: in.Limit}, strconv.Itoa(in.Year)+"|"+in.CallID
	place, err := s.placeOf(ctx, actorFrom(ctx).ID, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	month, id, _ := strings.Cut(place, "|")
	if q.After, _ = subsidy.ParseKey(id); q.Year == 0 {
		q.To = month
	}
	var page subsidy.Arrivals
	if _, err = s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesArrivals, func(ctx context.Context, by models.Actor) (err error) {
		page, err = s.Subsidies.Arrivals(ctx, by, q)
		return err
	}); err != nil {
		return nil, err
	}
	out, next := &callArrivalsOutput{}, ""
	items := newCallArrivalReplies(page.Items)
	if page.More && len(items) > 0 {
		next = s.cursorOf(ctx, actorFrom(ctx).ID, filter, page.To+"|"+items[len(items)-1].ArrivalID)
	}
	out.Body.List, out.Body.FromMonth, out.Body.ToMonth, out.Body.Note = listOf(items, next), page.From, page.To, page.Note
	out.Body.AsOf = instantOrNone(page.AsOf)
	return out, nil
}

func newCallArrivalReplies(found []subsidy.Arrival) []callArrivalReply {
	items := make([]callArrivalReply, len(found))
	for i, one := range found {
		a := newArrivalReply(one)
		items[i] = callArrivalReply{a.ArrivalID, a.Name, a.AmountYuan, a.Period, a.State, a.Label, a.CreditedAt}
	}
	return items
}
