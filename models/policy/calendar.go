package policy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"onecard/models"
)

// DayKind says what kind of day a civil date is in the calendar of holidays.
type DayKind string

// The kinds of days.
const (
	Workday DayKind = "workday" // Monday to Friday, and the weekends worked instead of a holiday (调休)
	Weekend DayKind = "weekend" // Saturday and Sunday
	Holiday DayKind = "holiday" // a statutory day off (法定节假日), and what it is made long by
)

// The years that have a setting of their own. The State Council announces a year's holidays in the autumn before it.
const (
	calendarFrom = 2021
	calendarTo   = 2030
)

// CalendarKey is the setting that holds the holidays of a year.
func CalendarKey(year int) string { return fmt.Sprintf("calendar.%d", year) }

// announced are the calendars known when this was shipped: 国办发明电〔2020〕27号 and 〔2021〕11号.
var announced = map[int]string{
	2021: "01-01..01-03,02-11..02-17,04-03..04-05,05-01..05-05,06-12..06-14,09-19..09-21,10-01..10-07,+02-07,+02-20,+04-25,+05-08,+09-18,+09-26,+10-09",
	2022: "01-01..01-03,01-31..02-06,04-03..04-05,04-30..05-04,06-03..06-05,09-10..09-12,10-01..10-07,+01-29,+01-30,+04-02,+04-24,+05-07,+10-08,+10-09",
}

// calendarSettings declares one setting for each year.
func calendarSettings() []Setting {
	var out []Setting
	for year := calendarFrom; year <= calendarTo; year++ {
		out = append(out, Setting{
			Key: CalendarKey(year), Type: Calendar, Default: announced[year], Rule: "R19 R65",
			Doc: fmt.Sprintf("days off of %d, and after a + the weekends worked instead; empty: not announced yet", year),
		})
	}
	return out
}

// longestHoliday bounds one stretch of days off: a longer one is a slip of the pen.
const longestHoliday = 15

// parseCalendar reads the setting of a year: which days are off, and which weekends are worked. The third result says in
// Chinese what is wrong with it; empty where nothing is.
func parseCalendar(year int, value string) (off, worked map[models.Date]bool, wrong string) {
	off, worked = map[models.Date]bool{}, map[models.Date]bool{}
	if value == "" {
		return off, worked, ""
	}
	for part := range strings.SplitSeq(value, ",") {
		day, isWorked := strings.CutPrefix(part, "+")
		first, last, isRange := strings.Cut(day, "..")
		if !isRange {
			last = first
		}
		from, err := models.ParseDate(fmt.Sprintf("%d-%s", year, first))
		to, err2 := models.ParseDate(fmt.Sprintf("%d-%s", year, last))
		switch {
		case err != nil || err2 != nil || to < from || to > plusDays(from, longestHoliday):
			return nil, nil, "写法是:01-01..01-03,05-01,+04-25(“+”为调休上班的周末):" + part
		case isWorked && (isRange || !onWeekend(from)):
			return nil, nil, "调休上班的日子必须逐日写,并且是周六或周日:" + part
		}
		for d := from; d <= to; d = plusDays(d, 1) {
			if off[d] || worked[d] {
				return nil, nil, "同一天写了两次:" + string(d)
			}
			off[d], worked[d] = !isWorked, isWorked
		}
	}
	return off, worked, ""
}

func plusDays(d models.Date, n int) models.Date {
	return models.DateOf(d.Start().In(models.Shanghai).AddDate(0, 0, n))
}

func onWeekend(d models.Date) bool {
	day := d.Start().In(models.Shanghai).Weekday()
	return day == time.Saturday || day == time.Sunday
}

// Day is a civil date as the calendar of holidays knows it.
type Day struct {
	Date      models.Date
	Kind      DayKind
	Announced bool // false: the year's holidays are not announced yet, and the weekday alone counts
}

// DayOn is what kind of day a date is. A decision about the calendar counts as soon as it is made, also for days to come.
func (s *Service) DayOn(ctx context.Context, date models.Date) (Day, error) {
	day := Day{Date: date, Kind: Workday}
	if onWeekend(date) {
		day.Kind = Weekend
	}
	year := date.Start().In(models.Shanghai).Year()
	if year < calendarFrom || year > calendarTo {
		return day, nil
	}
	value, err := s.At(ctx, CalendarKey(year), Everywhere, s.clock.Now())
	if err != nil || value == "" {
		return day, err
	}
	off, worked, _ := parseCalendar(year, value)
	day.Announced = true
	switch {
	case off[date]:
		day.Kind = Holiday
	case worked[date]:
		day.Kind = Workday
	}
	return day, nil
}
