package subsidy

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// WholeCity stands for all districts together in the public totals.
const WholeCity = "*"

// LeastPeople is the floor of the setting: a figure about fewer people is never printed (R68).
const LeastPeople = 5

// PublicTotal is one cell of the public totals: what was credited of a programme in a district and ledger month. Of a
// cell that is not shown there is nothing but its name.
type PublicTotal struct {
	LedgerMonth string
	Programme   string
	District    string // WholeCity: all of them; then people count once in each district that paid them
	Shown       bool
	People      int64
	Payments    int64
	TotalFen    models.Fen
}

// printable turns the cells of one programme and month into what may be printed of them. A cell of fewer than least
// people is suppressed. Of a High programme only the whole city is told (R55). The city's sum is told only where nothing
// can be learnt by taking the printed cells from it: nothing is suppressed, or what is suppressed is at least two cells
// of together at least least people, of whom nobody can say how they are spread.
func printable(cells []PublicTotal, high bool, least int64) []PublicTotal {
	if len(cells) == 0 {
		return nil
	}
	city := PublicTotal{LedgerMonth: cells[0].LedgerMonth, Programme: cells[0].Programme, District: WholeCity, Shown: true}
	out := make([]PublicTotal, 0, len(cells)+1)
	var hidden, among int64
	for _, c := range cells {
		city.People, city.Payments, city.TotalFen = city.People+c.People, city.Payments+c.Payments, city.TotalFen+c.TotalFen
		if c.Shown = c.People >= least; !c.Shown {
			hidden, among = hidden+1, among+c.People
			c.People, c.Payments, c.TotalFen = 0, 0, 0
		}
		out = append(out, c)
	}
	switch {
	case high:
		out, city.Shown = out[:0], city.People >= least
	case hidden > 0:
		city.Shown = hidden >= 2 && among >= least && among > hidden && among < hidden*(least-1)
	}
	if !city.Shown {
		city.People, city.Payments, city.TotalFen = 0, 0, 0
	}
	return append(out, city)
}

// mayReplace reports whether printed figures of one programme and month may be replaced by newer ones: two editions must
// not tell by their difference what a few people got. Every figure that stands in both, and what the city has beyond the
// printed districts, is either the same or moved by at least least people.
func mayReplace(old, fresh []PublicTotal, least int64) bool {
	was := figuresOf(old)
	for place, is := range figuresOf(fresh) {
		w, both := was[place]
		if !both || w == is {
			continue
		}
		if moved := is.People - w.People; moved < least && -moved < least {
			return false
		}
	}
	return true
}

// figuresOf are the figures a reader has, the remainder among them.
func figuresOf(cells []PublicTotal) map[string]PublicTotal {
	out := map[string]PublicTotal{}
	rest, whole := PublicTotal{}, false
	for _, c := range cells {
		if !c.Shown {
			continue
		}
		out[c.District] = c
		sign := int64(-1)
		if c.District == WholeCity {
			sign, whole = 1, true
		}
		rest.People, rest.Payments, rest.TotalFen = rest.People+sign*c.People, rest.Payments+sign*c.Payments, rest.TotalFen+models.Fen(sign)*c.TotalFen
	}
	if whole && rest.People > 0 && len(out) > 1 {
		out["rest"] = rest
	}
	return out
}

// TotalledPublicly keeps the public totals. Every method joins the transaction of ctx.
type TotalledPublicly interface {
	// MarkTotals notes that payments of these months change, in the commit that changes them. They are counted anew from
	// at on; a month never marked before, now.
	MarkTotals(ctx context.Context, months []string, now, at time.Time) error
	// TakeTotalsDue leases one month whose figures are older than its payments, or were made under another least, until
	// until; false: none. Of any number of callers exactly one gets it.
	TakeTotalsDue(ctx context.Context, least int64, now, until time.Time) (MonthToCount, bool, error)
	// CountMonth adds up what is credited and shown of a month, by programme and district: one statement, which holds
	// nobody up.
	CountMonth(ctx context.Context, month string) ([]PublicTotal, error)
	// PrintedTotals are the cells of a month as they are printed now.
	PrintedTotals(ctx context.Context, month string) ([]PublicTotal, error)
	// SaveTotals replaces the printed cells of a month.
	SaveTotals(ctx context.Context, m MonthToCount, least int64, cells []PublicTotal, at time.Time) error
	// PublicTotals lists printed cells in their order, with the instant of the oldest count among the months asked for.
	PublicTotals(ctx context.Context, q TotalsQuery) ([]PublicTotal, time.Time, error)
}

// MonthToCount is a month that one replica counts now.
type MonthToCount struct {
	LedgerMonth string
	Changes     int64 // as they stood when it was taken: a later change makes it due again
	Least       int64 // what its figures were made under; 0 where there are none
}

// TotalsPolicy reads how many people a printed figure is at least about.
type TotalsPolicy interface {
	LeastPeople(ctx context.Context, at time.Time) (int64, error)
}

const (
	countLease = 5 * time.Minute
	countPause = 10 * time.Minute // between two counts of a month whose lines come one by one
)

// CountTotals counts one month that has changed; more reports whether another may wait. Figures that would tell by their
// difference what a few people got stay as they are until more has changed.
func (s *Service) CountTotals(ctx context.Context) (more bool, err error) {
	now := s.Clock.Now()
	least, err := s.leastPeople(ctx)
	if err != nil {
		return false, err
	}
	m, due, err := s.Store.TakeTotalsDue(ctx, least, now, now.Add(countLease))
	if err != nil || !due {
		return false, err
	}
	cells, err := s.Store.CountMonth(ctx, m.LedgerMonth)
	if err != nil {
		return false, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return false, err
	}
	return true, s.Store.InTx(ctx, func(ctx context.Context) error {
		printed, err := s.Store.PrintedTotals(ctx, m.LedgerMonth)
		if err != nil {
			return err
		}
		return s.Store.SaveTotals(ctx, m, least, toPrint(cells, printed, programmes, least, m.Least), now)
	})
}

// toPrint is the whole sheet of a month. under is the least that the printed figures were made under.
func toPrint(cells, printed []PublicTotal, programmes editions, least, under int64) []PublicTotal {
	fresh, old := byProgramme(cells), byProgramme(printed)
	for code := range old { // all of a programme may have been taken back
		if fresh[code] == nil {
			fresh[code] = []PublicTotal{}
		}
	}
	var out []PublicTotal
	for _, code := range slices.Sorted(maps.Keys(fresh)) {
		sheet := printable(fresh[code], programmes[code] == nil || programmes.class(code) == SensitivityHigh, least)
		if under == least && !mayReplace(old[code], sheet, least) {
			sheet = old[code]
		}
		slices.SortFunc(sheet, byDistrict)
		out = append(out, sheet...)
	}
	return out
}

func byDistrict(a, b PublicTotal) int { return cmp.Compare(a.District, b.District) }

func byProgramme(cells []PublicTotal) map[string][]PublicTotal {
	out := map[string][]PublicTotal{}
	for _, c := range cells {
		out[c.Programme] = append(out[c.Programme], c)
	}
	for _, list := range out {
		slices.SortFunc(list, byDistrict)
	}
	return out
}

func (s *Service) leastPeople(ctx context.Context) (int64, error) {
	if s.TotalsPolicy == nil {
		return LeastPeople, nil
	}
	least, err := s.TotalsPolicy.LeastPeople(ctx, s.Clock.Now())
	return max(least, LeastPeople), err
}

// countSoon notes that payments of these changes' months are to be counted anew; a month is counted every few minutes
// at most while its lines come one by one.
func (s *Service) countSoon(ctx context.Context, changed []change) error {
	months := map[string]bool{}
	for _, c := range changed {
		months[c.is.Key.LedgerMonth] = true
	}
	if len(months) == 0 {
		return nil
	}
	now := s.Clock.Now()
	return s.Store.MarkTotals(ctx, slices.Sorted(maps.Keys(months)), now, now.Add(countPause))
}

// TotalsQuery asks for public totals. Empty fields leave nothing out.
type TotalsQuery struct {
	Programme string
	District  string
	Period    string // a ledger month 2021-11 or a year 2021; empty: this year
	After     TotalPlace
	Limit     int // 0: everything

	From, To string // filled from Period
}

// TotalPlace is a place in the list.
type TotalPlace struct{ Month, Programme, District string }

// PublicSheet is one page of the public totals.
type PublicSheet struct {
	Items []PublicTotal
	Names map[string]string // of the programmes in it
	Least int64
	More  bool
	AsOf  time.Time // when the oldest figures asked for were counted
}

// ErrPeriod is a period that is neither a month nor a year.
var ErrPeriod = models.NewError(models.Invalid, "PERIOD_INVALID", "请按2021-11或2021的格式填写月份或年份;如有疑问请拨打12333。")

// PublicTotals shows what was paid by programme, district and month, without login. It is one small statement: figures
// are counted beforehand, and none about fewer than five people is kept (R68).
func (s *Service) PublicTotals(ctx context.Context, q TotalsQuery) (PublicSheet, error) {
	if q.Period == "" {
		q.Period = s.Clock.Now().In(models.Shanghai).Format("2006")
	}
	if _, err := time.Parse(ledgerMonth, q.Period); err == nil && len(q.Period) == len(ledgerMonth) {
		q.From, q.To = q.Period, q.Period
	} else if _, err := time.Parse("2006", q.Period); err == nil {
		q.From, q.To = q.Period+"-01", q.Period+"-12"
	} else {
		return PublicSheet{}, ErrPeriod
	}
	known, err := s.look(ctx)
	if err != nil {
		return PublicSheet{}, err
	}
	if q.Programme != "" && known.editions[q.Programme] == nil {
		return PublicSheet{}, ErrProgrammeNotFound
	}
	out := PublicSheet{Names: map[string]string{}}
	if out.Least, err = s.leastPeople(ctx); err != nil {
		return PublicSheet{}, err
	}
	limit := q.Limit
	if limit > 0 {
		q.Limit++
	}
	if out.Items, out.AsOf, err = s.Store.PublicTotals(ctx, q); err != nil {
		return PublicSheet{}, err
	}
	if out.More = limit > 0 && len(out.Items) > limit; out.More {
		out.Items = out.Items[:limit]
	}
	for _, c := range out.Items {
		out.Names[c.Programme] = known.editions.nameOn(c.Programme, c.LedgerMonth)
	}
	return out, nil
}

// nameOn is the public name of an item in a ledger month.
func (e editions) nameOn(code, month string) string {
	day, name, newest := models.Date(month+"-28"), "", 0
	for n, p := range e[code] {
		if n > newest && (name == "" || p.InForce(day)) {
			name, newest = p.Name, n
		}
	}
	return strings.TrimSpace(name)
}
