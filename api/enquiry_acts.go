package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerEnquiryActs() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/enquiries", ID: "openEnquiry", Summary: "Write to us: a question, a complaint or a suggestion (投诉建议), under one's own name; it has a number, a day by which it is answered, and an answer",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitWrite, BodyLimit: 8 << 10, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{hotline.ErrNotLoggedIn, hotline.ErrAskKind, hotline.ErrAskedLots},
	}, s.openEnquiry)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/enquiries/{enquiry_id}/urge", ID: "urgeEnquiry", Summary: "Press for an answer (催办); once a day",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotLoggedIn, hotline.ErrUrgedToday, hotline.ErrEnquiryOver, hotline.ErrOrderTaken},
	}, s.urgeEnquiry)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/enquiries/{enquiry_id}/reopen", ID: "reopenEnquiry", Summary: "Have an answered or closed enquiry opened again, once, within the days of the setting",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotLoggedIn, hotline.ErrEnquiryOpen, hotline.ErrReopenOver, hotline.ErrEnquiryOver, hotline.ErrOrderTaken, hotline.ErrOrderState},
	}, s.reopenEnquiry)
}

type openEnquiryInput struct {
	Body struct {
		Kind string `json:"kind,omitempty" maxLength:"16" doc:"question, complaint or suggestion"`
		Text string `json:"text" maxLength:"4000" doc:"5 to 1000 characters; no ID or account numbers. Whoever answers reads it"`
	}
}

func (s *server) openEnquiry(ctx context.Context, in *openEnquiryInput) (*ownEnquiryOutput, error) {
	v, err := s.Orders.Ask(ctx, actorFrom(ctx), in.Body.Kind, in.Body.Text)
	return s.ownEnquiry(ctx, v, err)
}

func (s *server) urgeEnquiry(ctx context.Context, in *EnquiryPath) (*ownEnquiryOutput, error) {
	v, err := s.Orders.UrgeMyEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID))
	return s.ownEnquiry(ctx, v, err)
}

type reopenEnquiryInput struct {
	EnquiryPath
	Body struct {
		Reason string `json:"reason" maxLength:"2000" doc:"What is not settled, 2 to 500 characters; whoever answers reads it"`
	}
}

func (s *server) reopenEnquiry(ctx context.Context, in *reopenEnquiryInput) (*ownEnquiryOutput, error) {
	v, err := s.Orders.ReopenMyEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID), in.Body.Reason)
	return s.ownEnquiry(ctx, v, err)
}
