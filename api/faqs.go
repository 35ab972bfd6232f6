package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/knowledge"
)

// Knowledge are the use cases of those who ask.
type Knowledge interface {
	Find(ctx context.Context, in knowledge.FindInput) (knowledge.Found, error)
	Article(ctx context.Context, id string) (knowledge.Article, error)
	Blocks(a knowledge.Article) []knowledge.Block
}

func (s *server) registerFAQs() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/faqs", ID: "listFAQs", Summary: "Questions and answers, searched in Chinese (R11, R48); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listFAQs)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/faqs/{faq_id}", ID: "getFAQ", Summary: "One question with its answer; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{knowledge.ErrArticleNotFound},
	}, s.getFAQ)
}

type listFAQsInput struct {
	Page
	Q string `query:"q" maxLength:"60" doc:"What to look for; empty: all, the most asked first"`
}

type faqReply struct {
	FAQID      string       `json:"faq_id"`
	Question   string       `json:"question"`
	Answer     string       `json:"answer" doc:"Plain text"`
	Blocks     []blockReply `json:"blocks" nullable:"false" doc:"The answer line by line, for those who show its marks; show every text as text"`
	Keywords   []string     `json:"keywords" nullable:"false"`
	Rules      []string     `json:"rules" nullable:"false" doc:"The rules the answer rests on"`
	ValidFrom  string       `json:"valid_from" format:"date"`
	ReviewedOn string       `json:"reviewed_on" format:"date" doc:"When somebody last read it over"`
}

type listFAQsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[faqReply]
		Hint string `json:"hint,omitempty" doc:"What to do when nothing was found"`
	}
}

func (s *server) listFAQs(ctx context.Context, in *listFAQsInput) (*listFAQsOutput, error) {
	after, err := s.place(ctx, in.Q, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Knowledge.Find(ctx, knowledge.FindInput{Query: in.Q, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	var items []faqReply
	for _, a := range found.Items {
		items = append(items, s.newFAQReply(a))
	}
	out := &listFAQsOutput{}
	out.Body.List, out.Body.Hint = listOf(items, s.cursor(ctx, in.Q, found.Next)), found.Hint
	out.ETag = s.etag(out.Body)
	return out, nil
}

type getFAQInput struct {
	FAQID string `path:"faq_id" maxLength:"40" pattern:"^[a-z0-9-]+$"`
}

type faqOutput struct {
	ETag string `header:"ETag"`
	Body faqReply
}

func (s *server) getFAQ(ctx context.Context, in *getFAQInput) (*faqOutput, error) {
	a, err := s.Knowledge.Article(ctx, in.FAQID)
	if err != nil {
		return nil, err
	}
	reply := s.newFAQReply(a)
	return &faqOutput{s.etag(reply), reply}, nil
}

func (s *server) newFAQReply(a knowledge.Article) faqReply {
	return faqReply{
		FAQID: a.ID, Question: a.Question, Answer: knowledge.Plain(a.Answer), Blocks: newBlockReplies(s.Knowledge.Blocks(a)), Keywords: emptyNotNull(a.Keywords), Rules: emptyNotNull(a.Rules),
		ValidFrom: string(a.ValidFrom), ReviewedOn: string(a.ReviewedOn),
	}
}
