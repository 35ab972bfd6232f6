package subsidy

import (
	"context"
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
