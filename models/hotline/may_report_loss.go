package hotline

import (
	"context"
	"errors"
	"slices"

	"onecard/models"
)

// MayReportLoss answers the card capability's question before an agent's loss report: which strength of verification
// stands behind it (R33), to be recorded with the report. It reads only, and inside the report's transaction if
// there is one. ErrNoActiveCall without an open call of the actor's own; ErrVerificationRequired unless the actor's
// subject is the person of that call, known by Full, or by Basic with the phone on file. A lock on look-ups does not
// close it (R58).
func (s *Service) MayReportLoss(ctx context.Context, by models.Actor) (string, error) {
	strength, err := s.knownCaller(ctx, by)
	if err != nil {
		return "", err
	}
	return strength, s.Gate.Allow(ctx, by, models.ActLoss) // the channel may be switched off
}

// RelativeMaySpeak answers the card capability's question about a relative on the line (R33): the holder came to the phone and
// answered the questions of R58 herself, or the phone on file was called back in this call and she answered.
// ErrHolderNotReached otherwise; and what MayReportLoss refuses.
func (s *Service) RelativeMaySpeak(ctx context.Context, by models.Actor, reached string) error {
	strength, err := s.knownCaller(ctx, by)
	if err != nil {
		return err
	}
	if slices.Contains(Strength(strength).HolderReached(), reached) {
		return nil
	}
	return ErrHolderNotReached
}

// MayCancelPhoneChange answers the citizen capability's question before an agent stops a change of phone: the same
// proof as for a loss report, since both only protect and can be undone. Nothing switches it off.
func (s *Service) MayCancelPhoneChange(ctx context.Context, by models.Actor) (string, error) {
	return s.knownCaller(ctx, by)
}

// MayRevokeHelper answers the same before an agent ends a family helper's powers for the caller.
func (s *Service) MayRevokeHelper(ctx context.Context, by models.Actor) (string, error) {
	return s.knownCaller(ctx, by)
}

// knownCaller is the strength behind an agent's actor whose subject is the person of the agent's open call.
func (s *Service) knownCaller(ctx context.Context, by models.Actor) (string, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return "", err
	}
	if by.CallID == "" {
		return "", ErrNoActiveCall
	}
	call, err := s.Calls.CallByID(ctx, by.CallID)
	if errors.Is(err, models.ErrNotFound) {
		return "", ErrNoActiveCall
	}
	if err != nil {
		return "", err
	}
	if call.StaffID != by.ID || call.LeftAt(s.Clock.Now()) {
		return "", ErrNoActiveCall
	}
	if !call.Strength.OpensLoss() || call.PersonID == "" || call.PersonID != by.Subject {
		return "", ErrVerificationRequired
	}
	return string(call.Strength), nil
}

// ActorIn is the agent acting in the call named by the path, for a use case of another capability: its subject is
// the call's person and its level what the verification proved. The same refusals as any look into a call.
func (s *Service) ActorIn(ctx context.Context, by models.Actor, callID models.ID) (models.Actor, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return models.Actor{}, err
	}
	in := actorOf(Session{ID: by.SessionID, StaffID: by.ID}, call, s.Clock.Now())
	if in.Subject == "" {
		return models.Actor{}, ErrVerificationRequired
	}
	return in, nil
}

// ProtectingActorIn is ActorIn for an act that only protects and can be undone: a loss report, or stopping a change of phone.
// What the caller agreed to on the line is not lost with it: her proof stands until the call is closed. Nobody is looked
// up by it.
func (s *Service) ProtectingActorIn(ctx context.Context, by models.Actor, callID models.ID) (models.Actor, error) {
	call, err := s.ownCall(ctx, by, callID)
	if err != nil {
		return models.Actor{}, err
	}
	in := actorOf(Session{ID: by.SessionID, StaffID: by.ID}, call, s.Clock.Now())
	if in.Subject, in.Level = call.proved(); in.Subject == "" {
		return models.Actor{}, ErrVerificationRequired
	}
	return in, nil
}
