package knowledge

import (
	"regexp"
	"slices"
	"strings"
)

// alwaysAllowed are numbers that every article may name.
var alwaysAllowed = []string{"12333", "12345", "123456"} // the hotlines, and the initial PIN of the policy (R29)

var (
	dateForm   = regexp.MustCompile(`(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0[1-9]|[12]\d|3[01]|[1-9])`)
	numberForm = regexp.MustCompile(`\d(?:[ \-—·()]{0,2}\d)*[Xx]?`)
	sumForm    = regexp.MustCompile(`^\s*(?:元|人|户|万|%|年|张|字|笔|个|天|日)`)
)

// numberKind names a number that looks like a person's, or a phone that is not on the list; empty where there is none.
// Separators between digits do not hide one.
func numberKind(text string, hotlines []string) string {
	text = dateForm.ReplaceAllString(halfWidth(text), "日期")
	for _, m := range numberForm.FindAllStringIndex(text, -1) {
		run, rest := text[m[0]:m[1]], text[m[1]:]
		n := digitsOf(run)
		if slices.Contains(alwaysAllowed, n) || slices.ContainsFunc(hotlines, func(h string) bool { return n == digitsOf(h) }) {
			continue
		}
		if kind := kindOfNumber(n, sumForm.MatchString(rest)); kind != "" {
			return kind
		}
	}
	return ""
}

func kindOfNumber(n string, sum bool) string {
	switch digits := len(strings.TrimRight(n, "X")); {
	case digits == 15, digits == 18, digits == 17 && strings.HasSuffix(n, "X"):
		return "ID_NUMBER"
	case n[0] == '0' && digits <= 12 && digits >= 10:
		return "PHONE_NUMBER"
	case digits >= 12:
		return "BANK_NUMBER"
	case sum:
		return ""
	case digits >= 7:
		return "PHONE_NUMBER"
	case (digits == 5 || digits == 6) && (n[:2] == "95" || n[:2] == "96"):
		return "PHONE_NUMBER"
	}
	return ""
}

func digitsOf(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == 'x' || r == 'X' {
			return r
		}
		return -1
	}, s))
}

// halfWidth writes full-width digits and letters as plain ones.
func halfWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '!'+fullWidth && r <= '~'+fullWidth {
			return r - fullWidth
		}
		return r
	}, text)
}
