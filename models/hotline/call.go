package hotline

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"time"

	"onecard/models"
)

// CallerNumber is the number a call came from: a mobile or a landline. It prints as its mask.
type CallerNumber struct{ digits string }

// ParseCallerNumber accepts 5 to 12 digits after +86, blanks, dashes and brackets are taken away; empty is unknown.
func ParseCallerNumber(s string) (CallerNumber, error) {
	s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+86"), "0086")
	if s == "" {
		return CallerNumber{}, nil
	}
	if len(s) < 5 || len(s) > 12 || strings.Trim(s, "0123456789") != "" {
		return CallerNumber{}, ErrCallerNumber
	}
	return CallerNumber{s}, nil
}

// Reveal gives the whole number. Every call site is a place a reviewer looks at.
func (n CallerNumber) Reveal() string { return n.digits }

// IsZero reports whether the number is unknown.
func (n CallerNumber) IsZero() bool { return n.digits == "" }

// String shows the first three and the last four of a long number, nothing of a short one.
func (n CallerNumber) String() string {
	if len(n.digits) < 8 {
		return strings.Repeat("*", len(n.digits))
	}
	return n.digits[:3] + strings.Repeat("*", len(n.digits)-7) + n.digits[len(n.digits)-4:]
}

// GoString masks the number under %#v.
func (n CallerNumber) GoString() string { return n.String() }

// LogValue masks the number in logs.
func (n CallerNumber) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText masks the number in JSON and text.
func (n CallerNumber) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// leftAfter is how long a call nobody works in counts as open.
const leftAfter = 60 * time.Minute

// Call is one telephone call at one seat. Everything an agent sees of a person hangs on it.
type Call struct {
	ID          models.ID
	StaffID     models.ID
	Caller      CallerNumber
	Source      string // how the number became known (SourceByHand, ...)
	ExchangeRef string // the conversation at the exchange; empty of a call opened by hand
	AskedFact   string // the one of district and bank drawn for this call (R58: they count once)
	PersonID    models.ID
	Level       VerifyLevel
	Strength    Strength
	FullID      bool // the whole ID number was given and fits
	Failures    int  // of verification, in this call
	CallBackAt  time.Time
	SlipSent    string // the act whose slip was texted to the caller: one for each call
	District    string
	Department  string
	OpenedAt    time.Time
	UsedAt      time.Time
	EndedAt     time.Time // the caller is gone: nothing more is looked up, the rest is notes
	ClosedAt    time.Time
	CloseReason string
	Version     int
}

// LeftAt reports whether the agent went away from the call: it opens nothing any more.
func (c Call) LeftAt(t time.Time) bool { return !c.ClosedAt.IsZero() || t.Sub(c.UsedAt) > leftAfter }

// OpenCall opens a call by hand; the number is what the agent reads on the telephone, or nothing. An agent has one
// open call: ErrCallOpen. A call left an hour ago, or whose caller is gone, is closed on the way. A repeat with the same key is the same call.
func (s *Service) OpenCall(ctx context.Context, by models.Actor, number string) (Call, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return Call{}, err
	}
	caller, err := ParseCallerNumber(number)
	if err != nil {
		return Call{}, err
	}
	now := s.Clock.Now()
	call := Call{
		ID: models.NewID(), StaffID: m.ID, Caller: caller, Source: SourceByHand, AskedFact: drawFact(),
		Level: LevelNone, Strength: StrengthNone, District: m.District, Department: m.Department,
		OpenedAt: now, UsedAt: now, Version: 1,
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "calls", string(call.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			call, err = s.Calls.CallByID(ctx, models.ID(prior))
			return err
		}
		if err := s.closeStale(ctx, by); err != nil {
			return err
		}
		if err := s.Calls.CreateCall(ctx, call); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, ""
		return s.record(ctx, by, "hotline.call.opened", "calls", string(call.ID), "done", "source", call.Source)
	})
	return call, err
}

// drawFact picks the question of the pair at random (domain 7.2).
func drawFact() string {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand aborts the program instead)
	if b[0]&1 == 0 {
		return FactDistrict
	}
	return FactBank
}

// closeStale closes an open call that was left.
func (s *Service) closeStale(ctx context.Context, by models.Actor) error {
	old, err := s.Calls.OpenCallOf(ctx, by.ID)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case !old.EndedAt.IsZero(): // its caller is gone
		return s.closeLeft(ctx, by, old, "next_call")
	case !old.LeftAt(s.Clock.Now()):
		return ErrCallOpen
	}
	return s.closeLeft(ctx, by, old, "left")
}

// closeLeft closes a call its agent did not; nothing for the zero call.
func (s *Service) closeLeft(ctx context.Context, by models.Actor, call Call, reason string) error {
	if call.ID == "" || !call.ClosedAt.IsZero() {
		return nil
	}
	call.ClosedAt, call.CloseReason = s.Clock.Now(), reason
	if err := s.Calls.UpdateCall(ctx, call); err != nil {
		return err
	}
	by.CallID, by.Subject = call.ID, call.PersonID
	return s.record(ctx, by, "hotline.call.closed", "calls", string(call.ID), reason)
}

// CurrentCall is the agent's open call, or models.ErrNotFound.
func (s *Service) CurrentCall(ctx context.Context, by models.Actor) (Call, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return Call{}, err
	}
	call, err := s.Calls.OpenCallOf(ctx, by.ID)
	if err == nil && call.LeftAt(s.Clock.Now()) {
		return Call{}, models.ErrNotFound
	}
	return call, err
}

// CloseCall ends the agent's own call; closing it twice is the same as once.
func (s *Service) CloseCall(ctx context.Context, by models.Actor, id models.ID) (Call, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return Call{}, err
	}
	var call Call
	err := s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		if call, err = s.Calls.CallByID(ctx, id); err != nil {
			return err
		}
		if call.StaffID != by.ID {
			return models.ErrNotFound
		}
		if err := s.closeLeft(ctx, by, call, "done"); err != nil {
			return err
		}
		call, err = s.Calls.CallByID(ctx, id)
		return err
	})
	return call, err
}

// ownOpenCall is the call if it is the agent's, open, and its caller still there (ErrCallEnded). Another agent's is not
// found; without any open call of one's own the answer is ErrNoActiveCall (R59).
func (s *Service) ownOpenCall(ctx context.Context, by models.Actor, id models.ID) (Call, error) {
	call, err := s.ownCall(ctx, by, id)
	if err == nil && !call.EndedAt.IsZero() {
		return Call{}, ErrCallEnded
	}
	return call, err
}

// ownCall is the same for what an agent notes down once the caller is gone.
func (s *Service) ownCall(ctx context.Context, by models.Actor, id models.ID) (Call, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return Call{}, err
	}
	call, err := s.Calls.CallByID(ctx, id)
	switch {
	case errors.Is(err, models.ErrNotFound) && by.CallID == "":
		return Call{}, ErrNoActiveCall
	case err != nil:
		return Call{}, err
	case call.StaffID != by.ID:
		return Call{}, models.ErrNotFound
	case call.LeftAt(s.Clock.Now()):
		return Call{}, ErrNoActiveCall
	}
	return call, nil
}
