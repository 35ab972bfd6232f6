package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// Postings are the use cases of public postings.
type Postings interface {
	Postings(ctx context.Context, q subsidy.PostingQuery) (subsidy.Postings, error)
}

func (s *server) registerPostings() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/postings", ID: "listPostings", Summary: "Where lists are posted on a day, and who takes objections (R8); no login, no persons",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{errDay, subsidy.ErrProgrammeNotFound},
	}, s.listPostings)
}

type listPostingsInput struct {
	Page
	Programme string `query:"programme" maxLength:"32" doc:"Code of a programme"`
	District  string `query:"district" pattern:"^[0-9]{6}$" doc:"Code of a district, 410303 is Xigong"`
	On        string `query:"on" maxLength:"10" doc:"A day, 2006-01-02; today where it is left out"`
}

type postedReply struct {
	Programme  string       `json:"programme"`
	Name       string       `json:"name"`
	District   string       `json:"district"`
	Department string       `json:"department"`
	Period     string       `json:"period"`
	Posting    postingReply `json:"posting"`
}

type listPostingsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		On string `json:"on"`
		List[postedReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) listPostings(ctx context.Context, in *listPostingsInput) (*listPostingsOutput, error) {
	day, err := dayOf(in.On)
	if err != nil {
		return nil, err
	}
	filter := in.Programme + "|" + in.District + "|" + in.On
	after, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	q := subsidy.PostingQuery{On: day, Programme: in.Programme, District: in.District, Limit: in.Limit}
	q.After.To, q.After.Batch, _ = strings.Cut(after, "|")
	found, err := s.Subsidies.Postings(ctx, q)
	if err != nil {
		return nil, err
	}
	var items []postedReply
	for _, p := range found.Items {
		at := p.Posting
		items = append(items, postedReply{p.Programme.Code, p.Programme.Name, p.District, p.Department, p.Period,
			postingReply{at.Place, string(at.From), string(at.To), at.Office.Name, at.Office.Phone}})
	}
	next := ""
	if found.Next.Batch != "" {
		next = found.Next.To + "|" + found.Next.Batch
	}
	out := &listPostingsOutput{}
	out.Body.On, out.Body.List = string(found.On), listOf(items, s.cursor(ctx, filter, next))
	out.ETag, out.Body.AsOf = s.etag([]any{out.Body.On, out.Body.List}), instantOrNone(found.AsOf)
	return out, nil
}
