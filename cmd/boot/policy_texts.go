package boot

import (
	"context"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// joinDecisions gives policy the two people who decide, the texts of others that hang on it, and whoever is alarmed.
func (a *App) joinDecisions() {
	a.Policy.Deciders, a.Policy.Alarms = policyDeciders{a.Hotline}, a.watch
	a.Policy.Previews = []policy.TextSource{cardTexts{}, householdTexts{}, noticeTexts{}, sentenceTexts{}, articleTexts{a}}
	a.Hotline.Reviews = a.reviewSources()
}

// policyDeciders are the staff who propose and approve settings.
type policyDeciders struct{ hotline *hotline.Service }

func (d policyDeciders) Decider(ctx context.Context, by models.Actor) error {
	_, err := d.hotline.Permitted(ctx, by, hotline.MaySetPolicy)
	return err
}

// nothingElse is a source without texts to read over.
type nothingElse struct{}

func (nothingElse) ReadOver(context.Context, string, []string) ([]policy.PreviewText, error) {
	return nil, nil
}

// cardTexts are what citizens read of a replacement that waits for its fee.
type cardTexts struct{ nothingElse }

func (cardTexts) Texts(ctx context.Context, p *policy.Service, in policy.SetInput, at time.Time) ([]policy.PreviewText, error) {
	fee, err := p.ReplacementFee(ctx, strings.TrimPrefix(string(in.Scope), string(policy.ByDistrict)+":"), at)
	return []policy.PreviewText{{Where: "progress", ID: "replacement.awaiting_fee", Text: card.AwaitingFeeWords(fee)}}, err
}

// householdTexts are what members of a household read of payments to its head (R4).
type householdTexts struct{ nothingElse }

func (householdTexts) Texts(ctx context.Context, p *policy.Service, _ policy.SetInput, at time.Time) ([]policy.PreviewText, error) {
	see, err := p.At(ctx, policy.HouseholdSees, policy.Everywhere, at)
	return []policy.PreviewText{{Where: "household", ID: "member", Text: subsidy.MembersRead(see)}}, err
}

// articleTexts are the articles that are read on that day.
type articleTexts struct{ app *App }

func (t articleTexts) Texts(ctx context.Context, p *policy.Service, _ policy.SetInput, at time.Time) ([]policy.PreviewText, error) {
	found, err := t.app.Knowledge.WithFigures(ctx, articlePolicy{p}, at)
	out := make([]policy.PreviewText, len(found))
	for i, a := range found {
		out[i] = policy.PreviewText{Where: "article", ID: a.ID, Text: a.Answer}
	}
	return out, err
}

func (t articleTexts) ReadOver(ctx context.Context, _ string, rules []string) ([]policy.PreviewText, error) {
	found, err := t.app.Knowledge.RestingOn(ctx, rules)
	out := make([]policy.PreviewText, len(found))
	for i, a := range found {
		out[i] = policy.PreviewText{Where: "article", ID: a.ID, Text: a.Answer}
	}
	return out, err
}
