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
	now := s.Clock.Now()
	var ended []Session
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		if err := s.Checks.DeleteChecksOf(ctx, account.ID); err != nil { // before the account, as a check that ends does
			return err
		}
		if err := s.Accounts.UnbindAccount(ctx, account.ID, by.ID); err != nil {
			if errors.Is(err, models.ErrConflict) {
				return ErrNotBound.Because(err)
			}
			return err
		}
		if ended, err = s.Sessions.EndSessions(ctx, SessionOwner{Account: account.ID}, EndedByUnbind, now); err != nil {
			return err
		}
		if err := s.tellBound(ctx, by, by.ID, notice.Unbound, string(by.SessionID), now); err != nil {
			return err
		}
		return s.Decisions.RecordAudit(ctx, audit.Of(by, now, "citizen.account.unbound", "platform_accounts", string(account.ID), "done"))
	})
	s.drop(ctx, ended...)
	return err
}
