package hotline

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Contact is one time that a person was in touch: a call, an enquiry, or something done through any door. It holds no note of a
// call and nothing of a report of misuse (R68).
type Contact struct {
	Kind    string // call, enquiry, act
	At      time.Time
	Channel models.Channel
	What    string // in words
	State   string // of an enquiry; the result of a call
}

// ContactStore reads what happened with a person.
type ContactStore interface {
	// LastContacts lists the newest of each kind, at most limit of each, without the calls named by except.
	LastContacts(ctx context.Context, person, except models.ID, acts []string, limit int) ([]Contact, error)
}

// contactsShown is how many contacts an agent sees: enough to know what a caller calls about again.
const contactsShown = 3

// contactActs are the acts that count as being in touch.
var contactActs = []string{
	"card.loss.reported", "card.loss.reported_again", "card.loss.withdrawn", "card.release.requested", "card.application.submitted",
	"card.application.corrected", "card.replacement.asked", "citizen.account.bound", "citizen.account.unbound", "citizen.phone_change.requested",
	"citizen.helper.named", "notice.disputed", "hotline.guide.sent", "hotline.outlets.sent", "hotline.task.sent",
}

// Contacts are the last three times the person of the agent's own call was in touch before it. The refusals of PersonOf.
func (s *Service) Contacts(ctx context.Context, by models.Actor, callID models.ID) ([]Contact, error) {
	var out []Contact
	_, err := s.Looking(ctx, by, callID, SeesContacts, func(ctx context.Context, in models.Actor) (err error) {
		out, err = s.Touch.LastContacts(ctx, in.Subject, callID, contactActs, contactsShown)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Contact) int { return b.At.Compare(a.At) })
	out = out[:min(contactsShown, len(out))]
	for i, c := range out {
		out[i].What = c.words()
	}
	return out, nil
}

func (c Contact) words() string {
	switch c.Kind {
	case "call":
		return "12333来电" + resultWords[c.State]
	case "enquiry":
		return "咨询件" + enquiryWords[c.State]
	}
	return audit.Said(c.What)
}

var enquiryWords = map[string]string{"received": "(待答复)", "answered": "(已答复)", "closed": "(已办结)"}
