package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

func (s *server) registerAgentDifferences() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/differences", ID: "listDifferences",
		Summary:  "Lines about which our copy and the registry's figures did not agree, the newest found first; they name no person",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listDifferences)
}

type sideReply struct {
	Version   int64  `json:"version"`
	State     string `json:"state"`
	AmountFen int64  `json:"amount_fen"`
}

type differenceReply struct {
	PaymentID string     `json:"payment_id"`
	Kind      string     `json:"kind" enum:"missing_here,missing_there,version,state,amount,content"`
	State     string     `json:"state" enum:"open,repaired,gone" doc:"gone: the two sides agree without our doing"`
	Why       string     `json:"why,omitempty" doc:"NOT_IN_REGISTRY: never deleted, a person must look; NOT_TAKEN: its payee is not known here"`
	Programme string     `json:"programme,omitempty" doc:"Left out where the code alone would name it (R55)"`
	Name      string     `json:"name" doc:"Neutral where the programme is sensitive (R55)"`
	District  string     `json:"district"`
	Ours      *sideReply `json:"ours,omitempty"`
	Theirs    *sideReply `json:"theirs,omitempty"`
	FoundAt   time.Time  `json:"found_at"`
	SeenAt    time.Time  `json:"seen_at"`
}

func newSideReply(side subsidy.Side) *sideReply {
	if side == (subsidy.Side{}) {
		return nil
	}
	return &sideReply{side.Version, string(side.State), int64(side.AmountFen)}
}

type listDifferencesInput struct {
	Page
	State string `query:"state" enum:"open,repaired,gone" default:"open"`
	Month string `query:"month" maxLength:"7" doc:"Ledger month; left out: all"`
}

type listDifferencesOutput struct{ Body list[differenceReply] }

func (s *server) listDifferences(ctx context.Context, in *listDifferencesInput) (*listDifferencesOutput, error) {
	filter := in.State + "|" + in.Month
	place, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	q := subsidy.DifferenceQuery{State: in.State, Month: in.Month, Limit: in.Limit}
	if at, id, ok := strings.Cut(place, "|"); ok {
		if q.AfterAt, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return nil, errCursor
		}
		q.After, _ = subsidy.ParseKey(id)
	}
	found, more, err := s.Held.DifferenceList(ctx, actorFrom(ctx), q)
	if err != nil {
		return nil, err
	}
	items, next := make([]differenceReply, len(found)), ""
	for i, d := range found {
		items[i] = differenceReply{
			PaymentID: d.ID, Kind: string(d.Kind), State: d.State, Why: d.Why, Programme: d.Code, Name: d.Name, District: d.District,
			Ours: newSideReply(d.Ours), Theirs: newSideReply(d.Theirs), FoundAt: d.FoundAt, SeenAt: d.SeenAt,
		}
	}
	if more {
		last := found[len(found)-1]
		next = s.cursor(ctx, filter, last.FoundAt.UTC().Format(time.RFC3339Nano)+"|"+last.ID)
	}
	return &listDifferencesOutput{listOf(items, next)}, nil
}
