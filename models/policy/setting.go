// Package policy is what the bureau decides and may change without a release: which act is done where and at which
// level, fees, who sends what, and the dated lists of banks and outlets. Every setting is declared once, in catalogue.go.
package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
)

// Type says how a value is written.
type Type string

// The types of settings.
const (
	Word  Type = "word"  // one of OneOf
	Level Type = "level" // guest, platform, phone, real, fresh; not below Floor
	Count Type = "count" // a whole number, at least Least and, where it is set, at most Most
	Fen   Type = "fen"   // money in fen, at least Least
	Flag  Type = "flag"  // true or false
	Text  Type = "text"  // one line of Chinese that people read, at most 120 characters
	Owner Type = "owner" // the name of another owner's channel and its https link, with a blank between

	List     Type = "list"     // some of OneOf, with commas between; or one of Alone
	Calendar Type = "calendar" // the days off of a year, and the weekends worked instead
)

// Setting is one thing that policy decides.
type Setting struct {
	Key      string
	Type     Type
	Default  string
	OneOf    []string
	Alone    []string // words that stand for a whole list
	Floor    models.Level
	Least    int64
	Most     int64
	Scopes   []ScopeKind // besides the whole city
	MustName bool        // production does not start on the default: somebody must have decided
	Rule     string
	Doc      string // what it decides, in English, for docs/policies.md
	Meaning  string // the same in Chinese, for those who decide
}

// check says why value cannot be set, in the words of the person who sets it; empty means it can.
func (s Setting) check(value string) string {
	switch s.Type {
	case Word:
		if !slices.Contains(s.OneOf, value) {
			return "只能是 " + strings.Join(s.OneOf, "、")
		}
	case Level:
		l, ok := models.ParseLevel(value)
		if !ok {
			return "只能是 guest、platform、phone、real、fresh"
		}
		if l < s.Floor {
			return "不得低于 " + s.Floor.String()
		}
	case Count, Fen:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < s.Least || strconv.FormatInt(n, 10) != value {
			return "必须是不小于 " + strconv.FormatInt(s.Least, 10) + " 的整数"
		}
		if s.Most > 0 && n > s.Most {
			return "不得大于 " + strconv.FormatInt(s.Most, 10)
		}
	case Flag:
		if value != "true" && value != "false" {
			return "只能是 true 或 false"
		}
	case Text:
		if n := utf8.RuneCountInString(value); n == 0 || n > 120 || strings.ContainsAny(value, "\r\n\t") {
			return "必须是一行文字,不超过120个字"
		}
	case Owner:
		if _, _, ok := splitOwner(value); !ok {
			return "写法是:渠道名称、空格、https 链接"
		}
	case List:
		return s.checkList(value)
	case Calendar:
		year, _ := strconv.Atoi(strings.TrimPrefix(s.Key, "calendar."))
		_, _, wrong := parseCalendar(year, value)
		return wrong
	}
	return ""
}

func (s Setting) checkList(value string) string {
	if slices.Contains(s.Alone, value) {
		return ""
	}
	parts := strings.Split(value, ",")
	for i, part := range parts {
		if !slices.Contains(s.OneOf, part) || slices.Contains(parts[:i], part) {
			return "写法是:用英文逗号隔开、不重复的 " + strings.Join(s.OneOf, "、") + ";或单写 " + strings.Join(s.Alone, "、")
		}
	}
	return ""
}

// splitOwner reads an Owner value.
func splitOwner(value string) (name, link string, ok bool) {
	name, link, ok = strings.Cut(value, " ")
	return name, link, ok && name != "" && strings.HasPrefix(link, "https://") && len(link) > len("https://") && !strings.Contains(link, " ")
}

// ScopeKind is what a setting may differ by.
type ScopeKind string

// The kinds of scope.
const (
	ByDistrict ScopeKind = "district"
	ByBank     ScopeKind = "bank"
)

// Scope is where a value holds: the whole city, one district (district:410303), or one bank (bank:103).
type Scope string

// Everywhere is the whole city.
const Everywhere Scope = "*"

// InDistrict is one district.
func InDistrict(code string) Scope { return Scope(string(ByDistrict) + ":" + code) }

// AtBank is one bank.
func AtBank(code string) Scope { return Scope(string(ByBank) + ":" + code) }

// parts is what a scope narrows to; scoped is false for the whole city.
func (s Scope) parts() (kind ScopeKind, code string, scoped bool) {
	k, code, scoped := strings.Cut(string(s), ":")
	return ScopeKind(k), code, scoped
}

// allows reports whether the setting may be set for scope.
func (s Setting) allows(scope Scope) bool {
	if scope == Everywhere {
		return true
	}
	kind, code, _ := strings.Cut(string(scope), ":")
	if !slices.Contains(s.Scopes, ScopeKind(kind)) || code == "" || len(code) > 12 {
		return false
	}
	if ScopeKind(kind) == ByDistrict && (len(code) != 6 || strings.Trim(code, "0123456789") != "") {
		return false
	}
	return strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Row is one decision about one setting. Rows are never changed: the next decision is the next row.
type Row struct {
	ID         models.ID
	Key        string
	Scope      Scope
	Value      string
	ValidFrom  time.Time
	Basis      string // the document or order behind it
	SetBy      string
	ApprovedBy string // a second person, in the console; empty from the command line
	SetAt      time.Time
}

// later reports whether r counts over other at an instant at which both hold.
func (r Row) later(other Row) bool {
	if !r.ValidFrom.Equal(other.ValidFrom) {
		return r.ValidFrom.After(other.ValidFrom)
	}
	if !r.SetAt.Equal(other.SetAt) {
		return r.SetAt.After(other.SetAt)
	}
	return r.ID > other.ID
}
