package subsidy

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"onecard/models"
)

// Arrival is one payment in a list: the neutral name, the amount, where it stands.
type Arrival struct {
	Payment Payment
	Code    string // of the programme; empty in lists where the code alone would name it (R55)
	Name    string
	Label   string // the state in plain words
}

// Arrivals is one page of one year.
type Arrivals struct {
	Items []Arrival
	Year  int
	More  bool
	AsOf  time.Time
	Note  string // why payments are missing, where we know (R13)
	Cause string // PAID_BY_OLD_CHANNEL
}

// CausePaidByOldChannel marks a year of which payments went by another way than the card (R13).
const CausePaidByOldChannel = "PAID_BY_OLD_CHANNEL"

// Citizen sentences about payments that are not in the list.
const (
	noteOldChannel = "社会保障卡发放开通以前的补贴由旧渠道发放,这里查不到;可向发放部门查询,或拨打12333。"
	noteNothing    = "这一年没有查到通过社会保障卡发放的补贴;如有疑问可向发放部门查询,或拨打12333。"
)

// Arrivals lists the payments to the actor's subject of one year (R3, R13, R55). To ask for one High programme alone
// needs a fresh check: that there is an answer would name it.
func (s *Service) Arrivals(ctx context.Context, by models.Actor, q ListQuery) (Arrivals, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Arrivals{}, err
	}
	this := s.Clock.Now().In(models.Shanghai).Year()
	if q.Year == 0 {
		q.Year = this
		if y, err := strconv.Atoi(q.After.LedgerMonth[:min(4, len(q.After.LedgerMonth))]); err == nil {
			q.Year = y // the next page of a list begun last year
		}
	}
	if q.Year < 2000 || q.Year > this+1 {
		return Arrivals{}, ErrYear
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return Arrivals{}, err
	}
	if err := s.mayAskFor(ctx, by, programmes, q.Programme); err != nil {
		return Arrivals{}, err
	}
	first := q.After == Key{}
	q.Person, q.Limit = by.Subject, q.Limit+1
	rows, err := s.Store.PaymentsOf(ctx, q)
	if err != nil {
		return Arrivals{}, err
	}
	out := Arrivals{Year: q.Year, More: len(rows) == q.Limit}
	if out.More {
		rows = rows[:q.Limit-1]
	}
	for _, p := range rows {
		pr, _ := programmes.of(p)
		a := Arrival{Payment: p, Code: p.Programme, Name: pr.NeutralName(), Label: label(p)}
		if pr.namedOnlyInDetail() {
			a.Code = ""
		}
		out.Items = append(out.Items, a)
	}
	if first {
		if out.Cause, out.Note, err = s.missing(ctx, q, programmes, len(out.Items) == 0); err != nil {
			return Arrivals{}, err
		}
	}
	out.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return out, err
}

func (s *Service) mayAskFor(ctx context.Context, by models.Actor, programmes editions, code string) error {
	switch {
	case code == "":
		return nil
	case programmes[code] == nil:
		return ErrProgrammeNotFound
	case programmes.class(code) == SensitivityHigh:
		return s.Gate.Allow(ctx, by, models.ActArrivalHigh)
	}
	return nil
}

// missing explains what is not in a year's list: payments by an old channel, or none at all.
func (s *Service) missing(ctx context.Context, q ListQuery, programmes editions, empty bool) (cause, note string, err error) {
	year := strconv.Itoa(q.Year)
	first, last := programmes.onboarding()
	old := first != "" && year+"-12-31" < string(first)
	if !old && last != "" && year+"-01-01" <= string(last) {
		if old, err = s.Store.PaidByOldChannel(ctx, q); err != nil {
			return "", "", err
		}
	}
	switch {
	case old:
		return CausePaidByOldChannel, noteOldChannel, nil
	case empty:
		return "", noteNothing, nil
	}
	return "", "", nil
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

// Detail is one payment with its full name, timeline and what to do.
type Detail struct {
	Arrival
	Programme Programme
	Timeline  []Stage
	Reason    string // why the bank sent it back, in a few words
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
	p, err := s.Store.Payment(ctx, by.Subject, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && (hidden(p.Hold) || p.OldChannel) {
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
	d := Detail{Arrival: Arrival{Payment: p, Code: p.Programme, Name: pr.Name, Label: label(p)}, Programme: pr, Timeline: timeline(p)}
	if d.Bank, err = s.bankName(ctx, p.AccountBank); err != nil {
		return Detail{}, err
	}
	d.Reason, d.Advice = reason(p), advice(p, d.Bank)
	d.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return d, err
}
