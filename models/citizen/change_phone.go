package citizen

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// RequestPhoneChange begins a change of the phone our messages go to (level fresh) and sends a code to the new phone.
// A repeat replaces an earlier request that was not proven. ErrPhoneSame, ErrPhoneChangeOpen while one is waiting, and
// R61's limits with their challenge, as in RequestBindingCode.
func (s *Service) RequestPhoneChange(ctx context.Context, by models.Actor, number string, answer ChallengeAnswer) (PhoneChange, CodeSent, error) {
	if err := s.Gate.Allow(ctx, by, models.ActChangePhone); err != nil {
		return PhoneChange{}, CodeSent{}, err
	}
	phone, err := models.ParsePhone(number)
	if err != nil {
		return PhoneChange{}, CodeSent{}, err
	}
	now := s.Clock.Now()
	rules, err := s.codeRules(ctx)
	if err != nil {
		return PhoneChange{}, CodeSent{}, err
	}
	if err := s.answerChallenge(ctx, by, answer); err != nil {
		return PhoneChange{}, CodeSent{}, err
	}
	change := PhoneChange{ID: models.NewID(), PersonID: by.ID, NewPhone: phone, State: PhoneChangeRequested, RequestedAt: now}
	var sent CodeSent
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "phone_changes", string(change.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			if change, err = s.PhoneChanges.PhoneChange(ctx, models.ID(prior)); err != nil {
				return err
			}
			sent = CodeSent{ExpiresAt: change.RequestedAt.Add(CodeLife), RetryAfter: CodeGap}
			return nil
		}
		person, err := s.Persons.LockPerson(ctx, by.ID)
		if err != nil {
			return err
		}
		if person.ReachedAt() == phone {
			return ErrPhoneSame
		}
		if err := s.clearUnproven(ctx, by, now); err != nil {
			return err
		}
		if err := s.PhoneChanges.AddPhoneChange(ctx, change); err != nil {
			return asOpenChange(err)
		}
		entry := audit.Of(by, now, "citizen.phone_change.requested", "phone_changes", string(change.ID), string(change.State))
		if err := s.Decisions.RecordAudit(ctx, entry); err != nil {
			return err
		}
		sent, err = s.sendCode(ctx, by, codeOrder{
			id: models.NewID(), purpose: CodeForPhoneChange, kind: notice.CodePhoneChange, person: by.ID, object: change.ID, phone: phone,
			to: notice.ToPendingPhone, passed: answer.ID,
		}, rules)
		return err
	})
	return change, sent, err
}

// clearUnproven ends an earlier request whose code was never entered; one that waits stands in the way.
func (s *Service) clearUnproven(ctx context.Context, by models.Actor, now time.Time) error {
	open, err := s.PhoneChanges.OpenPhoneChange(ctx, by.ID)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if open.State != PhoneChangeRequested {
		return ErrPhoneChangeOpen
	}
	return s.movePhoneChange(ctx, by, open, NeverProven, now)
}

func asOpenChange(err error) error {
	if errors.Is(err, models.ErrConflict) {
		return ErrPhoneChangeOpen.Because(err)
	}
	return err
}

// movePhoneChange writes one step of a change and its audit row, with codes to note in it; it joins the transaction.
func (s *Service) movePhoneChange(ctx context.Context, by models.Actor, c PhoneChange, on PhoneChangeEvent, at time.Time, notes ...string) error {
	next, err := c.After(on, at)
	if err != nil {
		return err
	}
	if err := s.PhoneChanges.AdvancePhoneChange(ctx, next, c.State); err != nil {
		return err
	}
	entry := audit.Of(by, at, "citizen.phone_change."+string(on), "phone_changes", string(c.ID), string(next.State))
	for i := 0; i+1 < len(notes); i += 2 {
		entry = entry.Noting(notes[i], notes[i+1])
	}
	return s.Decisions.RecordAudit(ctx, entry.About(c.PersonID))
}
