package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Enquiries are the use cases of what somebody has to answer.
type Enquiries interface {
	MyEnquiries(ctx context.Context, by models.Actor, p hotline.Page) ([]hotline.Enquiry, error)
	OpenEnquiries(ctx context.Context, by models.Actor, state hotline.EnquiryState, p hotline.Page) ([]hotline.Enquiry, error)
	AnswerEnquiry(ctx context.Context, by models.Actor, id models.ID, text string) (hotline.Enquiry, error)
	CloseEnquiry(ctx context.Context, by models.Actor, id models.ID) (hotline.Enquiry, error)
}

func (s *server) registerEnquiries() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/enquiries", ID: "listEnquiries", Summary: "One's own enquiries, newest first",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitRead,
	}, s.listEnquiries)
}

type enquiryReply struct {
	EnquiryID  string     `json:"enquiry_id"`
	Number     string     `json:"number" doc:"What people read aloud"`
	Kind       string     `json:"kind" doc:"e.g. loss_unconfirmed, arrival_not_received"`
	State      string     `json:"state" enum:"received,answered,closed"`
	Object     string     `json:"object,omitempty" doc:"What it is about: loss_reports, payments, programmes"`
	ObjectID   string     `json:"object_id,omitempty"`
	SentenceID string     `json:"sentence_id,omitempty" doc:"The sentence that explained it when it was opened: docs/explanations.md"`
	SentenceOf *time.Time `json:"explained_as_of,omitempty" doc:"How fresh the facts of that sentence were"`
	Answer     string     `json:"answer,omitempty"`
	OpenedAt   time.Time  `json:"opened_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
}

func newEnquiryReply(e hotline.Enquiry) enquiryReply {
	return enquiryReply{
		EnquiryID: string(e.ID), Number: e.Number, Kind: e.Kind, State: string(e.State), Object: e.Object, ObjectID: e.ObjectID,
		SentenceID: e.SentenceID, SentenceOf: instantOrNone(e.ExplainedAsOf), Answer: e.Answer, OpenedAt: e.OpenedAt, AnsweredAt: instantOrNone(e.AnsweredAt), ClosedAt: instantOrNone(e.ClosedAt),
	}
}

type enquiriesOutput struct {
	ETag string `header:"ETag"`
	Body list[enquiryReply]
}

func (s *server) listEnquiries(ctx context.Context, in *struct{ Page }) (*enquiriesOutput, error) {
	after, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Enquiries.MyEnquiries(ctx, actorFrom(ctx), hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return s.enquiriesOutput(ctx, person(actorFrom(ctx)), "", found, in.Limit), nil
}

// enquiriesOutput takes one enquiry more than it shows: that tells whether there is a next page.
func (s *server) enquiriesOutput(ctx context.Context, owner models.ID, filter string, found []hotline.Enquiry, limit int) *enquiriesOutput {
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = s.cursorOf(ctx, owner, filter, string(found[limit-1].ID))
	}
	items := make([]enquiryReply, len(found))
	for i, e := range found {
		items[i] = newEnquiryReply(e)
	}
	body := listOf(items, next)
	return &enquiriesOutput{s.etag(body), body}
}
