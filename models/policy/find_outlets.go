package policy

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// FindOutletsInput is a search as a citizen makes it; empty fields do not narrow.
type FindOutletsInput struct {
	District string
	Kind     OutletKind // without one, and without a service: the card windows of both kinds (R18)
	Bank     string     // the bank on the card's face: its successor's windows are found too (R30)
	Service  WindowAct  // what the outlet has to offer
	Name     string
	OpenNow  bool        // open at this moment
	OpenOn   models.Date // open on this day; the day shown with each outlet
	After    string
	Limit    int
}

// FoundOutlet is an outlet with its bank as it is called today, and when it is open on the day asked about.
type FoundOutlet struct {
	Outlet
	Bank     ShownBank
	Today    OpenDay
	Distance int // metres, in tens; of a search by distance only
}

// FoundOutlets is one page of a search.
type FoundOutlets struct {
	Items []FoundOutlet
	Next  string // the place to go on from; empty at the end
	AsOf  time.Time
}

// scanWidth is how many rows are read at once where a search narrows by what SQL does not know.
const scanWidth = 200

// FindOutlets lists outlets that are open to everybody, for anyone, without a log-in (R18, R19). Asked for a bank that
// was taken over, it lists the successor's too (R30).
func (s *Service) FindOutlets(ctx context.Context, in FindOutletsInput) (FoundOutlets, error) {
	look, err := s.newLook(ctx, in)
	if err != nil {
		return FoundOutlets{}, err
	}
	found := FoundOutlets{AsOf: look.asOf}
	f := look.filter
	f.After, f.Limit = in.After, in.Limit+1
	if look.narrows() {
		f.Limit = max(f.Limit, scanWidth)
	}
	for {
		rows, err := s.store.Outlets(ctx, f)
		if err != nil {
			return FoundOutlets{}, err
		}
		for _, o := range rows {
			if !look.fits(o) {
				continue
			}
			if len(found.Items) == in.Limit {
				found.Next = found.Items[in.Limit-1].Ref
				return found, nil
			}
			found.Items = append(found.Items, look.shown(o))
		}
		if len(rows) < f.Limit {
			return found, nil
		}
		f.After = rows[len(rows)-1].Ref
	}
}

// look is everything one search needs, read once.
type look struct {
	in     FindOutletsInput
	filter OutletFilter
	banks  map[string]Bank
	day    Day
	now    time.Time
	asOf   time.Time
}

func (s *Service) newLook(ctx context.Context, in FindOutletsInput) (look, error) {
	v, err := s.look(ctx)
	if err != nil {
		return look{}, err
	}
	l := look{in: in, banks: v.banks, now: s.clock.Now(), filter: OutletFilter{District: in.District, Name: in.Name}}
	// How fresh the copy is, is asked first: a copy that moves on in between is then fresher than it is said to be.
	if l.asOf, err = s.store.AsOf(ctx); err != nil {
		return look{}, err
	}
	date := in.OpenOn
	if date == "" {
		date = models.DateOf(l.now)
	}
	if l.day, err = s.DayOn(ctx, date); err != nil {
		return look{}, err
	}
	switch {
	case in.Kind != "":
		l.filter.Kinds = []OutletKind{in.Kind}
	case in.Service == "":
		l.filter.Kinds = cardWindows
	}
	if in.Bank != "" {
		l.filter.Banks = []string{in.Bank}
		if b, ok := v.banks[in.Bank]; ok {
			if heir := successor(v.banks, b, models.DateOf(l.now)); heir.Code != in.Bank {
				l.filter.Banks = append(l.filter.Banks, heir.Code)
			}
		}
	}
	return l, nil
}

// narrows reports whether the search asks what SQL does not know.
func (l look) narrows() bool { return l.in.Service != "" || l.in.OpenNow || l.in.OpenOn != "" }

// fits reports whether an outlet is what was asked for. Hours that only people can read fit no question about hours.
func (l look) fits(o Outlet) bool {
	if l.in.Service != "" && !slices.Contains(o.Services, string(l.in.Service)) {
		return false
	}
	if l.in.OpenOn != "" && len(o.openOn(l.day, l.now).Spans) == 0 {
		return false
	}
	return !l.in.OpenNow || o.openOn(l.day, l.now).Now
}

func (l look) shown(o Outlet) FoundOutlet {
	one := FoundOutlet{Outlet: o, Today: o.openOn(l.day, l.now)}
	if b, ok := l.banks[o.BankCode]; ok {
		one.Bank = shown(l.banks, b, models.DateOf(l.now))
	}
	return one
}
