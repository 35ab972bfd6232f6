package subsidy

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"onecard/models"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Arrival is one payment in a list: the neutral name, the amount, where it stands.
type Arrival struct {
	Payment Payment
	Name    string
	Label   string // the state in plain words
}

// Arrivals is one page of one year.
type Arrivals struct {
	Items []Arrival
	More  bool
	AsOf  time.Time
	Note  string // why the list is empty, where we know (R13)
	Cause string // PAID_BY_OLD_CHANNEL
}

// Arrivals lists the payments to the actor's subject of one year (R3, R13, R55).
func (s *Service) Arrivals(ctx context.Context, by models.Actor, q ListQuery) (Arrivals, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Arrivals{}, err
	}
	this := s.Clock.Now().In(models.Shanghai).Year()
	if q.Year == 0 {
		q.Year = this
	}
	if q.Year < 2000 || q.Year > this+1 {
		return Arrivals{}, ErrYear
	}
	q.Person, q.Limit = by.Subject, q.Limit+1
	rows, err := s.Store.PaymentsOf(ctx, q)
	if err != nil {
		return Arrivals{}, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return Arrivals{}, err
	}
	out := Arrivals{More: len(rows) == q.Limit}
	if out.More {
		rows = rows[:q.Limit-1]
	}
	for _, p := range rows {
		pr, _ := programmes.of(p)
		out.Items = append(out.Items, Arrival{Payment: p, Name: pr.NeutralName(), Label: label(p)})
	}
	if len(out.Items) == 0 && q.After.BatchID == "" && q.Year < firstYear(programmes) {
		out.Cause, out.Note = "PAID_BY_OLD_CHANNEL", "这一年的补贴还没有通过社会保障卡发放,这里查不到;可向发放部门查询,或拨打12333。"
	}
	out.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return out, err
}

// firstYear is the first year in which any programme was paid through the card.
func firstYear(e editions) int {
	first := models.Date("9999-01-01")
	for _, byEdition := range e {
		for _, p := range byEdition {
			for _, since := range p.Onboarded {
				if since != "" {
					first = min(first, since)
				}
			}
		}
	}
	y, _ := strconv.Atoi(string(first[:4]))
	return y
}

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
		name := programmes[t.Programme][t.Edition].NeutralName()
		y.Items = append(y.Items, ProgrammeTotal{t.Programme, name, t.Count, t.AmountFen})
	}
	out := make([]YearTotals, 0, len(years))
	for _, y := range years {
		out = append(out, *y)
	}
	slices.SortFunc(out, func(a, b YearTotals) int { return b.Year - a.Year })
	asOf, err := s.Store.PaymentsAsOf(ctx)
	return out, asOf, err
}

// Detail is one payment with its full name, timeline and what to do.
type Detail struct {
	Arrival
	Programme Programme
	Timeline  []Stage
	Advice    string
	Bank      string
	AsOf      time.Time
}

// Stage is one step of a payment with its instant.
type Stage struct {
	State State
	Label string
	At    time.Time
}

// Arrival shows one payment to its payee. The name of a High programme needs a fresh check (R55).
func (s *Service) Arrival(ctx context.Context, by models.Actor, id string) (Detail, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Detail{}, err
	}
	k, ok := ParseKey(id)
	if !ok {
		return Detail{}, ErrArrivalNotFound
	}
	p, err := s.Store.Payment(ctx, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || p.PersonID != by.Subject || hidden(p.Hold)) {
		return Detail{}, ErrArrivalNotFound
	}
	if err != nil {
		return Detail{}, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return Detail{}, err
	}
	pr, _ := programmes.of(p)
	if pr.Class() == SensitivityHigh {
		if err := s.Gate.Allow(ctx, by, models.ActArrivalHigh); err != nil {
			return Detail{}, err
		}
	}
	d := Detail{Arrival: Arrival{Payment: p, Name: pr.Name, Label: label(p)}, Programme: pr, Timeline: timeline(p)}
	if d.Bank, err = s.Banks.BankName(ctx, p.AccountBank, p.ChangedAt); err != nil && !errors.Is(err, models.ErrNotFound) {
		return Detail{}, err
	}
	d.Advice = advice(p, d.Bank)
	d.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return d, err
}

// hidden lists the holds whose lines are not the payee's to see; a line without a stage is shown as such (R8).
func hidden(h Hold) bool { return h != HoldNone && h != HoldStageUnknown }
