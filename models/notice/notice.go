// Package notice tells citizens what happened. A decision drafts a notice in its own commit, and with it the deliveries
// by which it is to reach her. Those are the queue: each is claimed, handed over once, and settled by the answer or the
// receipt of who took it (ADR 0034).
package notice

import (
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"onecard/models"
)

// Destination says to which phone a notice goes. The number itself is asked for at the moment of sending and is never
// kept in the notice's row.
type Destination string

// The destinations.
const (
	ToRegistryPhone Destination = ""        // the phone the registry holds for the person
	ToPendingPhone  Destination = "pending" // a phone not yet counted, held by the row ToRef
	ToOldPhone      Destination = "old"     // the phone before a change, held by the row ToRef
	ToCaller        Destination = "caller"  // the phone that a call came from, held by the call ToRef
)

// Draft is what a capability writes, in the transaction of its decision, to have a citizen told. The store keeps one
// notice per Cause: a second draft with the same cause changes nothing, however often the event comes.
type Draft struct {
	Cause     string            // unique per fact: "loss:<id>:effective", "credit:<payment>:<n>"; ids and words only
	Kind      Kind              //
	PersonID  models.ID         // whose inbox it is in; may be empty only when ToRef names the phone's row
	About     models.ID         // the child whose matter it is, where a guardian is told; empty: the person's own
	Params    map[string]string // the template's variables: dates, amounts, bank names, tails. No names, no numbers of people
	Secret    Secret            // one-time codes only: sealed in the row, scrubbed once submitted or expired
	To        Destination       //
	ToRef     models.ID         // for explicit destinations: the row that holds the number
	Scope     string            // arrivals: the paying bank's code, which decides who sends the SMS (R12)
	Object    string            // what it is about, for a link in the inbox: "loss_report", "application", "payment"
	ObjectID  models.ID         //
	At        time.Time         // when the fact happened, as the inbox shows it; zero means now
	FactAt    time.Time         // since when it may have been told, by the source's own time, where At is ours; zero means At
	Expires   time.Time         // not worth sending after this; zero means the kind's own life
	Campaign  models.ID         // the campaign it is part of
	NotBefore time.Time         // not sent before this; zero means at once
	Replaces  []string          // causes whose notices, if not yet sent, would now mislead: they are not sent any more
}

var causeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_:./-]{2,190}$`)

// Checked is the draft as it may be stored. An unknown kind, a malformed cause, an undeclared variable or a missing
// code is a mistake in the program and an error. A value that does not fit its variable is replaced by the variable's
// neutral word: no loss report fails, and no arrival is untold, because a bank's name is odd.
func (d Draft) Checked(now time.Time) (Draft, error) {
	spec, ok := SpecOf(d.Kind)
	switch {
	case !ok:
		return Draft{}, fmt.Errorf("notice: no kind %q", d.Kind)
	case !causeForm.MatchString(d.Cause):
		return Draft{}, fmt.Errorf("notice: malformed cause for kind %s", d.Kind)
	case d.PersonID == "" && d.ToRef == "":
		return Draft{}, fmt.Errorf("notice: %s for nobody", d.Kind)
	case (d.To == ToPendingPhone || d.To == ToOldPhone || d.To == ToCaller) && d.ToRef == "":
		return Draft{}, fmt.Errorf("notice: %s to a phone of no row", d.Kind)
	case spec.Secret != d.Secret.Present():
		return Draft{}, fmt.Errorf("notice: %s must carry a code: %t", d.Kind, spec.Secret)
	}
	params, err := spec.clean(d.Params)
	if err != nil {
		return Draft{}, err
	}
	d.Params = params
	if d.At.IsZero() {
		d.At = now
	}
	if d.FactAt.IsZero() {
		d.FactAt = d.At
	}
	if d.Expires.IsZero() {
		d.Expires = now.Add(spec.Life)
	}
	d.At, d.Expires = models.Instant(d.At), models.Instant(d.Expires)
	return d, nil
}

// Secret is a one-time code on its way to a phone. It prints, logs and marshals as stars.
type Secret struct{ text string }

// NewSecret wraps a code.
func NewSecret(code string) Secret { return Secret{code} }

// Present reports whether there is a code.
func (s Secret) Present() bool { return s.text != "" }

// Reveal gives the code. The store calls it to seal, the sender to send; nobody else does.
func (s Secret) Reveal() string { return s.text }

func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "******"
}

// GoString hides the code under %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the code in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the code in JSON and text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
