package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// The sources of a call. Only what the exchange says of a number counts as a number (R33).
const (
	SourceByHand    = "by_hand"   // typed by the agent
	SourceTelephone = "telephone" // the caller's number, as the exchange tells it
	SourceCallBack  = "call_back" // the number that the exchange dialled for us
)

// ByHand reports whether nobody but the agent says that there is a caller: such a call gives Basic at most.
func (c Call) ByHand() bool { return c.Source != SourceTelephone && c.Source != SourceCallBack }

// rings shows the call at the agent's console: a masked number, and how many people's phone on file it is. Nothing about
// any of them is shown: a number is no identity.
func (s *Service) rings(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	if x.Outgoing { // of the call that we had made: the agent's own telephone
		return "own_leg", nil
	}
	if !x.AnsweredAt.IsZero() || !x.EndedAt.IsZero() {
		return "too_late", nil
	}
	if !x.RingingAt.IsZero() && x.Extension == e.Extension {
		return "repeated", nil
	}
	x.RingingAt, x.Extension, x.StaffID = e.At, e.Extension, ""
	staff, err := s.seatAt(ctx, e.Extension)
	if err != nil {
		return "", err
	}
	if x.Candidates, err = s.Telephone.CandidatesByNumber(ctx, x.Number); err != nil {
		return "", err
	}
	x.StaffID = staff
	if err := s.Telephone.UpdateConversation(ctx, x); err != nil {
		return "", err
	}
	if staff == "" {
		return "no_seat", nil
	}
	return "shown", s.tell(ctx, staff, ConsoleEvent{Kind: "ringing", ExchangeCallID: x.ID})
}

// answered opens the call of the agent who lifted the receiver, in place of whatever they had open: a seat has one
// telephone. A call opened after that stays: its agent is in the middle of it.
func (s *Service) answered(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	if x.Outgoing { // the agent lifted the receiver of a call that we had made: nobody is reached yet
		return "own_leg", nil
	}
	if !x.AnsweredAt.IsZero() {
		return "repeated", nil
	}
	x.AnsweredAt, x.Extension = e.At, e.Extension
	staff, err := s.seatAt(ctx, e.Extension)
	if err != nil {
		return "", err
	}
	x.StaffID = staff
	var outcome string
	switch {
	case !x.EndedAt.IsZero():
		outcome = "too_late"
	case staff == "":
		outcome = "no_seat"
	default:
		if x.CallID, outcome, err = s.openByTelephone(ctx, staff, x, SourceTelephone, e.At); err != nil {
			return "", err
		}
	}
	if err := s.Telephone.UpdateConversation(ctx, x); err != nil || x.CallID == "" {
		return outcome, err
	}
	return outcome, s.tell(ctx, staff, ConsoleEvent{Kind: "answered", ExchangeCallID: x.ID, CallID: x.CallID})
}

// seatAt is who takes calls at an extension; empty: nobody who may.
func (s *Service) seatAt(ctx context.Context, extension string) (models.ID, error) {
	staff, err := s.Extensions.StaffAt(ctx, extension)
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	m, err := s.Staff.StaffByID(ctx, staff)
	if err != nil || !m.Can(MayTakeCalls) || m.Demo && s.Production {
		return "", err
	}
	return staff, nil
}

// openByTelephone opens a call for an agent whose telephone was lifted at an instant of the exchange's clock. Without a call
// the outcome says why: nobody is logged in at the seat ("no_session"), or a younger call is open ("overtaken").
func (s *Service) openByTelephone(ctx context.Context, staff models.ID, x ExchangeCall, source string, at time.Time) (id models.ID, outcome string, err error) {
	m, err := s.Staff.StaffByID(ctx, staff)
	if err != nil {
		return "", "", err
	}
	old, err := s.Calls.OpenCallOf(ctx, staff)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return "", "", err
	}
	if on, err := s.loggedIn(ctx, staff, old); err != nil || !on {
		return "", "no_session", err
	}
	if old.OpenedAt.After(at) && old.EndedAt.IsZero() {
		return "", "overtaken", nil
	}
	if err := s.closeLeft(ctx, s.agentOf(old), old, "next_call"); err != nil {
		return "", "", err
	}
	now := s.Clock.Now()
	call := Call{
		ID: models.NewID(), StaffID: staff, Caller: x.Number, Source: source, ExchangeRef: x.Ref, AskedFact: drawFact(),
		Level: LevelNone, Strength: StrengthNone, District: m.District, Department: m.Department, OpenedAt: now, UsedAt: now, Version: 1,
	}
	if err := s.Calls.CreateCall(ctx, call); err != nil {
		return "", "", err
	}
	return call.ID, "opened", s.record(ctx, s.agentOf(call), "hotline.call.opened", "calls", string(call.ID), "done", "source", source)
}

// loggedIn reports whether an agent has a session that lives; call is the agent's open one.
func (s *Service) loggedIn(ctx context.Context, staff models.ID, call Call) (bool, error) {
	session, err := s.Sessions.SessionOf(ctx, staff)
	if errors.Is(err, models.ErrNotFound) {
		return false, nil
	}
	return err == nil && session.overAt(s.Clock.Now(), call) == "", err
}

// ended notes that a conversation is over. The call goes on for the agent's notes when no other leg of it is up; one that
// nobody answered is shown as missed, and is called back if the caller asked for it.
func (s *Service) ended(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	if !x.EndedAt.IsZero() {
		return "repeated", nil
	}
	x.EndedAt = e.At
	if err := s.Telephone.UpdateConversation(ctx, x); err != nil {
		return "", err
	}
	if x.CallID != "" {
		call, err := s.Calls.CallByID(ctx, x.CallID)
		if err != nil {
			return "", err
		}
		return "ended", s.endIfSilent(ctx, call)
	}
	if !x.AnsweredAt.IsZero() || x.Outgoing {
		return "ended", nil
	}
	if err := s.missed(ctx, x); err != nil || x.StaffID == "" {
		return "missed", err
	}
	return "missed", s.tell(ctx, x.StaffID, ConsoleEvent{Kind: "missed", ExchangeCallID: x.ID})
}

// endIfSilent marks a call whose caller is gone: nothing more is looked up in it.
func (s *Service) endIfSilent(ctx context.Context, call Call) error {
	if !call.ClosedAt.IsZero() || !call.EndedAt.IsZero() || call.ExchangeRef == "" {
		return nil
	}
	now := s.Clock.Now()
	up, err := s.Telephone.LegsUp(ctx, call.ID, now.Add(-dialFor))
	if err != nil || up > 0 {
		return err
	}
	call.EndedAt = now
	if err := s.Calls.UpdateCall(ctx, call); err != nil {
		return err
	}
	if err := s.record(ctx, s.agentOf(call), "hotline.call.ended", "calls", string(call.ID), "done"); err != nil {
		return err
	}
	return s.tell(ctx, call.StaffID, ConsoleEvent{Kind: "ended", CallID: call.ID})
}

// dialled is what became of a call that the exchange made for us: for a check of the phone on file, or for a promise.
func (s *Service) dialled(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	answered := e.Kind == CallBackAnswered
	switch {
	case !x.Outgoing:
		return "unknown_call", nil
	case !x.AnsweredAt.IsZero() || !x.EndedAt.IsZero() && !answered:
		return "repeated", nil
	case answered:
		x.AnsweredAt = e.At
	default:
		x.EndedAt = e.At
	}
	late := answered && (!x.EndedAt.IsZero() || e.At.After(x.MadeAt.Add(dialFor)))
	outcome := ""
	var err error
	if x.CallBackID != "" && !late {
		if outcome, err = s.promised(ctx, &x, e); err != nil {
			return "", err
		}
	}
	if err := s.Telephone.UpdateConversation(ctx, x); err != nil {
		return "", err
	}
	switch {
	case x.CheckID != "":
		return s.checkedByCall(ctx, x, answered)
	case late:
		return "too_late", nil
	}
	return outcome, nil
}

// wantsCallBack notes that a waiting caller keyed 1.
func (s *Service) wantsCallBack(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	if e.Digits.Reveal() != missedDigit || x.Outgoing || x.WantsCallBack {
		return "not_asked", nil
	}
	x.WantsCallBack = true
	if err := s.Telephone.UpdateConversation(ctx, x); err != nil {
		return "", err
	}
	if x.AnsweredAt.IsZero() && !x.EndedAt.IsZero() { // told after the end
		return "promised", s.missed(ctx, x)
	}
	return "noted", nil
}
