package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onecard/models"
)

// FilingState is how a vendor stands to a text that was filed with it. It is the vendor's word: any may follow any.
type FilingState string

// The states.
const (
	FilingDraft     FilingState = "draft"     // not filed there: shown, and in no row
	FilingFiled     FilingState = "filed"     // the vendor has not decided
	FilingApproved  FilingState = "approved"  //
	FilingRefused   FilingState = "refused"   //
	FilingPaused    FilingState = "paused"    // approved once, and stopped: by the vendor, or because it has another text than ours
	FilingWithdrawn FilingState = "withdrawn" // taken back, or not there any more
)

// FilingStates are those that a row may have.
var FilingStates = []FilingState{FilingFiled, FilingApproved, FilingRefused, FilingPaused, FilingWithdrawn}

// Filing is one version of a template as it was filed with one vendor.
type Filing struct {
	ID        models.ID
	Vendor    string // an SMS vendor, or a platform's app: "wechat_mini:wx0123"
	Template  string // the kind; on a platform the topic
	Version   string // of Body
	Code      string // the vendor's id of it
	Body      string // our form: variables as ${name}
	Variables string // their names in the order in which they were filed, with blanks between
	State     FilingState
	Reason    string // the vendor's words, or the operator's
	SetBy     string // who said so last: "vendor", "settings", an operator
	FiledAt   time.Time
	ChangedAt time.Time
}

// Text is a template as it would be filed now.
type Text struct {
	Template  string
	Version   string
	Body      string
	Variables []string
}

const versionLength = 12

// version names a body: the same words are the same version in every release.
func version(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])[:versionLength]
}

// Current is the kind's text as this release has it.
func (s Spec) Current() Text {
	t := Text{Template: string(s.Kind), Version: version(s.Text), Body: s.Text}
	for _, p := range s.Params {
		t.Variables = append(t.Variables, p.Name)
	}
	return t
}

// Current is the topic's template as this release has it: a line for each field, as the platform writes it.
func (p PlatformTemplate) Current() Text {
	t := Text{Template: string(p.Topic)}
	lines := make([]string, len(p.Fields))
	for i, f := range p.Fields {
		lines[i] = f.Label + "${" + f.Key + "}"
		t.Variables = append(t.Variables, f.Key)
	}
	t.Body = strings.Join(lines, "\n")
	t.Version = version(t.Body)
	return t
}

// TextsOf are all templates that are filed for a channel.
func TextsOf(c Channel) []Text {
	var out []Text
	if c == SMS {
		for _, s := range specs {
			out = append(out, s.Current())
		}
		return out
	}
	for _, p := range PlatformTemplates(c) {
		out = append(out, p.Current())
	}
	return out
}

// Names are the filing's variables in their order.
func (f Filing) Names() []string { return strings.Fields(f.Variables) }

// Numbered is the body with numbers for its variables, as a vendor files it whose variables have no names.
func (f Filing) Numbered() string {
	var pairs []string
	for i, name := range f.Names() {
		pairs = append(pairs, "${"+name+"}", "{"+strconv.Itoa(i+1)+"}")
	}
	return strings.NewReplacer(pairs...).Replace(f.Body)
}

// canBeFilled reports whether this release has a value for every variable of the filing.
func (f Filing) canBeFilled(now Text) bool {
	for _, name := range f.Names() {
		if !slices.Contains(now.Variables, name) {
			return false
		}
	}
	return true
}

// carrying is the filing under which a template may be sent now: the version of this release where it is approved, else the
// version that was approved last, as long as its variables can be filled. Nothing that is not approved is among them.
func carrying(of []Filing, now Text) (Filing, bool) {
	var best Filing
	for _, f := range of {
		switch {
		case f.State != FilingApproved || f.Code == "" || !f.canBeFilled(now):
		case f.Version == now.Version:
			return f, true
		case best.ID == "" || f.FiledAt.After(best.FiledAt):
			best = f
		}
	}
	return best, best.ID != ""
}

// VendorTemplate is what a vendor says of one template.
type VendorTemplate struct {
	Code   string
	State  FilingState
	Reason string   // the reviewer's words
	Text   string   // in the vendor's own form; empty: it tells none
	Keys   []string // of a platform's template: the keys of its fields
}

// gaps drops blanks, and makes signs of one width: consoles rewrite both.
var gaps = strings.NewReplacer("\uff0c", ",", "\uff1a", ":", "\uff1b", ";", "\uff08", "(", "\uff09", ")", "\uff1f", "?", "\uff01", "!",
	" ", "", "\n", "", "\r", "", "\t", "", "\u3000", "")

// sameText reports whether the vendor has the very text that was filed, blanks and the width of signs apart. What it does not tell is believed.
func (p FilingPlace) sameText(f Filing, t VendorTemplate) bool {
	if len(t.Keys) > 0 {
		return slices.Equal(slices.Sorted(slices.Values(t.Keys)), slices.Sorted(slices.Values(p.keysOf(f))))
	}
	want := f.Body
	if p.Numbered {
		want = f.Numbered()
	}
	return t.Text == "" || gaps.Replace(t.Text) == gaps.Replace(want)
}

// keysOf are the platform's keys of a template's fields: those of the settings, else as we number them.
func (p FilingPlace) keysOf(f Filing) []string {
	if keys := p.Keys[f.Template]; len(keys) > 0 {
		return keys
	}
	return f.Names()
}

const reasonMost = 200

// plainReason keeps a reviewer's words readable in a row and a log: one line, bounded, without long numbers.
func plainReason(s string) string {
	s = manyDigits.ReplaceAllString(strings.Join(strings.FieldsFunc(s, unicode.IsControl), " "), "…")
	if !utf8.ValidString(s) {
		return ""
	}
	if r := []rune(s); len(r) > reasonMost {
		return string(r[:reasonMost-1]) + "…"
	}
	return s
}

var manyDigits = regexp.MustCompile(`\d{7,}[0-9Xx]*`)
