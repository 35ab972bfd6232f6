package policy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR19_TheCalendarKnowsHolidaysAndTheWeekendsWorkedInstead(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for date, want := range map[models.Date]Day{
		"2021-12-20": {Kind: Workday, Announced: true},
		"2021-12-25": {Kind: Weekend, Announced: true},
		"2022-01-03": {Kind: Holiday, Announced: true}, // a Monday
		"2022-01-29": {Kind: Workday, Announced: true}, // a Saturday, worked
		"2022-02-05": {Kind: Holiday, Announced: true}, // a Saturday inside a holiday
		"2023-01-23": {Kind: Workday, Announced: false},
		"2023-01-21": {Kind: Weekend, Announced: false},
		"2031-05-01": {Kind: Workday, Announced: false},
	} {
		want.Date = date
		day, err := r.DayOn(t.Context(), date)
		require.NoError(t, err)
		require.Equal(t, want, day)
	}
	r.decide(t, CalendarKey(2023), "01-01..01-02,01-21..01-27,+01-28", Everywhere)
	day, err := r.DayOn(t.Context(), "2023-01-23")
	require.NoError(t, err)
	require.Equal(t, Day{"2023-01-23", Holiday, true}, day)
	day, err = r.DayOn(t.Context(), "2023-01-28")
	require.NoError(t, err)
	require.Equal(t, Workday, day.Kind)
}

func TestACalendarWithASlipOfThePenIsRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, bad := range []string{
		"1-1", "01-32", "02-29", "01-03..01-01", "01-01..03-01", "+01-04", "+01-28..01-29", "01-01,01-01", "01-01..01-03,01-02", "01-01,,01-02", "01-28,+01-28", "2023-01-01",
	} {
		_, err := r.Set(t.Context(), models.System(), SetInput{Key: CalendarKey(2023), Value: bad, Basis: "b", SetBy: "test"})
		require.ErrorIs(t, err, ErrSettingRefused, bad)
	}
	for year := calendarFrom; year <= calendarTo; year++ {
		off, worked, wrong := parseCalendar(year, announced[year])
		require.Empty(t, wrong)
		require.Equal(t, announced[year] != "", len(off) > 20, year)
		require.Equal(t, announced[year] != "", len(worked) > 5, year)
	}
}

func TestR19_HoursAreReadOrNotKnown(t *testing.T) {
	t.Parallel()
	hall := Outlet{Opening: []Opening{{[]DayKind{Workday}, "13:00", "17:00"}, {[]DayKind{Workday}, "09:00", "12:00"}, {[]DayKind{Weekend}, "10:00", "24:00"}}}
	monday, saturday := Day{"2021-12-20", Workday, true}, Day{"2021-12-18", Weekend, true}
	at := func(clock string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", "2021-12-20 "+clock, models.Shanghai)
		require.NoError(t, err)
		return got
	}
	for clock, open := range map[string]bool{"08:59": false, "09:00": true, "11:59": true, "12:00": false, "13:00": true, "17:00": false, "23:59": false} {
		day := hall.openOn(monday, at(clock))
		require.True(t, day.Known)
		require.Equal(t, []Span{{"09:00", "12:00"}, {"13:00", "17:00"}}, day.Spans)
		require.Equal(t, open, day.Now, clock)
	}
	day := hall.openOn(saturday, at("11:00"))
	require.Equal(t, []Span{{"10:00", "24:00"}}, day.Spans)
	require.False(t, day.Now, "another day is never open now")
	require.Empty(t, hall.openOn(Day{"2022-01-03", Holiday, true}, at("11:00")).Spans)
	require.False(t, Outlet{Hours: "周一至周五"}.openOn(monday, at("11:00")).Known)
	for _, bad := range []Opening{
		{nil, "09:00", "12:00"}, {[]DayKind{"monday"}, "09:00", "12:00"}, {[]DayKind{Workday}, "9:00", "12:00"}, {[]DayKind{Workday}, "12:00", "09:00"},
		{[]DayKind{Workday}, "09:00", "25:00"}, {[]DayKind{Workday}, "24:00", "24:00"}, {[]DayKind{Workday}, "", ""},
	} {
		require.False(t, bad.Sound(), bad)
	}
	require.True(t, Opening{[]DayKind{Workday, Holiday}, "00:00", "24:00"}.Sound())
}
