package knowledge

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// WithFigures are the articles that name a figure of policy, as they would read at an instant under the policy given.
func (s *Service) WithFigures(ctx context.Context, p Policy, at time.Time) ([]Article, error) {
	shelf, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, key := range shelf.keys {
		w, ok, err := p.Words(ctx, key, at)
		if err != nil {
			return nil, err
		}
		if ok {
			words[key] = w
		}
	}
	then := &published{versions: shelf.versions, entries: prepareVersions(shelf.versions, words)}
	var out []Article
	for _, v := range then.onDay(models.DateOf(at), ForAll, ForStaff) {
		if raw := shelf.versions[v]; len(figures(raw.Question+raw.Answer)) > 0 {
			a := then.entries[v].Article
			a.Answer = Plain(a.Answer)
			out = append(out, a)
		}
	}
	return out, nil
}

// RestingOn are the articles read today that rest on one of the rules and name no figure: a change of policy does not
// change them by itself.
func (s *Service) RestingOn(ctx context.Context, rules []string) ([]Article, error) {
	p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Article
	for _, i := range p.onDay(models.DateOf(s.Clock.Now()), ForAll, ForStaff) {
		v := p.versions[i]
		if len(figures(v.Question+v.Answer)) == 0 && slices.ContainsFunc(v.Rules, func(r string) bool { return slices.Contains(rules, r) }) {
			a := p.entries[i].Article
			a.Answer = Plain(a.Answer)
			out = append(out, a)
		}
	}
	return out, nil
}
