package boot

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// orderPolicy shows the figures and the calendar to work orders.
type orderPolicy struct{ feedbackPolicy }

func (p orderPolicy) OrderTerms(ctx context.Context, at time.Time) (hotline.OrderTerms, error) {
	now, err := p.policy.OrderTermsAt(ctx, at)
	out := hotline.OrderTerms{
		Days: map[hotline.OrderType]int{}, AcceptDays: now.AcceptDays, ExtensionDays: now.ExtensionDays, EscalateDays: now.EscalateDays,
		ReopenDays: now.ReopenDays, CallBackTries: now.CallBackTries, ExchangeDays: now.ExchangeDays,
	}
	for kind, days := range now.Days {
		out.Days[hotline.OrderType(kind)] = days
	}
	return out, err
}

// orderRoutes shows the catalogue to work orders: who pays a programme.
type orderRoutes struct {
	subsidies *subsidy.Service
	clock     models.Clock
}

func (r orderRoutes) PayingDepartment(ctx context.Context, programme string) (department, code string, known bool, err error) {
	all, _, err := r.subsidies.WholeCatalogue(ctx)
	high := false
	for _, p := range all {
		if p.Code != programme {
			continue
		}
		known, high = true, high || p.Class() == subsidy.SensitivityHigh
		if department == "" || p.InForce(models.DateOf(r.clock.Now())) {
			department = hotline.FirstDepartment(p.Department)
		}
	}
	if code = programme; high || !known {
		code = ""
	}
	return department, code, known, err
}

func (r orderRoutes) NormalProgrammes(ctx context.Context) (map[string]bool, error) {
	all, _, err := r.subsidies.WholeCatalogue(ctx)
	normal, named := map[string]bool{}, map[string]bool{}
	for _, p := range all {
		normal[p.Code] = p.Class() == subsidy.SensitivityNormal && (!named[p.Code] || normal[p.Code])
		named[p.Code] = true
	}
	return normal, err
}

// ratedCases shows the citizen's own cases of cards to ratings.
type ratedCases struct{ cards *card.Service }

func (r ratedCases) FinishedCase(ctx context.Context, by models.Actor, object string, id models.ID) error {
	var over bool
	switch object {
	case "applications":
		p, err := r.cards.Application(ctx, by, id)
		if err != nil {
			return err
		}
		over = card.ApplicationFlow.Final(p.Application.State)
	case "replacements":
		p, err := r.cards.Replacement(ctx, by, id)
		if err != nil {
			return err
		}
		over = card.ReplacementFlow.Final(p.Replacement.State)
	case "loss_reports":
		l, _, err := r.cards.LossReport(ctx, by, id)
		if err != nil {
			return err
		}
		over = l.State == card.LossEffective || card.LossFlow.Final(l.State) // stopped is what was asked for
	default:
		return models.ErrNotFound
	}
	if !over {
		return hotline.ErrNotFinished
	}
	return nil
}

// joinOrders makes what works on orders and takes ratings.
func (a *App) joinOrders() {
	a.Orders = &hotline.Orders{
		Service: a.Hotline, Lists: a.db.WorkOrders(), Files: a.db.OrderFiles(), Ratings: a.db.Ratings(), Rated: ratedCases{a.Cards}, Policy: orderPolicy{feedbackPolicy{a.Policy}},
		Routes: orderRoutes{a.Subsidies, a.clock}, Colleagues: a.db.Staff(), Alarms: a.watch, Log: a.log,
	}
}

// orderLoops are the sweeps of work orders.
func (a *App) orderLoops() []loop {
	return []loop{
		{"work orders opened", "", 2 * sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Orders.AdoptEnquiries(ctx, 100)
			return n == 100 && err == nil, err
		}},
		{"work orders overdue", "", time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Orders.WatchOrders(ctx, 100)
			return n == 100 && err == nil, err
		}},
	}
}
