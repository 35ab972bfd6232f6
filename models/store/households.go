package store

import (
	"context"
	"fmt"

	"onecard/models"
	"onecard/models/subsidy"
)

type memberRow struct {
	ID           string
	NameSealed   []byte
	District     string
	HouseholdRef string
	IsHead       bool
}

// Household reads the people registered with a person.
func (s *Subsidies) Household(ctx context.Context, person models.ID) (subsidy.Household, error) {
	var rows []memberRow
	err := s.q(ctx).Raw(`SELECT id, name_sealed, district, household_ref, is_head FROM persons WHERE id = ?
		UNION ALL
		SELECT p.id, p.name_sealed, p.district, p.household_ref, p.is_head FROM persons self
		JOIN persons p ON p.household_ref = self.household_ref AND p.household_ref <> '' AND p.merged_into_ref = '' AND p.id <> self.id
		WHERE self.id = ? ORDER BY 1`, string(person), string(person)).Scan(&rows).Error
	if err != nil {
		return subsidy.Household{}, translate(err)
	}
	var home subsidy.Household
	for _, r := range rows {
		if r.ID == string(person) {
			home.Ref, home.District = r.HouseholdRef, r.District
		}
		name, err := s.Unseal(ctx, "persons", "name_sealed", r.ID, r.NameSealed)
		if err != nil {
			return subsidy.Household{}, fmt.Errorf("person %s: %w", r.ID, err)
		}
		m := subsidy.Member{ID: models.ID(r.ID), IsHead: r.IsHead}
		m.Name, _ = models.ParseName(string(name)) // one that no longer parses is left out rather than shown wrong
		home.Members = append(home.Members, m)
	}
	return home, nil
}

// HouseholdPayments lists one year's payments to a household that people may see, newest ledger month first. It goes
// by the payees, for whom there is an index.
func (s *Subsidies) HouseholdPayments(ctx context.Context, q subsidy.HouseholdQuery) ([]subsidy.Payment, error) {
	ids := make([]string, len(q.Payees))
	for i, id := range q.Payees {
		ids[i] = string(id)
	}
	db := s.q(ctx).Where("person_id IN ?", ids).Where("payee_kind = ? AND household_ref = ?", subsidy.ToHousehold, q.Ref).
		Where("ledger_month BETWEEN ? AND ?", fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year)).Where(s.shown())
	if q.Credited {
		db = db.Where("state = ? AND hold = ''", string(subsidy.Credited))
	}
	if q.After.BatchID != "" {
		db = db.Where("(ledger_month, batch_id, line) < (?, ?, ?)", q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	}
	var rows []paymentRow
	err := db.Order("ledger_month DESC, batch_id DESC, line DESC").Limit(q.Limit).Find(&rows).Error
	return payments(rows), translate(err)
}
