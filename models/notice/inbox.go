package notice

import (
	"context"
	"time"

	"onecard/models"
)

// Entry is one notice as its citizen reads it.
type Entry struct {
	ID       models.ID
	Kind     Kind
	Title    string
	Text     string
	Object   string
	ObjectID models.ID
	At       time.Time
	SMS      SMSWord
}

// SMSWord is what a citizen is told about the text message: never "delivered" before the carrier said so.
type SMSWord string

// The words for citizens.
const (
	SMSWaiting   SMSWord = "waiting"
	SMSSent      SMSWord = "sent" // handed over, not confirmed
	SMSDelivered SMSWord = "delivered"
	SMSNotSent   SMSWord = "not_sent"
	SMSByBank    SMSWord = "by_bank"
)

// InboxLimit is the most entries of one page.
const InboxLimit = 100

// Inbox lists the actor's own notices, newest first, before the given id, and the id to go on from, empty at the end.
// One-time codes are not in it. Errors are those of the gate.
func (s *Service) Inbox(ctx context.Context, by models.Actor, before models.ID, limit int) (entries []Entry, next models.ID, err error) {
	if err := s.gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return nil, "", err
	}
	if by.Kind != models.CitizenActor || by.ID == "" {
		return nil, "", models.ErrForbidden
	}
	limit = min(max(limit, 1), InboxLimit)
	rows, err := s.store.NoticesOf(ctx, by.ID, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	entries = make([]Entry, 0, len(rows))
	for _, n := range rows {
		entries = append(entries, n.entry())
	}
	return entries, next, nil
}

// entry renders a row. A kind written by a newer release shows as a plain line, never as an error.
func (n Notice) entry() Entry {
	e := Entry{ID: n.ID, Kind: n.Kind, Object: n.Object, ObjectID: n.ObjectID, At: n.At, SMS: n.word()}
	spec, ok := SpecOf(n.Kind)
	if !ok {
		e.Title, e.Text = "业务通知", "您有一条新的业务通知,请在办理记录中查看,如有疑问请拨打12333。"
		return e
	}
	e.Title, e.Text = spec.Title, spec.Render(n.Params)
	return e
}

func (n Notice) word() SMSWord {
	switch n.State {
	case Delivered:
		return SMSDelivered
	case Submitted, Unknown:
		return SMSSent
	case Failed, Expired:
		return SMSNotSent
	case Suppressed:
		if n.Reason == "sent_by_bank" {
			return SMSByBank
		}
		return SMSNotSent
	default:
		return SMSWaiting
	}
}
