package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// PhoneCheckKind is how the phone on file is proved.
type PhoneCheckKind string

// The kinds: a code sent there and keyed in by the caller, or a call to it that is answered.
const (
	CheckByCode     PhoneCheckKind = "code"
	CheckByCallBack PhoneCheckKind = "call_back"
)

// PhoneCheckState is where a check stands; PhoneCheckEvent moves it.
type (
	PhoneCheckState string
	PhoneCheckEvent string
)

// The states and events of a check.
const (
	CheckAsked   PhoneCheckState = "asked"
	CheckPassed  PhoneCheckState = "passed"
	CheckFailed  PhoneCheckState = "failed"
	CheckLapsed  PhoneCheckState = "lapsed"
	CheckRefused PhoneCheckState = "refused" // by the exchange: nothing was rung or asked

	CheckPass   PhoneCheckEvent = "pass"
	CheckFail   PhoneCheckEvent = "fail"
	CheckLapse  PhoneCheckEvent = "lapse"
	CheckRefuse PhoneCheckEvent = "refuse"
)

// PhoneCheckFlow is the life of a check of the phone on file.
var PhoneCheckFlow = flow.New("phone_check", CheckAsked,
	flow.Edge[PhoneCheckState, PhoneCheckEvent]{From: CheckAsked, On: CheckPass, To: CheckPassed},
	flow.Edge[PhoneCheckState, PhoneCheckEvent]{From: CheckAsked, On: CheckFail, To: CheckFailed},
	flow.Edge[PhoneCheckState, PhoneCheckEvent]{From: CheckAsked, On: CheckLapse, To: CheckLapsed},
	flow.Edge[PhoneCheckState, PhoneCheckEvent]{From: CheckAsked, On: CheckRefuse, To: CheckRefused},
)

// dialFor is how long a call back that we asked for may ring; codeDigits is the length of a code, keyFor the time to key it.
const (
	dialFor    = 2 * time.Minute
	codeDigits = 6
	keyFor     = 60 * time.Second
)

// PhoneCheck is one check of the caller's phone on file, for one call.
type PhoneCheck struct {
	ID        models.ID
	CallID    models.ID
	PersonID  models.ID
	Kind      PhoneCheckKind
	State     PhoneCheckState
	Tries     int
	AskedBy   models.ID
	AskedAt   time.Time
	ExpiresAt time.Time
	SettledAt time.Time
	Version   int
}

// TriesLeft is how many codes may still be keyed.
func (c PhoneCheck) TriesLeft(most int) int { return max(0, most-c.Tries) }

// settle moves the check, guarded: of two events one wins.
func (s *Service) settleCheck(ctx context.Context, c PhoneCheck, on PhoneCheckEvent) (PhoneCheck, error) {
	from := c.State
	to, err := PhoneCheckFlow.Next(from, on)
	if err != nil {
		return c, models.ErrConflict.Because(err)
	}
	c.State, c.SettledAt = to, s.Clock.Now()
	return c, s.PhoneChecks.UpdatePhoneCheck(ctx, c, from)
}

// AskPhoneCode sends a code to the phone on file and has the exchange take it from the caller's keys: the agent never sees
// it, and nobody speaks it. It needs a call by telephone, known at Basic, with look-ups open (R58). Asked again while a
// code is open, no second one is sent: the exchange asks once more. ErrNotByTelephone, ErrNoExchange, ErrExchangeRefused,
// the limits of R61, and the refusals of every look into a call.
func (s *Service) AskPhoneCode(ctx context.Context, by models.Actor, callID models.ID) (PhoneCheck, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return PhoneCheck{}, err
	}
	switch {
	case call.Level == LevelNone:
		return PhoneCheck{}, ErrVerificationRequired
	case call.ExchangeRef == "":
		return PhoneCheck{}, ErrNotByTelephone
	case s.Exchange == nil:
		return PhoneCheck{}, ErrNoExchange
	}
	p, err := s.openPerson(ctx, call)
	if err != nil {
		return PhoneCheck{}, err
	}
	if p.Phone.IsZero() {
		return PhoneCheck{}, ErrNoPhoneOnFile
	}
	check, err := s.codeCheck(ctx, by, call, p)
	if err != nil {
		return PhoneCheck{}, err
	}
	return check, s.askDigits(ctx, call, check)
}

// codeCheck is the open check of the call, or a new one with its code, in one commit.
func (s *Service) codeCheck(ctx context.Context, by models.Actor, call Call, p Person) (check PhoneCheck, err error) {
	now := s.Clock.Now()
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		id := models.NewID()
		prior, err := s.Journal.Remember(ctx, by, "phone_checks", string(id))
		if err != nil {
			return err
		}
		if prior != "" {
			check, err = s.PhoneChecks.PhoneCheckByID(ctx, models.ID(prior))
			return err
		}
		check, err = s.PhoneChecks.OpenPhoneCheck(ctx, call.ID, CheckByCode)
		if err == nil && now.Before(check.ExpiresAt) {
			return nil
		}
		if err == nil {
			_, err = s.settleCheck(ctx, check, CheckLapse)
		}
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		by.CallID, by.Subject = call.ID, p.ID
		check = PhoneCheck{ID: id, CallID: call.ID, PersonID: p.ID, Kind: CheckByCode, State: CheckAsked, AskedBy: by.ID, AskedAt: now, Version: 1}
		if check.ExpiresAt, err = s.Codes.SendCallCode(ctx, by, call.ID, p.ID); err != nil {
			return err
		}
		if err := s.PhoneChecks.AddPhoneCheck(ctx, check); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.phone_code.sent", "phone_checks", string(check.ID), "done")
	})
	return check, err
}

// askDigits calls the exchange, after the commit. A refusal is sure, and leaves the code valid for another try; an answer
// that does not come may still lead to one.
func (s *Service) askDigits(ctx context.Context, call Call, check PhoneCheck) error {
	if check.State != CheckAsked {
		return nil
	}
	err := s.Exchange.AskDigits(ctx, DigitsOrder{Question: string(check.ID), CallRef: call.ExchangeRef, Digits: codeDigits, For: keyFor})
	if errors.Is(err, ErrExchangeRefused) {
		return err
	}
	return nil
}

// keyed compares what the caller keyed with the code that was sent. It runs in the event's transaction; again is whether
// the exchange must ask once more, after the commit.
func (s *Service) keyed(ctx context.Context, x ExchangeCall, e TelephoneEvent) (outcome string, again *PhoneCheck, err error) {
	id, err := models.ParseID(e.Question)
	if err != nil {
		return "unknown_question", nil, nil //nolint:nilerr // an answer to no question of ours
	}
	check, err := s.PhoneChecks.PhoneCheckByID(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return "unknown_question", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	call, err := s.Calls.CallByID(ctx, check.CallID)
	if err != nil {
		return "", nil, err
	}
	now := s.Clock.Now()
	switch {
	case check.Kind != CheckByCode || check.State != CheckAsked || !now.Before(check.ExpiresAt):
		return "too_late", nil, nil
	case call.ExchangeRef != x.Ref || !call.ClosedAt.IsZero() || !call.EndedAt.IsZero():
		return "another_call", nil, nil
	}
	if e.Digits.digits == "" { // nothing was keyed in time
		return "nothing_keyed", nil, s.tell(ctx, call.StaffID, ConsoleEvent{Kind: "keyed", CallID: call.ID, Result: "nothing", TriesLeft: check.TriesLeft(s.Times.CodeTries)})
	}
	right, err := s.Codes.TryCallCode(ctx, call.ID, e.Digits.Reveal())
	if err != nil && models.KindOf(err) != models.Unauthenticated {
		return "", nil, err
	}
	by := s.agentOf(call)
	outcome = "no_match"
	switch {
	case right:
		outcome = "match"
		check, err = s.settleCheck(ctx, check, CheckPass)
		if err == nil {
			err = s.prove(ctx, call, StrengthPhoneCode)
		}
	case check.Tries+1 >= s.Times.CodeTries || err != nil: // used up, or the code is no more
		check.Tries++
		check, err = s.settleCheck(ctx, check, CheckFail)
	default:
		check.Tries++
		err = s.PhoneChecks.UpdatePhoneCheck(ctx, check, CheckAsked)
		again = &check
	}
	if err != nil {
		return "", nil, err
	}
	if err := s.record(ctx, by, "hotline.phone_code.keyed", "phone_checks", string(check.ID), outcome); err != nil {
		return "", nil, err
	}
	return outcome, again, s.tell(ctx, call.StaffID, ConsoleEvent{Kind: "keyed", CallID: call.ID, Result: outcome, TriesLeft: check.TriesLeft(s.Times.CodeTries)})
}

// prove raises what is known of the caller. The call's version makes it stand in line with the agent's own tries.
func (s *Service) prove(ctx context.Context, call Call, to Strength) error {
	call.raise(to)
	call.UsedAt = s.Clock.Now()
	return s.Calls.UpdateCall(ctx, call)
}

// agentOf is the actor of what the exchange says about an agent's call.
func (s *Service) agentOf(call Call) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: call.StaffID, Channel: models.Phone12333, CallID: call.ID, Subject: call.PersonID, Level: models.LevelPlatform}
}

// LapsePhoneChecks ends checks that nobody answered in time; more says whether there may be further ones.
func (s *Service) LapsePhoneChecks(ctx context.Context, most int) (more bool, err error) {
	list, err := s.PhoneChecks.PhoneChecksLapsed(ctx, s.Clock.Now(), most)
	if err != nil {
		return false, err
	}
	for _, c := range list {
		if _, err := s.settleCheck(ctx, c, CheckLapse); err != nil && !errors.Is(err, models.ErrConflict) {
			return false, err
		}
	}
	return len(list) == most, nil
}
