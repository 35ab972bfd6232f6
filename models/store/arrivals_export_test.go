package store

import (
	"strconv"
	"strings"

	"onecard/models/subsidy"
)

// ArrivalsSQL is the statement of a list as PostgreSQL gets it, for tests of its plan.
func ArrivalsSQL(q subsidy.ListQuery) (string, []any) {
	text, args := arrivalsSQL(q, shownTo)
	return numbered(text), args
}

// Astray is the condition by which what went to somebody else is found.
func Astray() string { return astray }

// TownPaidSQL are the statements that tell whether a township was paid, as PostgreSQL gets them.
func TownPaidSQL(months ...string) (first, second string) {
	return numbered(paidMonths), numbered(townPaid(months, ""))
}

func numbered(text string) string {
	for n := 1; strings.Contains(text, "?"); n++ {
		text = strings.Replace(text, "?", "$"+strconv.Itoa(n), 1)
	}
	return text
}
