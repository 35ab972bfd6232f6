package subsidy

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// YearTotals is what came in one year, by programme.
type YearTotals struct {
	Year      int
	Count     int
	AmountFen models.Fen
	Items     []ProgrammeTotal
}

// ProgrammeTotal is one programme's line of a year, under its neutral name.
type ProgrammeTotal struct {
	Programme string
	Name      string
	Count     int
	AmountFen models.Fen
}

// Summary adds up what arrived, year by year, newest first. Only credited payments count.
func (s *Service) Summary(ctx context.Context, by models.Actor) ([]YearTotals, time.Time, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return nil, time.Time{}, err
	}
	totals, err := s.Store.TotalsOf(ctx, by.Subject)
	if err != nil {
		return nil, time.Time{}, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	years := map[int]*YearTotals{}
	for _, t := range totals {
		y := years[t.Year]
		if y == nil {
			y = &YearTotals{Year: t.Year}
			years[t.Year] = y
		}
		y.Count += t.Count
		y.AmountFen += t.AmountFen
		pr, item := programmes[t.Programme][t.Edition], ProgrammeTotal{t.Programme, "", t.Count, t.AmountFen}
		if item.Name = pr.NeutralName(); pr.namedOnlyInDetail() {
			item.Programme = ""
		}
		y.Items = append(y.Items, item)
	}
	out := make([]YearTotals, 0, len(years))
	for _, y := range years {
		out = append(out, *y)
	}
	slices.SortFunc(out, func(a, b YearTotals) int { return b.Year - a.Year })
	asOf, err := s.Store.PaymentsAsOf(ctx)
	return out, asOf, err
}
