package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// Workdays is the calendar of working days, with holidays (法定节假日) and the weekends worked instead (调休).
type Workdays interface {
	Workday(ctx context.Context, day models.Date) (bool, error)
}

// longestWait bounds a search in the calendar: a year without a working day is a slip of the pen.
const longestWait = 800

// endOf is the last instant of a civil day: what is due on a day may be done until then.
func endOf(day models.Date) time.Time {
	return models.Instant(models.NextMidnight(day.Start()).Add(-time.Microsecond))
}

// dueAfter is the end of the n-th working day after from, counted from the next day (R65); with none, the end of that
// same day, holiday or not.
func dueAfter(ctx context.Context, days Workdays, from time.Time, n int) (time.Time, error) {
	at := from
	for tried := 0; n > 0 && tried < longestWait; tried++ {
		at = models.NextMidnight(at)
		works, err := days.Workday(ctx, models.DateOf(at))
		if err != nil {
			return time.Time{}, err
		}
		if works {
			n--
		}
	}
	return endOf(models.DateOf(at)), nil
}
