package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Unbind takes the actor's platform account off her (level fresh). The binding's own data go: the account's person,
// its checks; consents and audit rows stay as evidence, and the registry's records are not ours to delete. Every
// session of the account ends with it, this one too. ErrNotBound where there is nothing to take off.
func (s *Service) Unbind(ctx context.Context, by models.Actor) error {
	if err := s.Gate.Allow(ctx, by, models.ActUnbind); err != nil {
		return err
	}
	account, err := s.account(ctx, by)
	if err != nil {
		return err
	}
	return s.takeOff(ctx, by, account, string(by.SessionID))
}

// Bindings lists the platform accounts that are bound to the actor, the oldest first.
func (s *Service) Bindings(ctx context.Context, by models.Actor) ([]Account, error) {
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return nil, err
	}
	if err := boundCitizen(by); err != nil {
		return nil, err
	}
	return s.Accounts.AccountsOf(ctx, by.ID)
}

// UnbindOther takes another platform account off the actor, as Unbind its own: it is how she gets rid of one that somebody
// else bound in her name. models.ErrNotFound for an account that is not bound to her; the refusals of Unbind.
func (s *Service) UnbindOther(ctx context.Context, by models.Actor, id models.ID) error {
	if err := s.Gate.Allow(ctx, by, models.ActUnbind); err != nil {
		return err
	}
	if _, err := s.account(ctx, by); err != nil {
		return err
	}
	account, err := s.Accounts.Account(ctx, id)
	if err != nil {
		return err
	}
	if by.ID == "" || account.PersonID != by.ID {
		return models.ErrNotFound
	}
	return s.takeOff(ctx, by, account, string(models.NewID()))
}

// takeOff unbinds an account of the actor's. fact makes the notice of it one of its own.
func (s *Service) takeOff(ctx context.Context, by models.Actor, account Account, fact string) error {
	now := s.Clock.Now()
	told := by
	told.AccountID, told.Channel = account.ID, account.Platform
	var ended []Session
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		if err := s.Checks.DeleteChecksOf(ctx, account.ID); err != nil { // before the account, as a check that ends does
			return err
		}
		if err := s.Accounts.UnbindAccount(ctx, account.ID, by.ID); err != nil {
			if errors.Is(err, models.ErrConflict) {
				return ErrNotBound.Because(err)
			}
			return err
		}
		over, err := s.Sessions.EndSessions(ctx, SessionOwner{Account: account.ID}, EndedByUnbind, now)
		if err != nil {
			return err
		}
		ended = over
		if err := s.tellBound(ctx, told, by.ID, notice.Unbound, fact, now); err != nil {
			return err
		}
		return s.Decisions.RecordAudit(ctx, audit.Of(by, now, "citizen.account.unbound", "platform_accounts", string(account.ID), "done"))
	})
	s.drop(ctx, ended...)
	return err
}
