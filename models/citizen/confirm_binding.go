package citizen

import (
	"context"
	"errors"

	"onecard/models"
)

// ConfirmBinding binds the actor's account by the code sent for it (level phone). The code, the account, the session
// and the audit row change together; of many callers with the right code one wins.
//
// ErrCodeInvalid for a wrong, used, old or killed code (five tries), and where the registry's phone changed in
// between; ErrAlreadyBound where the account got another person meanwhile.
func (s *Service) ConfirmBinding(ctx context.Context, by models.Actor, digits string) (Raised, error) {
	if err := s.Gate.Allow(ctx, by, models.ActBind); err != nil {
		return Raised{}, err
	}
	if _, err := s.account(ctx, by); err != nil {
		return Raised{}, err
	}
	var raised Raised
	var right bool
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		open, err := s.Codes.OpenCode(ctx, by.SessionID, CodeForBinding)
		if err != nil {
			return codeRefusal(err)
		}
		person, err := s.Persons.LockPerson(ctx, open.PersonID) // before the code: who asks for one locks in this order
		if err != nil {
			return err
		}
		var code Code
		if code, right, err = s.spendCode(ctx, by, CodeForBinding, digits); err != nil || !right {
			return err
		}
		if code.PersonID != person.ID {
			return ErrCodeInvalid // replaced a moment ago by one for somebody else
		}
		if !sameDigest(s.Decisions.Digests("code_phone", person.Phone.Reveal()), code.PhoneKey) {
			return ErrCodeInvalid
		}
		raised, err = s.bind(ctx, by, person.ID, ByRegistryPhone, noCheck)
		return err
	})
	if errors.Is(err, ErrIdentityNotMatched) {
		err = s.refuseClaim(ctx, by, err)
	}
	if err != nil {
		return Raised{}, err
	}
	if !right {
		return Raised{}, ErrCodeInvalid
	}
	s.forget(ctx, raised)
	return raised, nil
}
