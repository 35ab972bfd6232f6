package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// callBackFor is how long after it was asked for a call back may be confirmed by the agent's word.
const callBackFor = 30 * time.Minute

// callBackReasons are why a whole number may be shown, or dialled (R54).
var callBackReasons = map[string]bool{"loss_report": true, "full_verification": true, "relative_speaks": true}

// CallBackAsked is a call back to the phone on file that is under way.
type CallBackAsked struct {
	Dial  models.Phone // what the agent dials; empty where the exchange does
	Check PhoneCheck   // what the exchange dials for; zero where the agent does
}

// AskCallBack has the phone on file called now. Where the exchange dials, the agent sees no number, and the answer is the
// exchange's word; elsewhere it gives the agent the number: the only place where the console shows a whole one. It needs
// Basic and a reason, and is audited for the citizen to read. It stays open while look-ups are locked, because a loss
// report does (R58). ErrReasonRequired, ErrVerificationRequired, ErrNoPhoneOnFile, ErrNoExtension, ErrExchangeRefused.
func (s *Service) AskCallBack(ctx context.Context, by models.Actor, callID models.ID, reason string) (CallBackAsked, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return CallBackAsked{}, err
	}
	if !callBackReasons[reason] {
		return CallBackAsked{}, ErrReasonRequired
	}
	if call.Level == LevelNone {
		return CallBackAsked{}, ErrVerificationRequired
	}
	p, err := s.People.PersonByID(ctx, call.PersonID)
	if err != nil {
		return CallBackAsked{}, err
	}
	if p.Phone.IsZero() {
		return CallBackAsked{}, ErrNoPhoneOnFile
	}
	if s.dialsOut() {
		return s.dialPhoneOnFile(ctx, by, call, p, reason)
	}
	now := s.Clock.Now()
	call.CallBackAt, call.UsedAt = now, now
	over := 0
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Calls.UpdateCall(ctx, call); err != nil {
			return err
		}
		if over, err = s.countLookUp(ctx, by, call, p.ID, "call_back"); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, p.ID
		return s.record(ctx, by, "hotline.phone.shown", "calls", string(call.ID), "done", "reason", reason)
	})
	if err != nil {
		return CallBackAsked{}, err
	}
	s.watch(ctx, by, over)
	return CallBackAsked{Dial: p.Phone}, nil
}

func (s *Service) dialsOut() bool { return s.Exchange != nil && s.Exchange.DialsOut() }

// dialPhoneOnFile commits the check and the conversation, then calls the exchange. Asked again while one is under way,
// nothing is dialled twice.
func (s *Service) dialPhoneOnFile(ctx context.Context, by models.Actor, call Call, p Person, reason string) (CallBackAsked, error) {
	extension, err := s.Extensions.ExtensionOf(ctx, by.ID)
	if err != nil {
		return CallBackAsked{}, err
	}
	if extension == "" {
		return CallBackAsked{}, ErrNoExtension
	}
	now, over, fresh := s.Clock.Now(), 0, false
	number, _ := ParseCallerNumber(p.Phone.Reveal()) // to be dialled
	check := PhoneCheck{
		ID: models.NewID(), CallID: call.ID, PersonID: p.ID, Kind: CheckByCallBack, State: CheckAsked, AskedBy: by.ID, AskedAt: now,
		ExpiresAt: now.Add(dialFor), Version: 1,
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "phone_checks", string(check.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			check, err = s.PhoneChecks.PhoneCheckByID(ctx, models.ID(prior))
			return err
		}
		open, err := s.PhoneChecks.OpenPhoneCheck(ctx, call.ID, CheckByCallBack)
		if err == nil && now.Before(open.ExpiresAt) {
			check = open
			return nil
		}
		if err == nil {
			_, err = s.settleCheck(ctx, open, CheckLapse)
		}
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		fresh = true
		if err := s.PhoneChecks.AddPhoneCheck(ctx, check); err != nil {
			return err
		}
		_, err = s.Telephone.HoldConversation(ctx, ExchangeCall{
			ID: models.NewID(), Ref: string(check.ID), Outgoing: true, Extension: extension, StaffID: by.ID, Number: number, CallID: call.ID,
			CheckID: check.ID, MadeAt: now,
		})
		if err != nil {
			return err
		}
		if over, err = s.countLookUp(ctx, by, call, p.ID, "call_back"); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, p.ID
		return s.record(ctx, by, "hotline.phone.dialled", "phone_checks", string(check.ID), "done", "reason", reason)
	})
	if err != nil || !fresh {
		return CallBackAsked{Check: check}, err
	}
	s.watch(ctx, by, over)
	err = s.Exchange.Dial(ctx, DialOrder{Ref: string(check.ID), Extension: extension, Number: number})
	if errors.Is(err, ErrExchangeRefused) {
		return CallBackAsked{}, errors.Join(err, s.notDialled(ctx, check))
	}
	return CallBackAsked{Check: check}, nil // without an answer it may ring all the same: the event tells
}

// notDialled ends a check whose call the exchange surely did not make.
func (s *Service) notDialled(ctx context.Context, check PhoneCheck) error {
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.endDial(ctx, string(check.ID)); err != nil {
			return err
		}
		_, err := s.settleCheck(ctx, check, CheckRefuse)
		return err
	})
	if errors.Is(err, models.ErrConflict) {
		return nil
	}
	return err
}

// ConfirmCallBack records, where the exchange cannot dial, the agent's word that the holder answered on the phone on file
// (or, for false, that nobody did). Answered, it opens a loss report, recorded as the weaker proof that it is.
// ErrCheckByExchange where the exchange dials; ErrCallBackNotAsked outside its 30 minutes.
func (s *Service) ConfirmCallBack(ctx context.Context, by models.Actor, callID models.ID, answered bool) (Call, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return Call{}, err
	}
	if s.dialsOut() {
		return Call{}, ErrCheckByExchange
	}
	now := s.Clock.Now()
	if call.CallBackAt.IsZero() || now.Sub(call.CallBackAt) > callBackFor {
		return Call{}, ErrCallBackNotAsked
	}
	result := "not_answered"
	if answered {
		result = "answered"
		call.raise(StrengthCallBackSaid)
	}
	call.CallBackAt, call.UsedAt = time.Time{}, now
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Calls.UpdateCall(ctx, call); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, call.PersonID
		return s.record(ctx, by, "hotline.call_back.confirmed", "calls", string(call.ID), result, "strength", string(call.Strength))
	})
	return call, err
}

// checkedByCall settles a check by the exchange's word about the call that was dialled for it.
func (s *Service) checkedByCall(ctx context.Context, x ExchangeCall, answered bool) (string, error) {
	check, err := s.PhoneChecks.PhoneCheckByID(ctx, x.CheckID)
	if err != nil {
		return "", err
	}
	call, err := s.Calls.CallByID(ctx, check.CallID)
	if err != nil {
		return "", err
	}
	if check.State != CheckAsked || !s.Clock.Now().Before(check.ExpiresAt) || !call.ClosedAt.IsZero() {
		return "too_late", nil
	}
	result, on := "not_answered", CheckFail
	if answered {
		result, on = "answered", CheckPass
	}
	if _, err := s.settleCheck(ctx, check, on); err != nil {
		return "", err
	}
	if answered {
		err = s.prove(ctx, call, StrengthCallBack)
	} else {
		err = s.endIfSilent(ctx, call)
	}
	if err != nil {
		return "", err
	}
	if err := s.record(ctx, s.agentOf(call), "hotline.call_back.confirmed", "phone_checks", string(check.ID), result); err != nil {
		return "", err
	}
	return result, s.tell(ctx, call.StaffID, ConsoleEvent{Kind: "called_back", CallID: call.ID, Result: result})
}
