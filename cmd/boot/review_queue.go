package boot

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/knowledge"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// reviewSource asks one capability's own list for the one list of reviewers.
type reviewSource struct {
	kind    string
	may     hotline.Permission
	waiting func(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error)
}

func (s reviewSource) Kind() string            { return s.kind }
func (s reviewSource) May() hotline.Permission { return s.may }
func (s reviewSource) Waiting(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	return s.waiting(ctx, by, limit)
}

// reviewSources are all kinds of things that wait for a person, in the order in which they are counted.
func (a *App) reviewSources() []hotline.ReviewSource {
	return []hotline.ReviewSource{
		reviewSource{"held", hotline.MayReviewHeld, a.heldWaiting},
		reviewSource{"guardianship", hotline.MayReviewBooks, a.booksWaiting},
		reviewSource{"policy_stop", hotline.MaySetPolicy, a.proposalsWaiting(policy.ProposeStop)},
		reviewSource{"policy_proposal", hotline.MaySetPolicy, a.proposalsWaiting(policy.ProposeSetting)},
		reviewSource{"article", hotline.MayEditArticles, a.articlesWaiting},
		reviewSource{"campaign", hotline.MayCampaign, a.campaignsWaiting},
	}
}

func (a *App) heldWaiting(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	found, more, err := a.Subsidies.HeldList(ctx, by, subsidy.HeldPage{State: "waiting", Limit: limit})
	out := make([]hotline.Waiting, len(found))
	for i, v := range found {
		out[i] = hotline.Waiting{
			ID: v.ID, Title: v.Say(), Since: v.HeldAt, DueAt: v.DueAt, Overdue: v.Overdue, Owner: string(v.Owner), AssignedTo: v.AssignedTo,
		}
	}
	return out, more, err
}

func (a *App) booksWaiting(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	found, err := a.Citizens.GuardianshipsToReview(ctx, by, "", limit+1)
	more := len(found) > limit
	if more {
		found = found[:limit]
	}
	out := make([]hotline.Waiting, len(found))
	for i, r := range found {
		out[i] = hotline.Waiting{ID: string(r.ID), Title: "监护关系证明待审核", Since: r.MadeAt}
	}
	return out, more, err
}

// stopDueIn is how long before its end a stop that nobody approved is overdue.
const stopDueIn = 4 * time.Hour

func (a *App) proposalsWaiting(kind policy.ProposalKind) func(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	return func(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
		found, more, err := a.Policy.ListProposals(ctx, by, policy.ProposalOpen, "", limit)
		var out []hotline.Waiting
		for _, p := range found {
			if p.Kind != kind {
				continue
			}
			w := hotline.Waiting{ID: string(p.ID), Title: p.Key + " → " + p.Value, Since: p.ProposedAt, Own: p.ProposedBy == by.ID, DueAt: p.ValidFrom}
			if kind == policy.ProposeStop {
				w.DueAt = p.LapsesAt.Add(-stopDueIn)
			}
			w.Overdue = !w.DueAt.IsZero() && w.DueAt.Before(a.clock.Now())
			out = append(out, w)
		}
		return out, more, err
	}
}

func (a *App) articlesWaiting(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	found, more, err := a.Knowledge.ListVersions(ctx, by, knowledge.InReview, false, knowledge.Place{}, limit)
	out := make([]hotline.Waiting, len(found))
	for i, v := range found {
		out[i] = hotline.Waiting{ID: v.Name(), Title: v.Question, Since: v.SubmittedAt, Owner: v.Department, Own: v.WrittenBy(by.ID)}
	}
	return out, more, err
}

func (a *App) campaignsWaiting(ctx context.Context, by models.Actor, limit int) ([]hotline.Waiting, bool, error) {
	found, more, err := a.Campaigns.List(ctx, by, "", limit)
	var out []hotline.Waiting
	for _, c := range found {
		if c.State == notice.CampaignDraft {
			out = append(out, hotline.Waiting{ID: string(c.ID), Title: c.Text, Since: c.CreatedAt, Own: c.CreatedBy == by.ID})
		}
	}
	return out, more, err
}
