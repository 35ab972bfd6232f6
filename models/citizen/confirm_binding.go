package citizen

import (
	"context"

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
		var code Code
		var err error
		if code, right, err = s.spendCode(ctx, by, CodeForBinding, digits); err != nil || !right {
			return err
		}
		person, err := s.Persons.Person(ctx, code.PersonID)
		if err != nil {
			return err
		}
		if !sameDigest(s.Decisions.Digests("code_phone", person.Phone.Reveal()), code.PhoneKey) {
			return ErrCodeInvalid
		}
		raised, err = s.bind(ctx, by, person, ByRegistryPhone, noCheck)
		return err
	})
	if err != nil {
		return Raised{}, err
	}
	if !right {
		return Raised{}, ErrCodeInvalid
	}
	s.forget(ctx, raised)
	return raised, nil
}
