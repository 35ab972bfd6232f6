package boot

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/knowledge"
	"onecard/models/policy"
)

// joinKnowledge makes the knowledge base and brings what this release ships.
func (a *App) joinKnowledge(ctx context.Context) error {
	a.Knowledge = knowledge.New(knowledge.Deps{
		Store: a.db.Articles(), Staff: articleStaff{a.Hotline}, Policy: articlePolicy{a.Policy}, Clock: a.clock, Hosts: a.cfg.Knowledge.LinkHosts,
	})
	return a.Knowledge.Seed(ctx)
}

// articleStaff shows the staff who read and edit articles.
type articleStaff struct{ hotline *hotline.Service }

func (s articleStaff) Reader(ctx context.Context, by models.Actor) (knowledge.Member, error) {
	return articleMember(s.hotline.Permitted(ctx, by, hotline.MayReadArticles))
}

func (s articleStaff) Editor(ctx context.Context, by models.Actor) (knowledge.Member, error) {
	return articleMember(s.hotline.Permitted(ctx, by, hotline.MayEditArticles))
}

func articleMember(m hotline.Staff, err error) (knowledge.Member, error) {
	return knowledge.Member{ID: m.ID, Department: m.Department, Edits: m.Can(hotline.MayEditArticles)}, err
}

// articlePolicy reads for articles what they name of policy.
type articlePolicy struct{ *policy.Service }

func (p articlePolicy) ReviewDays(ctx context.Context, at time.Time) (int, error) {
	return p.ArticleReviewDays(ctx, at)
}
