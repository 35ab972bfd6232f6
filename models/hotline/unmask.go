package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// The values of a caller that may be shown whole.
const (
	ValueName     = "name"
	ValueID       = "id_number"
	ValuePhone    = "phone"
	ValueCardTail = "card_tail" // the end of the card's printed number, as far as we keep it
)

// unmaskReasons are why a whole value may be shown (R54). The phone on file is also given to be dialled, by AskCallBack.
var unmaskReasons = map[string]bool{"check_identity": true, "check_record": true, "work_order": true, "bank_contact": true}

// Unmasked is one whole value and when the console must take it off the screen again.
type Unmasked struct {
	Field     string
	Value     string
	ExpiresAt time.Time
}

// String masks: the value is read by name only.
func (u Unmasked) String() string { return u.Field + ": ***" }

// GoString masks under %#v.
func (u Unmasked) GoString() string { return u.String() }

// Unmask shows one whole value of the person of the agent's own call: at Full, with a reason, counted, and audited for the
// citizen to read with field and reason. ErrUnmaskField, ErrReasonRequired; the refusals of PersonOf; models.ErrNotFound where
// nothing is on file.
func (s *Service) Unmask(ctx context.Context, by models.Actor, callID models.ID, field, reason string) (Unmasked, error) {
	if field != ValueName && field != ValueID && field != ValuePhone && field != ValueCardTail {
		return Unmasked{}, ErrUnmaskField
	}
	if !unmaskReasons[reason] {
		return Unmasked{}, ErrReasonRequired
	}
	var seen Seen
	out := Unmasked{Field: field}
	err := s.Journal.InTx(models.FromCopyOnly(ctx), func(ctx context.Context) (err error) {
		if seen, err = s.look(ctx, by, callID, SeesValue, "field", field, "reason", reason); err != nil {
			return err
		}
		out.Value, err = s.whole(ctx, seen.Person, field)
		return err
	})
	if err != nil {
		return Unmasked{}, err
	}
	out.ExpiresAt = s.Clock.Now().Add(s.limits().UnmaskFor)
	return out, s.heed(ctx, by, callID, seen)
}

func (s *Service) whole(ctx context.Context, p Person, field string) (value string, err error) {
	switch field {
	case ValueName:
		value = p.Name.Reveal() // the one answer that shows it: Full, a reason, an audit entry
	case ValueID:
		value = p.IDNumber.Reveal()
	case ValuePhone:
		value = p.Phone.Reveal()
	case ValueCardTail:
		var facts Facts
		facts, err = s.Facts.FactsOf(ctx, p.ID)
		value = facts.CardTail
	}
	if err == nil && value == "" {
		err = models.ErrNotFound
	}
	return value, err
}
