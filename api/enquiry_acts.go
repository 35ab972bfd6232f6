package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerEnquiryActs() {
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
