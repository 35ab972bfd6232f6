package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

func (s *server) registerRatings() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/ratings", ID: "rateCase", Summary: "Rate a finished case of one's own, once, from 1 to 5; 1 and 2 are looked into (R64)",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{
			models.ErrNotFound, hotline.ErrNotLoggedIn, hotline.ErrAlreadyRated, hotline.ErrNotFinished, card.ErrLossNotFound,
			card.ErrApplicationNotFound, card.ErrReplacementNotFound,
		},
	}, s.rateCase)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/ratings/totals", ID: "listRatingTotals", Summary: "Ratings by month and kind; no login, no figure about fewer than five (R68)",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listRatingTotals)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/ratings/figures", ID: "listRatingFigures", Summary: "Ratings by month and kind, with how many were low",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listRatingFigures)
}

type rateCaseInput struct {
	Body struct {
		Object   string `json:"object" enum:"enquiries,calls,applications,replacements,loss_reports"`
		ObjectID string `json:"object_id" maxLength:"36" format:"uuid"`
		Level    int    `json:"level" doc:"1 (非常不满意) to 5 (非常满意)"`
	}
}

type rateCaseOutput struct {
	Body struct {
		Object    string `json:"object"`
		ObjectID  string `json:"object_id"`
		Level     int    `json:"level"`
		EnquiryID string `json:"enquiry_id,omitempty" doc:"What a low rating has opened: somebody looks into it and calls back"`
	}
}

func (s *server) rateCase(ctx context.Context, in *rateCaseInput) (*rateCaseOutput, error) {
	r, err := s.Orders.RateCase(ctx, actorFrom(ctx), in.Body.Object, models.ID(in.Body.ObjectID), in.Body.Level)
	if err != nil {
		return nil, err
	}
	out := &rateCaseOutput{}
	out.Body.Object, out.Body.ObjectID, out.Body.Level, out.Body.EnquiryID = r.Object, string(r.ObjectID), r.Level, string(r.OrderID)
	return out, nil
}

// RatingMonths says which months are counted.
type RatingMonths struct {
	From string `query:"from" required:"true" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"First month, e.g. 2021-10"`
	To   string `query:"to" required:"true" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" doc:"Last month, included"`
}

type ratingTotalReply struct {
	Month      string   `json:"month"`
	Kind       string   `json:"kind" doc:"Type of work order, call, applications, replacements, loss_reports"`
	Suppressed bool     `json:"suppressed" doc:"Too few to be told"`
	Count      *int64   `json:"count,omitempty"`
	Average    *float64 `json:"average,omitempty"`
	Low        *int64   `json:"low,omitempty" doc:"Ratings of 1 and 2; for supervisors only"`
}

func newRatingTotalReply(f hotline.RatingFigure, inside bool) ratingTotalReply {
	out := ratingTotalReply{Month: f.Month, Kind: f.Kind, Suppressed: f.Suppressed}
	if f.Suppressed || f.Count == 0 {
		return out
	}
	average := float64(f.Sum*100/f.Count) / 100
	out.Count, out.Average = &f.Count, &average
	if inside {
		out.Low = &f.Low
	}
	return out
}

type ratingTotalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Items []ratingTotalReply `json:"items" nullable:"false"`
	}
}

func (s *server) ratingTotals(list []hotline.RatingFigure, inside bool, err error) (*ratingTotalsOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &ratingTotalsOutput{}
	out.Body.Items = make([]ratingTotalReply, len(list))
	for i, f := range list {
		out.Body.Items[i] = newRatingTotalReply(f, inside)
	}
	out.ETag = s.etag(out.Body)
	return out, nil
}

func (s *server) listRatingTotals(ctx context.Context, in *struct{ RatingMonths }) (*ratingTotalsOutput, error) {
	list, err := s.Orders.PublicRatings(ctx, in.From, in.To)
	return s.ratingTotals(list, false, err)
}

func (s *server) listRatingFigures(ctx context.Context, in *struct{ RatingMonths }) (*ratingTotalsOutput, error) {
	list, err := s.Orders.RatingFigures(ctx, actorFrom(ctx), in.From, in.To)
	return s.ratingTotals(list, true, err)
}
