package models

import (
	"sync"
	"time"
	_ "time/tzdata" // civil dates must not depend on the machine's zone files
)

// Shanghai is the zone of every civil date: today, birthdays, per-day limits, quiet hours.
var Shanghai = mustLoad("Asia/Shanghai")

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // tzdata is linked in
	}
	return loc
}

// Clock tells the time. Production uses SystemClock; tests and the sandbox city fix it.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's clock, in UTC and cut to microseconds, which every database keeps exactly.
type SystemClock struct{}

// Now is the present instant.
func (SystemClock) Now() time.Time { return Instant(time.Now()) }

// Instant brings t into the form in which instants are stored and compared: UTC, microseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// ManualClock stands still until it is moved. The zero value is not usable; see NewManualClock.
type ManualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewManualClock starts at t.
func NewManualClock(t time.Time) *ManualClock { return &ManualClock{now: Instant(t)} }

// Now is the instant the clock was last set to.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = Instant(c.now.Add(d))
}

// Set moves the clock to t, backwards too.
func (c *ManualClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = Instant(t)
}

// Date is a civil date in Shanghai, written 2006-01-02. The empty Date is "unknown".
type Date string

// DateOf is the civil date on which t falls.
func DateOf(t time.Time) Date { return Date(t.In(Shanghai).Format(time.DateOnly)) }

// ParseDate accepts 2006-01-02 and refuses dates the calendar does not have.
func ParseDate(s string) (Date, error) {
	if _, err := time.ParseInLocation(time.DateOnly, s, Shanghai); err != nil {
		return "", err
	}
	return Date(s), nil
}

// Start is the instant the date begins; the zero time for an unknown date.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Shanghai)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// AgeAt is the number of full years from d to the civil date of t. A birthday counts from its first moment;
// someone born on 29 February has it on 1 March of common years.
func (d Date) AgeAt(t time.Time) int {
	b, err := time.ParseInLocation(time.DateOnly, string(d), Shanghai)
	if err != nil {
		return -1
	}
	n := t.In(Shanghai)
	age := n.Year() - b.Year()
	if n.Month() < b.Month() || n.Month() == b.Month() && n.Day() < b.Day() {
		age--
	}
	return age
}

// NextMidnight is the first instant of the civil day after t: where per-day limits begin anew.
func NextMidnight(t time.Time) time.Time {
	n := t.In(Shanghai)
	return time.Date(n.Year(), n.Month(), n.Day()+1, 0, 0, 0, 0, Shanghai).UTC()
}
