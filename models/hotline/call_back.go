package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// callBackFor is how long after it was asked for a call back may be confirmed.
const callBackFor = 30 * time.Minute

// callBackReasons are why a whole number may be shown (R54).
var callBackReasons = map[string]bool{"loss_report": true, "full_verification": true, "relative_speaks": true}

// AskCallBack gives the agent the phone on file, to be dialled now: the only place where the console shows a whole
// number. It needs Basic and a reason, and is audited for the citizen to read. It stays open while look-ups are
// locked, because a loss report does (R58). ErrReasonRequired, ErrVerificationRequired, ErrNoPhoneOnFile.
func (s *Service) AskCallBack(ctx context.Context, by models.Actor, callID models.ID, reason string) (models.Phone, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return models.Phone{}, err
	}
	if !callBackReasons[reason] {
		return models.Phone{}, ErrReasonRequired
	}
	if call.Level == LevelNone {
		return models.Phone{}, ErrVerificationRequired
	}
	p, err := s.People.PersonByID(ctx, call.PersonID)
	if err != nil {
		return models.Phone{}, err
	}
	if p.Phone.IsZero() {
		return models.Phone{}, ErrNoPhoneOnFile
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
		return models.Phone{}, err
	}
	s.watch(ctx, by, over)
	return p.Phone, nil
}

// ConfirmCallBack records that the holder answered on the phone on file (or, for false, that nobody did). Answered,
// it opens a loss report; with the whole ID number given, Full. ErrCallBackNotAsked outside its 30 minutes.
func (s *Service) ConfirmCallBack(ctx context.Context, by models.Actor, callID models.ID, answered bool) (Call, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return Call{}, err
	}
	now := s.Clock.Now()
	if call.CallBackAt.IsZero() || now.Sub(call.CallBackAt) > callBackFor {
		return Call{}, ErrCallBackNotAsked
	}
	result := "not_answered"
	if answered {
		result = "answered"
		call.raise(StrengthCallBack)
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
