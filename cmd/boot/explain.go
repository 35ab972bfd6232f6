package boot

import (
	"context"
	"errors"
	"time"

	"onecard/models/policy"
	"onecard/models/subsidy"
)

// cardBanks shows policy's banks and outlets to those who explain where money stays.
type cardBanks struct{ policy *policy.Service }

func (b cardBanks) CardBank(ctx context.Context, code string, at time.Time) (subsidy.Bank, error) {
	shown, err := b.policy.BankOn(ctx, code, at)
	if errors.Is(err, policy.ErrBankUnknown) {
		return subsidy.Bank{}, nil
	}
	return subsidy.Bank{Code: shown.Code, Name: shown.Name, Phone: shown.Phone}, err
}

func (b cardBanks) BankPlaces(ctx context.Context, code, district string, limit int) ([]subsidy.Place, error) {
	found, err := b.policy.FindOutlets(ctx, policy.FindOutletsInput{District: district, Kind: policy.BankOutlet, Bank: code, Limit: limit})
	out := make([]subsidy.Place, 0, len(found.Items))
	for _, o := range found.Items {
		out = append(out, placeOf(o.Outlet))
	}
	return out, err
}

func (b cardBanks) PlaceByRef(ctx context.Context, ref string) (subsidy.Place, error) {
	o, err := b.policy.OutletByRef(ctx, ref)
	if errors.Is(err, policy.ErrOutletUnknown) {
		return subsidy.Place{}, nil
	}
	return placeOf(o), err
}

func placeOf(o policy.Outlet) subsidy.Place {
	return subsidy.Place{Name: o.Name, Address: o.Address, Phone: o.Phone, Hours: o.Hours}
}

// joinExplanations makes what answers "can I be paid" and "why has it not come".
func (a *App) joinExplanations() {
	a.Explanations = &subsidy.Explainer{
		Standings: a.db.Explanations(), Offices: a.db.Explanations(), Declarations: a.db.Explanations(), Banks: cardBanks{a.Policy}, Gate: a.Policy, Clock: a.clock,
	}
}

var _ subsidy.CardBanks = cardBanks{}
