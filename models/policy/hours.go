package policy

import (
	"slices"
	"time"

	"onecard/models"
)

// Opening is a time of day at which an outlet serves, on days of some kinds.
type Opening struct {
	On   []DayKind `json:"on"`
	From string    `json:"from"` // 09:00
	To   string    `json:"to"`   // may be 24:00
}

// Sound reports whether the opening can be read at all: a machine never guesses at hours.
func (o Opening) Sound() bool {
	if len(o.On) == 0 || !timeOfDay(o.From) || !timeOfDay(o.To) && o.To != "24:00" || o.From >= o.To {
		return false
	}
	for _, day := range o.On {
		if day != Workday && day != Weekend && day != Holiday {
			return false
		}
	}
	return true
}

func timeOfDay(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == len("15:04")
}

// Span is a time of day, from and to.
type Span struct{ From, To string }

// OpenDay is when an outlet serves on one day. Known is false where the registry gives its hours in words only.
type OpenDay struct {
	Day   Day
	Known bool
	Spans []Span // in order; none: closed on this day
	Now   bool   // open at the very moment of asking; only of today
}

// openOn is the outlet's day. at is the instant of asking.
func (o Outlet) openOn(day Day, at time.Time) OpenDay {
	out := OpenDay{Day: day, Known: len(o.Opening) > 0, Spans: []Span{}}
	clock := at.In(models.Shanghai).Format("15:04")
	for _, one := range o.Opening {
		if !slices.Contains(one.On, day.Kind) {
			continue
		}
		out.Spans = append(out.Spans, Span{one.From, one.To})
		if models.DateOf(at) == day.Date && one.From <= clock && clock < one.To {
			out.Now = true
		}
	}
	slices.SortFunc(out.Spans, func(a, b Span) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	return out
}
