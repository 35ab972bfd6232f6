package boot

import (
	"context"
	"time"

	"onecard/integrations/pdf"
	"onecard/models/policy"
)

// joinStatements gives what the household view, printed statements, receipts of applications and guides need.
func (a *App) joinStatements() {
	a.Subsidies.HouseholdPolicy = households{a.Policy}
	printer := pdf.NewPrinter() // one for all: it bounds what is drawn at once
	a.Subsidies.Printer, a.Cards.Slips, a.Policy.Sheets = printer, printer, printer
	a.Subsidies.CheckAddress = a.cfg.HTTP.PublicURL + "/v1/statement-checks/"
}

// households reads what members see of a payment to their head (R4).
type households struct{ policy *policy.Service }

func (h households) MembersSee(ctx context.Context, district string, at time.Time) (string, error) {
	return h.policy.At(ctx, policy.HouseholdSees, policy.InDistrict(district), at)
}
