package subsidy

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// SummaryQuery narrows the totals; empty fields leave nothing out.
type SummaryQuery struct {
	Year      int
	Programme string // a code; one whose name needs a fresh check needs it here too
}

// Totalled reads totals for people.
type Totalled interface {
	// TotalsOf adds up a person's payments that may be shown, by year, programme and state, in one statement.
	TotalsOf(ctx context.Context, person models.ID, q SummaryQuery) ([]Total, error)
}

// Total is what one programme paid to one person in one year and left in one state.
type Total struct {
	Year      int
	Programme string
	Edition   int
	State     State // Unknown where the line is held for its stage
	Count     int
	AmountFen models.Fen
}

// YearTotals is what came in one year, by programme. Only credited payments count; the others stand beside, by state.
type YearTotals struct {
	Year      int
	Count     int
	AmountFen models.Fen
	Items     []ProgrammeTotal
	Others    []StateTotal
}

// ProgrammeTotal is one programme's line of a year, under its neutral name.
type ProgrammeTotal struct {
	Programme string
	Name      string
	Count     int
	AmountFen models.Fen
}

// StateTotal is what stands in one state other than credited: on its way, returned, taken back.
type StateTotal struct {
	State     State
	Label     string
	Count     int
	AmountFen models.Fen
}

// Summary adds up what arrived, year by year, newest first (R1: what was told, never computed anew).
func (s *Service) Summary(ctx context.Context, by models.Actor, q SummaryQuery) ([]YearTotals, time.Time, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return nil, time.Time{}, err
	}
	if err := s.yearWithin(q.Year); err != nil && q.Year != 0 {
		return nil, time.Time{}, err
	}
	known, err := s.look(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	if err := s.mayAskFor(ctx, by, known.editions, q.Programme); err != nil {
		return nil, time.Time{}, err
	}
	totals, err := s.Store.TotalsOf(ctx, by.Subject, q)
	if err != nil {
		return nil, time.Time{}, err
	}
	return byYear(known.editions.openTotals(by, totals), known.editions), known.asOf, nil
}

// yearWithin refuses years that no list has: before the card was thought of, or beyond the next.
func (s *Service) yearWithin(year int) error {
	if year < 2000 || year > s.Clock.Now().In(models.Shanghai).Year()+1 {
		return ErrYear
	}
	return nil
}

func byYear(totals []Total, programmes editions) []YearTotals {
	years := map[int]*YearTotals{}
	for _, t := range totals {
		y := years[t.Year]
		if y == nil {
			y = &YearTotals{Year: t.Year}
			years[t.Year] = y
		}
		pr, _ := programmes.edition(t.Programme, t.Edition)
		y.add(t, pr)
	}
	out := make([]YearTotals, 0, len(years))
	for _, y := range years {
		slices.SortFunc(y.Others, func(a, b StateTotal) int { return strings.Compare(string(a.State), string(b.State)) })
		out = append(out, *y)
	}
	slices.SortFunc(out, func(a, b YearTotals) int { return b.Year - a.Year })
	return out
}

func (y *YearTotals) add(t Total, pr Programme) {
	if t.State != Credited {
		i := slices.IndexFunc(y.Others, func(o StateTotal) bool { return o.State == t.State })
		if i < 0 {
			i = len(y.Others)
			y.Others = append(y.Others, StateTotal{State: t.State, Label: label(Payment{State: t.State})})
		}
		y.Others[i].Count += t.Count
		y.Others[i].AmountFen += t.AmountFen
		return
	}
	y.Count += t.Count
	y.AmountFen += t.AmountFen
	item := ProgrammeTotal{t.Programme, pr.NeutralName(), t.Count, t.AmountFen}
	if pr.namedOnlyInDetail() {
		item.Programme = ""
	}
	y.Items = append(y.Items, item)
}
