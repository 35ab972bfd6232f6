package boot

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/policy"
	"onecard/models/store"
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

// explainPolicy reads the settings explanations depend on.
type explainPolicy struct{ policy *policy.Service }

func (p explainPolicy) StaleAfter(ctx context.Context, at time.Time) (time.Duration, error) {
	value, err := p.policy.At(ctx, policy.ExplanationStaleHours, policy.Everywhere, at)
	if err != nil {
		return 0, err
	}
	hours, err := strconv.Atoi(value)
	return time.Duration(hours) * time.Hour, err
}

func (p explainPolicy) PreviewOn(ctx context.Context, district string, at time.Time) (bool, error) {
	value, err := p.policy.At(ctx, policy.PaydayPreview, policy.InDistrict(district), at)
	return value == "true", err
}

// cases opens enquiries of citizens whom nobody can tell why money has not come.
type cases struct{ db *store.DB }

func (c cases) OpenEnquiry(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (string, error) {
	if err := c.db.OpenCase(ctx, cause, kind, person, object, objectID); err != nil {
		return "", err
	}
	e, err := c.db.Enquiries().EnquiryByCause(ctx, cause)
	return e.Number, err
}

// joinExplanations makes what answers "can I be paid" and "why has it not come".
func (a *App) joinExplanations(historyFrom time.Time) {
	facts := a.db.Explanations()
	a.Explanations = &subsidy.Explainer{
		Standings: a.standings(), Offices: facts, Declarations: facts, Stories: facts, Catalogue: a.Subsidies, Banks: cardBanks{a.Policy}, Household: households{a.Policy},
		Policy: explainPolicy{a.Policy}, Cases: cases{a.db}, Previews: a.previews(), HistoryFrom: historyFrom, Told: a.db, Gate: a.Policy, Clock: a.clock,
	}
}

var _ subsidy.CardBanks = cardBanks{}
