package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/knowledge"
)

// Articles are the use cases of the staff about the knowledge base: everybody reads, editors write, a second editor
// publishes.
type Articles interface {
	FindForStaff(ctx context.Context, by models.Actor, in knowledge.FindInput, who ...knowledge.Audience) (knowledge.Found, error)
	ShowArticle(ctx context.Context, by models.Actor, id string) (knowledge.Shown, error)
	Vote(ctx context.Context, by models.Actor, article string, n int, useful bool) error
	Blocks(a knowledge.Article) []knowledge.Block
	NewArticle(ctx context.Context, by models.Actor, in knowledge.DraftInput) (knowledge.Version, error)
	NewVersion(ctx context.Context, by models.Actor, article string, in knowledge.DraftInput) (knowledge.Version, error)
	EditVersion(ctx context.Context, by models.Actor, in knowledge.EditInput) (knowledge.Version, error)
	Submit(ctx context.Context, by models.Actor, article string, n int) (knowledge.Version, error)
	Return(ctx context.Context, by models.Actor, article string, n int, note string) (knowledge.Version, error)
	Publish(ctx context.Context, by models.Actor, article string, n int) (knowledge.Version, error)
	Withdraw(ctx context.Context, by models.Actor, article string, n int, reason string) (knowledge.Version, error)
	ListVersions(ctx context.Context, by models.Actor, state knowledge.State, overdue bool, after knowledge.Place, limit int) (list []knowledge.Version, more bool, err error)
	Gaps(ctx context.Context, by models.Actor) ([]knowledge.Gap, error)
}

func (s *server) registerAgentArticles() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/articles", ID: "findArticles", Summary: "What is read today, the desk's own too, searched in Chinese; no search is kept",
		Audience: Agent, May: hotline.MayReadArticles, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.findArticles)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/articles/{article_id}", ID: "getArticle", Summary: "One article with its versions; drafts are shown to editors",
		Audience: Agent, May: hotline.MayReadArticles, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted, knowledge.ErrVersionNotFound},
	}, s.getArticle)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/articles/{article_id}/versions/{version}/usefulness", ID: "voteArticle", Summary: "Was it useful? The last word of each agent counts",
		Audience: Agent, May: hotline.MayReadArticles, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: []*models.Error{hotline.ErrNotPermitted, knowledge.ErrVersionNotFound},
	}, s.voteArticle)
}

type textSpanReply struct {
	Text   string `json:"text"`
	Strong bool   `json:"strong,omitempty"`
	Link   string `json:"link,omitempty" doc:"A page of ours, or https of a listed host"`
}

type blockReply struct {
	Item  bool            `json:"item,omitempty" doc:"Of a list"`
	Spans []textSpanReply `json:"spans" nullable:"false"`
}

func newBlockReplies(blocks []knowledge.Block) []blockReply {
	out := make([]blockReply, len(blocks))
	for i, b := range blocks {
		out[i] = blockReply{b.Item, []textSpanReply{}}
		for _, sp := range b.Spans {
			out[i].Spans = append(out[i].Spans, textSpanReply{sp.Text, sp.Strong, sp.Link})
		}
	}
	return out
}

type articleReply struct {
	ArticleID  string       `json:"article_id"`
	Version    int          `json:"version"`
	Audience   string       `json:"audience" enum:"public,internal" doc:"internal: for the desk, never read out as it stands"`
	Department string       `json:"department,omitempty" doc:"Whose it is; left out: the hotline's own"`
	Question   string       `json:"question"`
	Answer     string       `json:"answer" doc:"With its marks"`
	Blocks     []blockReply `json:"blocks" nullable:"false" doc:"The answer line by line; show every text as text"`
	Keywords   []string     `json:"keywords" nullable:"false"`
	Rules      []string     `json:"rules" nullable:"false"`
	ValidFrom  string       `json:"valid_from" format:"date"`
	ValidTo    string       `json:"valid_to,omitempty" doc:"The last day"`
	ReviewedOn string       `json:"reviewed_on,omitempty"`
	ReviewBy   string       `json:"review_by,omitempty" doc:"When somebody has to read it over again"`
	Overdue    bool         `json:"overdue" doc:"Nobody has by then"`
}

func (s *server) newArticleReply(a knowledge.Article) articleReply {
	return articleReply{
		ArticleID: a.ID, Version: a.Version, Audience: string(a.Audience), Department: a.Department, Question: a.Question, Answer: a.Answer,
		Blocks: newBlockReplies(s.Articles.Blocks(a)), Keywords: emptyNotNull(a.Keywords), Rules: emptyNotNull(a.Rules), ValidFrom: string(a.ValidFrom),
		ValidTo: string(a.ValidTo), ReviewedOn: string(a.ReviewedOn), ReviewBy: string(a.ReviewBy),
		Overdue: a.ReviewBy != "" && a.ReviewBy < models.DateOf(s.Clock.Now()),
	}
}

type findArticlesInput struct {
	Page
	Q        string `query:"q" maxLength:"60" doc:"What to look for; empty: all"`
	Audience string `query:"audience" enum:",public,internal" doc:"Left out: both"`
}

type findArticlesOutput struct {
	Body struct {
		List[articleReply]
		Hint string `json:"hint,omitempty" doc:"What to do when nothing was found"`
	}
}

func (s *server) findArticles(ctx context.Context, in *findArticlesInput) (*findArticlesOutput, error) {
	by, filter := actorFrom(ctx), in.Audience+"|"+in.Q
	after, err := s.placeOf(ctx, by.ID, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	var who []knowledge.Audience
	if in.Audience != "" {
		who = append(who, knowledge.Audience(in.Audience))
	}
	found, err := s.Articles.FindForStaff(ctx, by, knowledge.FindInput{Query: in.Q, After: after, Limit: in.Limit}, who...)
	if err != nil {
		return nil, err
	}
	items := make([]articleReply, len(found.Items))
	for i, a := range found.Items {
		items[i] = s.newArticleReply(a)
	}
	out := &findArticlesOutput{}
	out.Body.List, out.Body.Hint = listOf(items, s.cursorOf(ctx, by.ID, filter, found.Next)), found.Hint
	return out, nil
}

type articleVersionReply struct {
	ArticleReply
	State       string     `json:"state" enum:"draft,in_review,published,superseded,withdrawn"`
	Origin      string     `json:"origin" enum:"edited,shipped" doc:"shipped: brought by a release"`
	CountsFrom  string     `json:"counts_from,omitempty" doc:"The day from which it was or will be read"`
	Editors     []string   `json:"editors" nullable:"false" doc:"Of the staff; none of them publishes it"`
	Note        string     `json:"note,omitempty" doc:"Why it was returned"`
	EditedAt    time.Time  `json:"edited_at"`
	SubmittedAt *time.Time `json:"submitted_at,omitempty"`
	PublishedBy string     `json:"published_by,omitempty"`
	PublishedAt *time.Time `json:"published_at,omitempty"`
	Changes     int        `json:"changes" doc:"Of the draft; whoever edits it names what was looked at"`
	Useful      int        `json:"useful" doc:"Agents who said so; where one article is read"`
	NotUseful   int        `json:"not_useful"`
}

// ArticleReply is articleReply under a name that the document's reader sees: it passes over what is embedded under a small
// letter.
type ArticleReply = articleReply

func (s *server) newArticleVersionReply(v knowledge.Version) articleVersionReply {
	r := articleVersionReply{
		ArticleReply: s.newArticleReply(v.Article), State: string(v.State), Origin: string(v.Origin), CountsFrom: string(v.CountsFrom), Editors: []string{},
		Note: v.Note, EditedAt: v.EditedAt, SubmittedAt: instantOrNone(v.SubmittedAt), PublishedBy: string(v.DecidedBy), PublishedAt: instantOrNone(v.DecidedAt), Changes: v.Changes,
	}
	r.Overdue = v.Overdue(models.DateOf(s.Clock.Now()))
	for _, e := range v.Editors {
		r.Editors = append(r.Editors, string(e))
	}
	return r
}

// ArticlePath names the article of the path.
type ArticlePath struct {
	ArticleID string `path:"article_id" maxLength:"40" pattern:"^[a-z0-9-]+$"`
}

type getArticleOutput struct {
	Body struct {
		Article  *articleReply         `json:"article,omitempty" doc:"As it is read today; left out: it is not"`
		Versions []articleVersionReply `json:"versions" nullable:"false" doc:"The newest first"`
	}
}

func (s *server) getArticle(ctx context.Context, in *ArticlePath) (*getArticleOutput, error) {
	shown, err := s.Articles.ShowArticle(ctx, actorFrom(ctx), in.ArticleID)
	if err != nil {
		return nil, err
	}
	out := &getArticleOutput{}
	if shown.ID != "" {
		a := s.newArticleReply(shown.Article)
		out.Body.Article = &a
	}
	out.Body.Versions = make([]articleVersionReply, len(shown.History))
	for i, v := range shown.History {
		out.Body.Versions[i] = s.newArticleVersionReply(v)
		out.Body.Versions[i].Useful, out.Body.Versions[i].NotUseful = shown.Votes[v.Version].Useful, shown.Votes[v.Version].NotUseful
	}
	return out, nil
}

// ArticleVersionPath names the version of the path.
type ArticleVersionPath struct {
	ArticlePath
	Version int `path:"version" minimum:"1" maximum:"1000000"`
}

type voteArticleInput struct {
	ArticleVersionPath
	Body struct {
		Useful bool `json:"useful"`
	}
}

func (s *server) voteArticle(ctx context.Context, in *voteArticleInput) (*struct{}, error) {
	return nil, s.Articles.Vote(ctx, actorFrom(ctx), in.ArticleID, in.Version, in.Body.Useful)
}
