package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// FlagKind is what about an agent's looks a supervisor should ask after (R59).
type FlagKind string

// The kinds of flag.
const (
	FlagManyLooks    FlagKind = "many_looks"    // more in an hour than the work needs
	FlagLooksNoAct   FlagKind = "looks_no_act"  // people looked at in call after call, and nothing done for any
	FlagOwnHousehold FlagKind = "own_household" // herself or her household
	flagSpanOfAShift          = 12 * time.Hour  // calls further back are no row
)

// settledReasons are why a supervisor lets a flag go down.
var settledReasons = map[string]bool{"explained": true, "busy_hour": true, "instructed": true, "reported": true}

// Acts are the audit actions of a call by which something is done for the caller. All others are none: she is looked at, checked,
// called back, refused, and the exchange tells of rings and hang-ups by itself.
var Acts = []string{
	"card.loss.reported", "card.loss.reported_again", "citizen.helper.revoked_by_agent", "citizen.phone_change.cancelled_by_owner", "citizen.slip.issued",
	"notice.disputed", "subsidy.explanation.given", "hotline.guide.sent", "hotline.outlets.sent", "hotline.task.sent", "hotline.misuse.reported", "hotline.enquiry.opened",
	"hotline.enquiry.answered", "hotline.enquiry.closed", "hotline.order.open", "hotline.order.add", "hotline.order.urge", "hotline.order.answer",
	"hotline.order.settled", "hotline.order.close", "hotline.order.extend", "hotline.order.transfer",
}

// CaseActs are the same of an order or a promised call that is looked at outside a call, under its id.
var CaseActs = append([]string{
	"hotline.order.accept", "hotline.order.assign", "hotline.order.return", "hotline.order.not_settled", "hotline.order.not_reached",
	"hotline.phone.dialled", "hotline.call_back.promised", "hotline.call_back.done",
}, Acts...)

// Flag is one thing to ask after. It is shown until a supervisor settles it with a reason.
type Flag struct {
	ID        models.ID
	Kind      FlagKind
	StaffID   models.ID
	CallID    models.ID // in which it showed; empty outside calls
	Span      string    // what it is one flag for: an hour, a call
	Looks     int
	RaisedAt  time.Time
	SettledAt time.Time
	SettledBy models.ID
	Reason    string
	Version   int
	Login     string // of the agent, where it is read; the name too
	Name      models.Name
}

// FlagStore keeps flags.
type FlagStore interface {
	// RaiseFlag adds a flag unless one of its kind stands for the same agent and span; it says whether it was added.
	RaiseFlag(ctx context.Context, f Flag) (bool, error)
	FlagByID(ctx context.Context, id models.ID) (Flag, error)
	SettleFlag(ctx context.Context, f Flag) error // guarded by Version and open: models.ErrConflict
	OpenFlags(ctx context.Context, limit int) ([]Flag, error)
	// CallsWithoutAct counts, back from the newest, the agent's calls, orders and promised calls before the present one in which
	// somebody was looked at and nothing was done, up to the first in which something was; what was opened before since does not
	// count, and no more than most are looked at.
	CallsWithoutAct(ctx context.Context, staff, present models.ID, since time.Time, most int) (int, error)
}

// heed raises what a look shows about its agent. It runs after the look is durable and before anything is shown: a look
// whose flag cannot be written is not shown.
func (s *Service) heed(ctx context.Context, by models.Actor, call models.ID, seen Seen) error {
	return s.heedAt(ctx, by, call, call, seen)
}

// heedAt is heed of a look in a call, or outside one: at is the call, the order or the promised call.
func (s *Service) heedAt(ctx context.Context, by models.Actor, call, at models.ID, seen Seen) error {
	now, limits := s.Clock.Now(), s.limits()
	if seen.Own {
		if err := s.raise(ctx, by, call, FlagOwnHousehold, string(at), seen.Hour); err != nil {
			return err
		}
	}
	if seen.Hour > limits.LookUpsPerHour {
		if err := s.raise(ctx, by, call, FlagManyLooks, hourOf(now), seen.Hour); err != nil {
			return err
		}
		s.watch(ctx, by, seen.Hour)
	}
	if !seen.First {
		return nil
	}
	n, err := s.Flags.CallsWithoutAct(ctx, by.ID, at, now.Add(-flagSpanOfAShift), limits.CallsWithoutAct+1)
	if err != nil || n <= limits.CallsWithoutAct {
		return err
	}
	return s.raise(ctx, by, call, FlagLooksNoAct, string(models.DateOf(now)), n)
}

// raise writes a flag down, once for its span, with its audit entry.
func (s *Service) raise(ctx context.Context, by models.Actor, call models.ID, kind FlagKind, span string, looks int) error {
	f := Flag{ID: models.NewID(), Kind: kind, StaffID: by.ID, CallID: call, Span: span, Looks: looks, RaisedAt: s.Clock.Now(), Version: 1}
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		added, err := s.Flags.RaiseFlag(ctx, f)
		if err != nil || !added {
			return err
		}
		by.CallID, by.Subject = call, "" // of the agent, not of the person
		return s.record(ctx, by, "hotline.flag.raised", "call_flags", string(f.ID), string(kind))
	})
}

// hourOf names an hour of Shanghai.
func hourOf(t time.Time) string { return t.In(models.Shanghai).Format("2006-01-02T15") }

// SettleFlag takes a flag down, for a supervisor and with a reason: never her own. ErrFlagReason, ErrFlagOwn,
// models.ErrNotFound, models.ErrConflict for one that is down.
func (s *Service) SettleFlag(ctx context.Context, by models.Actor, id models.ID, reason string) (Flag, error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return Flag{}, err
	}
	if !settledReasons[reason] {
		return Flag{}, ErrFlagReason
	}
	var f Flag
	err := s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		prior, err := s.Journal.Remember(ctx, by, "call_flags", string(id))
		if err != nil {
			return err
		}
		if f, err = s.Flags.FlagByID(ctx, id); err != nil || prior != "" {
			return err
		}
		if f.StaffID == by.ID {
			return ErrFlagOwn
		}
		f.SettledAt, f.SettledBy, f.Reason = s.Clock.Now(), by.ID, reason
		if err := s.Flags.SettleFlag(ctx, f); err != nil {
			return err
		}
		by.CallID, by.Subject = "", ""
		return s.record(ctx, by, "hotline.flag.settled", "call_flags", string(id), reason)
	})
	return f, err
}
