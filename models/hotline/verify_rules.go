package hotline

import (
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// VerifyLevel says how surely the caller is known (R58).
type VerifyLevel string

// The levels of a caller, weakest first.
const (
	LevelNone  VerifyLevel = "none"
	LevelBasic VerifyLevel = "basic" // name and the last six of the ID number
	LevelFull  VerifyLevel = "full"  // name, the whole number, and a phone factor or three independent facts
)

// Strength is the level with what it rests on: recorded with everything done on the call (R33).
type Strength string

// The strengths, weakest first. A number counts only where the exchange tells it, and a call back best by its word.
const (
	StrengthNone         Strength = "none"
	StrengthBasic        Strength = "basic"
	StrengthNumberMatch  Strength = "basic_number_match"   // the call came from the phone on file
	StrengthCallBackSaid Strength = "basic_call_back_said" // called back, by the agent's word: an exchange that cannot dial
	StrengthCallBack     Strength = "basic_call_back"      // the exchange called the phone on file, and it was answered
	StrengthPhoneCode    Strength = "basic_phone_code"     // the code sent to the phone on file was keyed in
	StrengthFullFacts    Strength = "full_facts"
	StrengthFullSaid     Strength = "full_call_back_said"
	StrengthFullPhone    Strength = "full_call_back"
	StrengthFullCode     Strength = "full_phone_code"
)

var strengths = []Strength{
	StrengthNone, StrengthBasic, StrengthNumberMatch, StrengthCallBackSaid, StrengthCallBack, StrengthPhoneCode, StrengthFullFacts,
	StrengthFullSaid, StrengthFullPhone, StrengthFullCode,
}

// withWholeNumber is what a phone factor comes to when the whole ID number fits too, in whichever order.
var withWholeNumber = map[Strength]Strength{
	StrengthCallBackSaid: StrengthFullSaid, StrengthCallBack: StrengthFullPhone, StrengthPhoneCode: StrengthFullCode,
}

// Stronger is the better founded of the two.
func (s Strength) Stronger(t Strength) Strength {
	if slices.Index(strengths, t) > slices.Index(strengths, s) {
		return t
	}
	return s
}

// Level is what a strength amounts to.
func (s Strength) Level() VerifyLevel {
	switch s {
	case StrengthFullFacts, StrengthFullSaid, StrengthFullPhone, StrengthFullCode:
		return LevelFull
	case StrengthBasic, StrengthNumberMatch, StrengthCallBackSaid, StrengthCallBack, StrengthPhoneCode:
		return LevelBasic
	}
	return LevelNone
}

// OpensLoss reports whether a loss may be reported on it: Full, or Basic with the phone on file (R33).
func (s Strength) OpensLoss() bool { return s != StrengthNone && s != StrengthBasic && s != "" }

// HolderReached is how the holder may count as reached in a call of that strength, where a relative speaks (R33).
func (s Strength) HolderReached() []string {
	switch {
	case !s.OpensLoss():
		return []string{}
	case strings.Contains(string(s), "call_back"): // in whichever words the call back is told
		return []string{"came_to_phone", "called_back"}
	}
	return []string{"came_to_phone"}
}

// The questions of R58, as they are recorded. Answers are never kept.
const (
	FactName     = "name"
	FactID       = "id_number"
	FactLast6    = "id_last6"
	FactCardTail = "card_last4"
	FactDistrict = "district"
	FactBank     = "bank"
	FactMonth    = "last_application_month"
)

// Facts are the right answers to the further questions; an empty one is unknown to us and never matches.
type Facts struct {
	CardTail             string // the end of the printed number, as far as we keep it: three or four digits
	District             string // six digits, of the registered address
	Bank                 string // code of the bank on the card's face
	LastApplicationMonth string // 2006-01
}

// fitsTail compares the four digits a caller says with what we keep of them.
func (f Facts) fitsTail(given string) bool {
	return len(f.CardTail) >= 3 && strings.HasSuffix(given, f.CardTail)
}

// Person is whom a call may be about.
type Person struct {
	ID       models.ID
	Name     models.Name
	IDNumber models.IDNumber
	Phone    models.Phone // on file at the registry
	District string
}

// The limits of R58 and R59: the store holds every look against the first two.
const (
	FailuresPerCall = 3
	FailuresPerDay  = 5
	lookUpsPerHour  = 60
)

// FailureKey is what failures of a day are counted for.
type FailureKey struct{ Scope, Value string }

// failureKeys are those a try counts against. A try with six characters only counts for everyone who ends so: the
// lock closes look-ups, never a loss report.
func failureKeys(id models.IDNumber, last6 string, caller CallerNumber) []FailureKey {
	var keys []FailureKey
	if !id.IsZero() {
		keys = append(keys, FailureKey{FactID, id.Reveal()})
	} else if last6 != "" {
		keys = append(keys, FailureKey{FactLast6, last6})
	}
	if !caller.IsZero() {
		keys = append(keys, FailureKey{"caller", caller.Reveal()})
	}
	return keys
}

// lockKeys are those that close look-ups for a person: her number, its last six, and the caller's number.
func lockKeys(id models.IDNumber, last6 string, caller CallerNumber) []FailureKey {
	keys := failureKeys(id, last6, caller)
	if !id.IsZero() && id.Last6() != "" {
		keys = append(keys, FailureKey{FactLast6, id.Last6()})
	}
	return keys
}

// judged is what one try came to, before any lock is looked at.
type judged struct {
	asked, fitting []string
	basic          bool
	number         bool // the call came from the phone on file, by the exchange's word
	calledBack     bool // the exchange dialled the phone on file, and the call is what came of it
	full           bool
	wantedFull     bool
}

// judge compares the answers of q with the person found, if any, and her facts.
func judge(c Call, q answers, p Person, found bool, f Facts) judged {
	j := judged{asked: q.asked(), wantedFull: q.wantsFull()}
	if !found {
		return j
	}
	j.basic = true
	j.fitting = append(j.fitting, FactName)
	if q.id.IsZero() {
		j.fitting = append(j.fitting, FactLast6)
	} else {
		j.fitting = append(j.fitting, FactID)
	}
	j.number = c.fromPhone(p) && c.Source == SourceTelephone
	j.calledBack = c.fromPhone(p) && c.Source == SourceCallBack
	wrong, independent := false, map[string]bool{}
	for _, fact := range []struct {
		code, group, given string
		fits               bool
	}{
		{FactCardTail, FactCardTail, q.cardLast4, f.fitsTail(q.cardLast4)},
		{FactMonth, FactMonth, q.month, q.month == f.LastApplicationMonth},
		{FactDistrict, "place", q.district, q.district == f.District}, // the bank follows from the district: together one fact
		{FactBank, "place", q.bank, q.bank == f.Bank},
	} {
		switch {
		case fact.given == "":
		case fact.fits:
			independent[fact.group] = true
			j.fitting = append(j.fitting, fact.code)
		default:
			wrong = true
		}
	}
	j.full = !q.id.IsZero() && !wrong && len(independent) >= 3
	return j
}

// fromPhone reports whether the number of the call is the person's phone on file. One typed by hand is nobody's word (R33).
func (c Call) fromPhone(p Person) bool {
	return !c.ByHand() && !p.Phone.IsZero() && c.Caller.digits == p.Phone.Reveal()
}

// strength is what the try proves by itself.
func (j judged) strength() Strength {
	switch {
	case j.basic && j.full:
		return StrengthFullFacts
	case j.basic && j.calledBack:
		return StrengthCallBack
	case j.basic && j.number:
		return StrengthNumberMatch
	case j.basic:
		return StrengthBasic
	}
	return StrengthNone
}

// passed reports whether everything asked for in the try fits.
func (j judged) passed() bool { return j.basic && (j.full || !j.wantedFull) }

// Verification is one try, as it is kept: which questions, which fitted, never an answer.
type Verification struct {
	ID       models.ID
	CallID   models.ID
	StaffID  models.ID
	PersonID models.ID // only of a match
	At       time.Time
	Asked    []string
	Fitting  []string
	Match    bool
	Level    VerifyLevel // of the call after this try
	Strength Strength
	Locked   bool // look-ups are closed; a loss may still be open
	Failures int  // of the call so far
	ByHand   bool // the call was opened by hand: Basic at most
}

// MayReportLoss is what the console offers next.
func (v Verification) MayReportLoss() bool { return v.Match && v.Strength.OpensLoss() }

// TriesLeft is how many failures the call still has.
func (v Verification) TriesLeft() int { return max(0, FailuresPerCall-v.Failures) }

// LookUp is one look at a person's data or one search for a person.
type LookUp struct {
	ID       models.ID
	CallID   models.ID
	StaffID  models.ID
	PersonID models.ID // empty for a search that found no one
	Kind     string    // verification, person
	At       time.Time
	Object   string // of a look outside a call: what it is at (work_orders, call_backs); empty in a call
	ObjectID models.ID
}
