package subsidy

import (
	"context"
	"fmt"
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

// Arrivals is one page of one view.
type Arrivals struct {
	Items    []Arrival
	Year     int    // 0 for the recent view
	From, To string // the first and the last ledger month looked at
	More     bool
	AsOf     time.Time
	Note     string // why payments are missing, where we know (R13)
	Cause    string // PAID_BY_OLD_CHANNEL
}

// CausePaidByOldChannel marks a view of which payments went by another way than the card (R13).
const CausePaidByOldChannel = "PAID_BY_OLD_CHANNEL"

// Citizen sentences about payments that are not in the list.
const (
	noteOldChannel    = "社会保障卡发放开通以前的补贴由旧渠道发放,这里查不到;可向发放部门查询,或拨打12333。"
	noteNothing       = "这一年没有查到通过社会保障卡发放的补贴;如有疑问可向发放部门查询,或拨打12333。"
	noteNothingRecent = "近两个月没有查到通过社会保障卡发放的补贴,可选择年份查看更早的记录;如有疑问可向发放部门查询,或拨打12333。"
)

// recentMonths is how far the recent view looks back: this ledger month and the one before it. Each month is a
// partition that costs up to five pages, and a read may touch ten however many payments there are.
const recentMonths = 2

// Arrivals lists the payments to the actor's subject: of one year, or the recent ones where none is named (R3, R13,
// R55). To ask for one High programme alone needs a fresh check: that there is an answer would name it. A family helper
// sees what is not sensitive, and cannot tell whether there is more. It costs one
// statement; where nothing is found, one more tells why.
func (s *Service) Arrivals(ctx context.Context, by models.Actor, q ListQuery) (Arrivals, error) {
	if err := s.MayListArrivals(ctx, by); err != nil {
		return Arrivals{}, err
	}
	if err := s.monthsOf(&q); err != nil {
		return Arrivals{}, err
	}
	known, err := s.look(ctx)
	if err != nil {
		return Arrivals{}, err
	}
	programmes := known.editions
	if err := s.mayAskFor(ctx, by, programmes, q.Programme); err != nil {
		return Arrivals{}, err
	}
	if helped(by) {
		q.Only = programmes.open()
	}
	first := q.After == Key{}
	since, until := programmes.onboarding()
	q.AskOld = first && until != "" && q.From+"-01" <= string(until) && q.To+"-31" >= string(since)
	q.Person, q.Limit = by.Subject, q.Limit+1
	rows, err := s.Store.PaymentsOf(ctx, q)
	if err != nil {
		return Arrivals{}, err
	}
	out := Arrivals{Year: q.Year, From: q.From, To: q.To, More: len(rows.Payments) == q.Limit, AsOf: known.asOf}
	if out.More {
		rows.Payments = rows.Payments[:q.Limit-1]
	}
	out.Items = make([]Arrival, 0, len(rows.Payments))
	for _, p := range rows.Payments {
		if programmes.showsTo(by, p) {
			out.Items = append(out.Items, programmes.listed(p))
		}
	}
	if helped(by) {
		out.Note = noteHelped
	} else if first {
		out.Cause, out.Note, err = s.missing(ctx, q, rows, since)
	}
	return out, err
}

// MayListArrivals says whether the actor may see her list now; every ready answer is given under it too.
func (s *Service) MayListArrivals(ctx context.Context, by models.Actor) error {
	return s.Gate.Allow(ctx, by, models.ActArrivals)
}

// listed is a payment under the name that lists may show.
func (e editions) listed(p Payment) Arrival {
	pr, _ := e.of(p)
	a := Arrival{Payment: p, Code: p.Programme, Name: pr.NeutralName(), Label: label(p)}
	if pr.namedOnlyInDetail() {
		a.Code = ""
	}
	return a
}

// monthsOf bounds the query: without a time bound every partition would be asked. The next page of a recent view stays
// within the months of the first, should a month begin in between.
func (s *Service) monthsOf(q *ListQuery) error {
	now := s.Clock.Now().In(models.Shanghai)
	if q.Year != 0 {
		if q.Year < 2000 || q.Year > now.Year()+1 {
			return ErrYear
		}
		q.From, q.To = fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year)
		return nil
	}
	if q.To == "" {
		q.To = now.Format(ledgerMonth)
	}
	to, err := time.Parse(ledgerMonth, q.To)
	if err != nil {
		return ErrYear
	}
	q.From = to.AddDate(0, 1-recentMonths, 0).Format(ledgerMonth)
	return nil
}

const ledgerMonth = "2006-01"

func (s *Service) mayAskFor(ctx context.Context, by models.Actor, programmes editions, code string) error {
	switch {
	case code == "":
		return nil
	case programmes[code] == nil:
		return ErrProgrammeNotFound
	case helped(by):
		return programmes.mayBeNamedBy(by, code)
	case programmes.class(code) == SensitivityHigh:
		return s.Gate.Allow(ctx, by, models.ActArrivalHigh)
	}
	return nil
}

// missing explains what is not in a list: payments by an old channel, or none at all. Only where the list is empty does
// it ask the store once more: otherwise the list's own statement told.
func (s *Service) missing(ctx context.Context, q ListQuery, rows Listed, since models.Date) (cause, note string, err error) {
	empty := len(rows.Payments) == 0
	old := rows.OldChannel || since != "" && q.To+"-31" < string(since)
	if empty && q.AskOld {
		if old, err = s.Store.PaidByOldChannel(ctx, q); err != nil {
			return "", "", err
		}
	}
	switch {
	case old:
		return CausePaidByOldChannel, noteOldChannel, nil
	case !empty, q.State != "": // that nothing stands in one state says nothing about the others
		return "", "", nil
	case q.Year == 0:
		return "", noteNothingRecent, nil
	}
	return "", noteNothing, nil
}
