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
	OpenEnquiries(ctx context.Context, by models.Actor, state hotline.EnquiryState, p hotline.Page) ([]hotline.Enquiry, error)
	AnswerEnquiry(ctx context.Context, by models.Actor, id models.ID, text string) (hotline.Enquiry, error)
	CloseEnquiry(ctx context.Context, by models.Actor, id models.ID) (hotline.Enquiry, error)
}

func (s *server) registerEnquiries() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/enquiries", ID: "listEnquiries", Summary: "One's own enquiries, newest first",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitRead,
	}, s.listEnquiries)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/enquiries/{enquiry_id}", ID: "readEnquiry", Summary: "One enquiry of one's own: where it stands, by when and by whom it is answered",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotLoggedIn},
	}, s.readEnquiry)
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

// ownEnquiryReply is an enquiry as the citizen reads it: her face of the work order.
type ownEnquiryReply struct {
	EnquiryReply
	Stage      string     `json:"stage,omitempty" enum:"new,assigned,accepted,returned,done,called_back,closed,reopened" doc:"Where the work order stands; left out for some seconds after the enquiry was opened"`
	AnsweredBy string     `json:"answered_by,omitempty" doc:"Who answers: the paying department, or 12333; below level real a department has no name (R55)"`
	DueAt      *time.Time `json:"due_at,omitempty" doc:"By then it is answered, by the calendar of working days (R65)"`
	ExtendedAt *time.Time `json:"extended_at,omitempty" doc:"Since when due_at is a later one than first promised"`
	CanUrge    bool       `json:"can_urge"`
	CanReopen  bool       `json:"can_reopen"`
	CanRate    bool       `json:"can_rate"`
}

// EnquiryReply is enquiryReply under a name that the document's reader sees.
type EnquiryReply = enquiryReply

func newOwnEnquiryReply(v hotline.EnquiryView, level models.Level) ownEnquiryReply {
	out := ownEnquiryReply{EnquiryReply: newEnquiryReply(v.Enquiry), CanUrge: v.CanUrge, CanReopen: v.CanReopen, CanRate: v.CanRate}
	if o := v.Order; o != nil {
		out.Stage, out.AnsweredBy, out.DueAt, out.ExtendedAt = string(o.State), v.Answerer(level), instantOrNone(o.DueAt), instantOrNone(o.ExtendedAt)
	}
	return out
}

type ownEnquiriesOutput struct {
	ETag string `header:"ETag"`
	Body list[ownEnquiryReply]
}

func (s *server) listEnquiries(ctx context.Context, in *struct{ Page }) (*ownEnquiriesOutput, error) {
	by := actorFrom(ctx)
	after, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Orders.MyEnquiryViews(ctx, by, hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = s.cursorOf(ctx, person(by), "", string(found[in.Limit-1].ID))
	}
	items := make([]ownEnquiryReply, len(found))
	for i, v := range found {
		items[i] = newOwnEnquiryReply(v, by.Level)
	}
	body := listOf(items, next)
	return &ownEnquiriesOutput{s.etag(body), body}, nil
}

type ownEnquiryOutput struct {
	ETag string `header:"ETag"`
	Body ownEnquiryReply
}

func (s *server) readEnquiry(ctx context.Context, in *EnquiryPath) (*ownEnquiryOutput, error) {
	v, err := s.Orders.MyEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID))
	return s.ownEnquiry(ctx, v, err)
}

func (s *server) ownEnquiry(ctx context.Context, v hotline.EnquiryView, err error) (*ownEnquiryOutput, error) {
	if err != nil {
		return nil, err
	}
	body := newOwnEnquiryReply(v, actorFrom(ctx).Level)
	return &ownEnquiryOutput{s.etag(body), body}, nil
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
