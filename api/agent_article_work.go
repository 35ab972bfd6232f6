package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/knowledge"
)

func (s *server) registerAgentArticleWork() {
	refusals := func(more ...*models.Error) []*models.Error {
		return append([]*models.Error{hotline.ErrNotPermitted, knowledge.ErrNotYours}, more...)
	}
	edit := func(method, path, id, summary string, status int, errs ...*models.Error) op {
		return op{
			Method: method, Path: "/agent/v1/articles" + path, ID: id, Summary: summary, Audience: Agent, May: hotline.MayEditArticles,
			Limit: LimitWrite, Statuses: []int{status}, Errs: refusals(errs...),
		}
	}
	const version = "/{article_id}/versions/{version}"
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/article-versions", ID: "listArticleVersions", Summary: "What editors work on: versions of one state, the longest untouched first",
		Audience: Agent, May: hotline.MayEditArticles, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listArticleVersions)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/article-gaps", ID: "listArticleGaps", Summary: "Pieces of searches that found nothing, the most frequent first; never a search",
		Audience: Agent, May: hotline.MayEditArticles, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listArticleGaps)
	longer := edit(http.MethodPost, "", "draftArticle", "Write a new article; nobody reads it before a second editor publishes", http.StatusCreated, knowledge.ErrTextRefused)
	register(s, longer, s.draftArticle)
	register(s, edit(http.MethodPost, "/{article_id}/versions", "draftArticleVersion", "Write the next version of an article", http.StatusCreated,
		knowledge.ErrTextRefused, knowledge.ErrVersionNotFound, knowledge.ErrDraftOpen), s.draftArticleVersion)
	register(s, edit(http.MethodPut, version, "editArticleVersion", "Write a draft anew, on what was looked at", http.StatusOK,
		knowledge.ErrTextRefused, knowledge.ErrVersionNotFound, knowledge.ErrArticleState, models.ErrConflict), s.editArticleVersion)
	register(s, edit(http.MethodPost, version+"/submission", "submitArticleVersion", "Hand a draft to a second editor", http.StatusOK,
		knowledge.ErrTextRefused, knowledge.ErrVersionNotFound, knowledge.ErrArticleState, models.ErrConflict), s.submitArticleVersion)
	register(s, edit(http.MethodPost, version+"/return", "returnArticleVersion", "Give it back with what is to be put right", http.StatusOK,
		knowledge.ErrVersionNotFound, knowledge.ErrArticleState, models.ErrConflict), s.returnArticleVersion)
	register(s, edit(http.MethodPost, version+"/publication", "publishArticleVersion", "Publish what another editor wrote; it is read everywhere within seconds", http.StatusOK,
		knowledge.ErrTextRefused, knowledge.ErrVersionNotFound, knowledge.ErrArticleState, knowledge.ErrSecondEditor, models.ErrConflict), s.publishArticleVersion)
	register(s, edit(http.MethodPost, version+"/withdrawal", "withdrawArticleVersion", "Take it away at once, a draft or what is read", http.StatusOK,
		knowledge.ErrVersionNotFound, knowledge.ErrArticleState, models.ErrConflict), s.withdrawArticleVersion)
}

type articleText struct {
	Question  string   `json:"question" maxLength:"200"`
	Answer    string   `json:"answer" maxLength:"4000" doc:"Text; lines of a list begin with \"- \", **strong**, [words](/m/outlets), {fee.replacement_fen} for a figure of policy"`
	Keywords  []string `json:"keywords" maxItems:"60" nullable:"false" doc:"Words people use for it"`
	Rules     []string `json:"rules" maxItems:"20" nullable:"false" doc:"What it rests on: R11"`
	ValidFrom string   `json:"valid_from" maxLength:"10" doc:"2021-12-31"`
	ValidTo   string   `json:"valid_to,omitempty" maxLength:"10" doc:"The last day; left out: no end"`
	ReviewBy  string   `json:"review_by,omitempty" maxLength:"10" doc:"Left out: as policy says, from its publication on"`
}

// ArticleText is articleText under a name that the document's reader sees.
type ArticleText = articleText

func (t articleText) input() knowledge.DraftInput {
	return knowledge.DraftInput{
		Question: t.Question, Answer: t.Answer, Keywords: t.Keywords, Rules: t.Rules,
		ValidFrom: models.Date(t.ValidFrom), ValidTo: models.Date(t.ValidTo), ReviewBy: models.Date(t.ReviewBy),
	}
}

type articleVersionOutput struct{ Body articleVersionReply }

func (s *server) articleOut(v knowledge.Version, err error) (*articleVersionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &articleVersionOutput{s.newArticleVersionReply(v)}, nil
}

type draftArticleInput struct {
	Body struct {
		ArticleText
		Audience   string `json:"audience" enum:"public,internal" doc:"For ever: what is written for the desk never becomes public"`
		Department string `json:"department,omitempty" maxLength:"40" doc:"Whose it is; an editor of a department writes for that one"`
	}
}

func (s *server) draftArticle(ctx context.Context, in *draftArticleInput) (*articleVersionOutput, error) {
	d := in.Body.input()
	d.Audience, d.Department = knowledge.Audience(in.Body.Audience), in.Body.Department
	return s.articleOut(s.Articles.NewArticle(ctx, actorFrom(ctx), d))
}

type draftArticleVersionInput struct {
	ArticlePath
	Body articleText
}

func (s *server) draftArticleVersion(ctx context.Context, in *draftArticleVersionInput) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.NewVersion(ctx, actorFrom(ctx), in.ArticleID, in.Body.input()))
}

type editArticleVersionInput struct {
	ArticleVersionPath
	Body struct {
		ArticleText
		Changes int `json:"changes" minimum:"1" doc:"Of the draft that was looked at"`
	}
}

func (s *server) editArticleVersion(ctx context.Context, in *editArticleVersionInput) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.EditVersion(ctx, actorFrom(ctx), knowledge.EditInput{
		Article: in.ArticleID, Version: in.Version, Changes: in.Body.Changes, Text: in.Body.input(),
	}))
}

func (s *server) submitArticleVersion(ctx context.Context, in *ArticleVersionPath) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.Submit(ctx, actorFrom(ctx), in.ArticleID, in.Version))
}

type returnArticleInput struct {
	ArticleVersionPath
	Body struct {
		Note string `json:"note" maxLength:"1000" doc:"1 to 200 characters"`
	}
}

func (s *server) returnArticleVersion(ctx context.Context, in *returnArticleInput) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.Return(ctx, actorFrom(ctx), in.ArticleID, in.Version, in.Body.Note))
}

func (s *server) publishArticleVersion(ctx context.Context, in *ArticleVersionPath) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.Publish(ctx, actorFrom(ctx), in.ArticleID, in.Version))
}

type withdrawArticleInput struct {
	ArticleVersionPath
	Body struct {
		Reason string `json:"reason" enum:"wrong,out_of_date,misunderstood,doubled,not_needed"`
	}
}

func (s *server) withdrawArticleVersion(ctx context.Context, in *withdrawArticleInput) (*articleVersionOutput, error) {
	return s.articleOut(s.Articles.Withdraw(ctx, actorFrom(ctx), in.ArticleID, in.Version, in.Body.Reason))
}

type listArticleVersionsInput struct {
	Page
	State   string `query:"state" enum:"draft,in_review,published,superseded,withdrawn" default:"in_review"`
	Overdue bool   `query:"overdue" doc:"Of the published ones those that nobody has read over in time"`
}

type listArticleVersionsOutput struct{ Body list[articleVersionReply] }

func (s *server) listArticleVersions(ctx context.Context, in *listArticleVersionsInput) (*listArticleVersionsOutput, error) {
	by, filter := actorFrom(ctx), in.State+"|"+strconv.FormatBool(in.Overdue)
	text, err := s.placeOf(ctx, by.ID, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	after, err := articlePlace(text)
	if err != nil {
		return nil, err
	}
	found, more, err := s.Articles.ListVersions(ctx, by, knowledge.State(in.State), in.Overdue, after, in.Limit)
	if err != nil {
		return nil, err
	}
	items, next := make([]articleVersionReply, len(found)), ""
	for i, v := range found {
		items[i] = s.newArticleVersionReply(v)
	}
	if more {
		last := found[len(found)-1]
		next = strings.Join([]string{last.EditedAt.UTC().Format(time.RFC3339Nano), last.ID, strconv.Itoa(last.Version)}, "|")
	}
	return &listArticleVersionsOutput{listOf(items, s.cursorOf(ctx, by.ID, filter, next))}, nil
}

func articlePlace(text string) (p knowledge.Place, err error) {
	parts := strings.Split(text, "|")
	if text == "" {
		return p, nil
	}
	if len(parts) != 3 {
		return p, errCursor
	}
	if p.At, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
		return p, errCursor
	}
	p.Article = parts[1]
	p.Version, err = strconv.Atoi(parts[2])
	return p, err
}

type articleGapReply struct {
	Piece string `json:"piece" doc:"Two characters"`
	Count int    `json:"count"`
}

type articleGapsOutput struct {
	Body struct {
		Items []articleGapReply `json:"items" nullable:"false"`
	}
}

func (s *server) listArticleGaps(ctx context.Context, _ *struct{}) (*articleGapsOutput, error) {
	found, err := s.Articles.Gaps(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &articleGapsOutput{}
	out.Body.Items = make([]articleGapReply, len(found))
	for i, g := range found {
		out.Body.Items[i] = articleGapReply{g.Gram, g.Count}
	}
	return out, nil
}
