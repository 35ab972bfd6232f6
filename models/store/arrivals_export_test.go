package store

import (
	"strconv"
	"strings"

	"onecard/models/subsidy"
)

// ArrivalsSQL is the statement of a list as PostgreSQL gets it, for tests of its plan.
func ArrivalsSQL(q subsidy.ListQuery) (string, []any) {
	text, args := arrivalsSQL(q, shownTo)
	for n := 1; strings.Contains(text, "?"); n++ {
		text = strings.Replace(text, "?", "$"+strconv.Itoa(n), 1)
	}
	return text, args
}

// Astray is the condition by which what went to somebody else is found.
func Astray() string { return astray }
