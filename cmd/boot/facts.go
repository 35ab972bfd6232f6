package boot

import (
	"context"
	"fmt"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// entityOrder is the order in which one page's facts are applied: what others refer to comes first.
var entityOrder = []string{"bank", "outlet", "person", "card", "application", "programme", "payee", "office", "declaration", "batch", "payment_line"}

// appliers hand each entity's facts to the capability that owns their meaning.
func (a *App) appliers() map[string]mirror.Applier {
	return map[string]mirror.Applier{
		"bank":   each(func(ctx context.Context, b policy.Bank) error { return a.Policy.ApplyBank(ctx, b) }),
		"outlet": each(func(ctx context.Context, o policy.Outlet) error { return a.Policy.ApplyOutlet(ctx, o) }),
		"person": all(func(ctx context.Context, list []citizen.PersonFact) ([]string, error) {
			return nil, a.applyPersons(ctx, list)
		}),
		"card": all(func(ctx context.Context, list []card.Fact) ([]string, error) {
			orphans, err := a.Cards.ApplyFacts(ctx, list)
			return texts(orphans), err
		}),
		"application": all(func(ctx context.Context, list []card.ApplicationFact) ([]string, error) {
			return nil, a.Cards.ApplyApplicationFacts(ctx, list)
		}),
		"programme": all(func(ctx context.Context, list []subsidy.Programme) ([]string, error) {
			return nil, a.Subsidies.ApplyProgrammes(ctx, list)
		}),
		"payee":        all(a.applyPayees),
		"batch":        all(a.applyBatches),
		"payment_line": all(a.applyLines),
		"office": all(func(ctx context.Context, list []subsidy.Office) ([]string, error) {
			return nil, a.Explanations.ApplyOffices(ctx, list)
		}),
		"declaration": all(func(ctx context.Context, list []subsidy.Declaration) ([]string, error) {
			return a.Explanations.ApplyDeclarations(ctx, list)
		}),
	}
}

// applyPersons takes people, and gives the payments of merged records to whom they became, in the same commit.
func (a *App) applyPersons(ctx context.Context, list []citizen.PersonFact) error {
	if err := a.Citizens.ApplyPersons(ctx, list); err != nil {
		return err
	}
	refs := make([]models.PersonRef, len(list))
	for i, f := range list {
		refs[i] = f.Ref
	}
	return a.Subsidies.FollowMerges(ctx, refs)
}

func (a *App) applyPayees(ctx context.Context, list []subsidy.Payee) ([]string, error) {
	if a.query != nil {
		if err := a.meetPayees(ctx, list); err != nil {
			return nil, err
		}
	}
	return a.Subsidies.ApplyPayees(ctx, list)
}

func (a *App) applyBatches(ctx context.Context, list []subsidy.Batch) ([]string, error) {
	return a.Subsidies.ApplyBatches(ctx, list)
}

func (a *App) applyLines(ctx context.Context, list []subsidy.Line) ([]string, error) {
	return a.Subsidies.ApplyLines(ctx, list)
}

// all turns events into their facts; one of another type is a mistake of the adapter and fails the page.
func all[F any](apply func(ctx context.Context, list []F) ([]string, error)) mirror.Applier {
	return func(ctx context.Context, events []mirror.Event) ([]string, error) {
		list := make([]F, len(events))
		for i, e := range events {
			f, ok := e.Fact.(F)
			if !ok {
				return nil, fmt.Errorf("event of %s holds %T", e.Entity, e.Fact)
			}
			list[i] = f
		}
		return apply(ctx, list)
	}
}

func each[F any](apply func(ctx context.Context, f F) error) mirror.Applier {
	return all(func(ctx context.Context, list []F) ([]string, error) {
		for _, f := range list {
			if err := apply(ctx, f); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}
