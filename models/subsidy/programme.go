// Package subsidy knows the public catalogue of programmes and the payments that the registry tells of. It never
// computes an amount or an entitlement (R1): what it holds is a dated copy, and what it adds is plain words.
package subsidy

import (
	"strings"
	"time"

	"onecard/models"
)

// Sensitivity says where a programme's name may be shown (R55).
type Sensitivity string

// The classes. A programme not classified yet counts as medium.
const (
	SensitivityNormal Sensitivity = "normal"
	SensitivityMedium Sensitivity = "medium" // no name in SMS, lists and agents' default views
	SensitivityHigh   Sensitivity = "high"   // name only in the detail page, after a fresh check; never by phone
)

// Programme is one version of one item of the public list (补贴项目, R6, R9).
type Programme struct {
	Code         string
	Edition      int // which version of the item; a payment keeps the one it was paid under
	Number       int // 1–45 of the list; 0 for a local item outside it (R10)
	Name         string
	ShortName    string
	SMSName      string // neutral where the programme is sensitive
	Domain       string
	Department   string
	PayeeKind    string // individual | household | either
	Cadence      string
	Sensitivity  Sensitivity
	District     string // of a local item
	PolicyDoc    string
	OfficialLink string
	PublishedOn  models.Date
	ValidFrom    models.Date
	ValidTo      models.Date            // last day; unknown while it is in force
	Onboarded    map[string]models.Date // district → since when it is paid through the card (R13)
	Shipped      bool                   // the product's own copy: the registry has not told of the item yet
	Version      int64
	ChangedAt    time.Time
}

// Class is the sensitivity that counts: an unclassified programme is sensitive until someone says otherwise, and a
// source may only tighten what the list says of its items.
func (p Programme) Class() Sensitivity {
	least := floor(p.Number)
	switch {
	case p.Sensitivity == SensitivityHigh || least == SensitivityHigh:
		return SensitivityHigh
	case p.Sensitivity == SensitivityNormal && least == SensitivityNormal:
		return SensitivityNormal
	}
	return SensitivityMedium
}

// stricter reports whether class a shows less than b.
func stricter(a, b Sensitivity) bool {
	return a != b && (a == SensitivityHigh || b == SensitivityNormal)
}

// neutral stands for every programme whose name may not be shown and that brought no neutral name of its own.
const neutral = "一项补贴"

// NeutralName is what lists, SMS and agents' views show (R55). The source's neutral name counts only where someone has
// classified the programme, and only if it is one: a name that gives the item away is not passed on.
func (p Programme) NeutralName() string {
	switch p.Class() {
	case SensitivityNormal:
		if p.ShortName == "" {
			return p.Name
		}
		return p.ShortName
	case p.Sensitivity:
		if p.SMSName != "" && !tells(p.SMSName, p.Name) && !tells(p.SMSName, p.ShortName) {
			return p.SMSName
		}
	}
	return neutral
}

// tells reports whether one of two names is in the other.
func tells(a, b string) bool { return b != "" && (strings.Contains(a, b) || strings.Contains(b, a)) }

// InForce reports whether this version is the one valid on a date.
func (p Programme) InForce(on models.Date) bool {
	return p.ValidFrom <= on && (p.ValidTo == "" || on <= p.ValidTo)
}

// namedOnlyInDetail reports whether not even the item's code may stand in a list: the catalogue is public, and a code
// is a name there. Items of the middle class keep their code, which lists are filtered by; it opens nothing.
func (p Programme) namedOnlyInDetail() bool { return p.Class() == SensitivityHigh }
