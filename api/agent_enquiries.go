package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentEnquiries() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/enquiries", ID: "listOpenEnquiries", Summary: "Enquiries by state, newest first; they name no person (R59)",
		Audience: Agent, May: hotline.MaySeeCases, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listOpenEnquiries)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/enquiries/{enquiry_id}/answer", ID: "answerEnquiry", Summary: "Answer an enquiry of the hotline's own queue, as its work order is answered; whoever asked is told",
		Audience: Agent, May: hotline.MaySeeCases, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound, models.ErrConflict, hotline.ErrOrderState, hotline.ErrOrderTaken, hotline.ErrOrderNotYours},
	}, s.answerEnquiry)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/enquiries/{enquiry_id}/close", ID: "closeEnquiry", Summary: "Close an enquiry with its work order; whoever asked is called back first, and told",
		Audience: Agent, May: hotline.MaySeeCases, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound, models.ErrConflict, hotline.ErrOrderState, hotline.ErrOrderTaken, hotline.ErrCallBackFirst},
	}, s.closeEnquiry)
}

type openEnquiriesInput struct {
	Page
	State string `query:"state" enum:"received,answered,closed" default:"received"`
}

func (s *server) listOpenEnquiries(ctx context.Context, in *openEnquiriesInput) (*enquiriesOutput, error) {
	by := actorFrom(ctx)
	after, err := s.placeOf(ctx, by.ID, in.State, in.Cursor) // the list is the staff's own, not the caller's
	if err != nil {
		return nil, err
	}
	found, err := s.Enquiries.OpenEnquiries(ctx, by, hotline.EnquiryState(in.State), hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return s.enquiriesOutput(ctx, by.ID, in.State, found, in.Limit), nil
}

// EnquiryPath names the enquiry of the path.
type EnquiryPath struct {
	EnquiryID string `path:"enquiry_id" maxLength:"36" format:"uuid"`
}

type answerEnquiryInput struct {
	EnquiryPath
	Body struct {
		Answer string `json:"answer" maxLength:"4000" doc:"2 to 500 characters, which the citizen reads; no ID or account number, no mobile, no link"`
	}
}

type enquiryOutput struct{ Body enquiryReply }

func (s *server) answerEnquiry(ctx context.Context, in *answerEnquiryInput) (*enquiryOutput, error) {
	e, err := s.Enquiries.AnswerEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID), in.Body.Answer)
	if err != nil {
		return nil, err
	}
	return &enquiryOutput{newEnquiryReply(e)}, nil
}

func (s *server) closeEnquiry(ctx context.Context, in *EnquiryPath) (*enquiryOutput, error) {
	e, err := s.Enquiries.CloseEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID))
	if err != nil {
		return nil, err
	}
	return &enquiryOutput{newEnquiryReply(e)}, nil
}
