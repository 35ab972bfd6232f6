package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerOrderFilePartners() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/order-files", ID: "listOrderFilePartners", Summary: "The departments' districts without a log-in, to which work orders go as files",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listOrderFilePartners)
}

type filePartnerReply struct {
	Department string `json:"department"`
	District   string `json:"district"`
}

type listOrderFilePartnersOutput struct {
	Body struct {
		Items []filePartnerReply `json:"items" nullable:"false"`
	}
}

func (s *server) listOrderFilePartners(ctx context.Context, _ *struct{}) (*listOrderFilePartnersOutput, error) {
	found, err := s.OrderFiles.FilePartners(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &listOrderFilePartnersOutput{}
	out.Body.Items = make([]filePartnerReply, len(found))
	for i, x := range found {
		out.Body.Items[i] = filePartnerReply(x)
	}
	return out, nil
}
