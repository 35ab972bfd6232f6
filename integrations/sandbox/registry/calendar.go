package registry

import "time"

// shanghai is the civil time of the city. There has been no daylight saving time in its two-year window.
var shanghai = time.FixedZone("CST", 8*60*60)

func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// monthStart is the first instant of the civil month of t.
func monthStart(t time.Time) time.Time {
	l := t.In(shanghai)
	return time.Date(l.Year(), l.Month(), 1, 0, 0, 0, 0, shanghai)
}

// at is an instant of the civil day y-m-d.
func at(y int, m time.Month, d, hour, minute int) time.Time {
	return time.Date(y, m, d, hour, minute, 0, 0, shanghai).UTC()
}

func dayOf(t time.Time) string { return t.In(shanghai).Format(time.DateOnly) }

func nextDay(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, shanghai)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// ageOn is the number of full years from a birth date to the civil date of t.
func ageOn(birth string, t time.Time) int {
	b, err := time.ParseInLocation(time.DateOnly, birth, shanghai)
	if err != nil {
		return 0
	}
	n := t.In(shanghai)
	age := n.Year() - b.Year()
	if n.Month() < b.Month() || n.Month() == b.Month() && n.Day() < b.Day() {
		age--
	}
	return age
}

func ptr[T any](v T) *T { return &v }
