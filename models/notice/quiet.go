package notice

import (
	"time"

	"onecard/models"
)

// quiet reports whether bulk waits at an instant: from one civil hour until another, over midnight where from is later.
func quiet(at time.Time, from, to int) bool {
	hour := at.In(models.Shanghai).Hour()
	return from < to && hour >= from && hour < to || from > to && (hour >= from || hour < to)
}

// afterQuiet is the instant itself, or the end of the quiet hours in which it lies.
func afterQuiet(at time.Time, from, to int) time.Time {
	if !quiet(at, from, to) {
		return at
	}
	local := at.In(models.Shanghai)
	end := time.Date(local.Year(), local.Month(), local.Day(), to, 0, 0, 0, models.Shanghai)
	if end.Before(at) || end.Equal(at) {
		end = end.AddDate(0, 0, 1)
	}
	return end
}
