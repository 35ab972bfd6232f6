package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
)

// RequestBindingCode sends a code to the phone the registry holds for the person named by name, ID number and that
// phone. A code to any other phone is never sent: name, ID number and one's own phone do not bind (R52).
//
// Unknown person, wrong name and wrong phone are one answer, ErrIdentityNotMatched, at one moment; the sixth attempt of
// the day on an account or an ID number is ErrBindTriesUsedUp. ErrAlreadyBound before anything is looked up,
// ErrConsentRequired without the privacy notice, and R61's limits. ErrChallengeRequired for a further code of one session;
// ErrChallengeWrong and ErrChallengeOver about the answer that came with it, before anything is looked up.
func (s *Service) RequestBindingCode(ctx context.Context, by models.Actor, in Claim) (CodeSent, error) {
	account, err := s.mayBind(ctx, by)
	if err != nil {
		return CodeSent{}, err
	}
	rules, err := s.codeRules(ctx)
	if err != nil {
		return CodeSent{}, err
	}
	if err := s.answerChallenge(ctx, by, in.Challenge); err != nil {
		return CodeSent{}, err
	}
	if in.Phone == "" && in.PhoneProof != "" {
		if err := s.challengeFirst(ctx, by, in.Challenge, rules.free); err != nil {
			return CodeSent{}, err // a platform takes a proof once
		}
		phone, err := s.shownPhone(ctx, account, in.PhoneProof)
		if err != nil {
			return CodeSent{}, err
		}
		in.Phone = phone.Reveal()
	}
	c, err := s.read(in, true)
	if err != nil {
		return CodeSent{}, err
	}
	fact, tries, err := s.match(ctx, by, c, true)
	if err != nil {
		return CodeSent{}, err
	}
	var sent CodeSent
	id := models.NewID()
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "one_time_codes", string(id))
		if err != nil {
			return err
		}
		if prior != "" {
			code, err := s.Codes.Code(ctx, models.ID(prior))
			sent = sentOf(code)
			return err
		}
		person, err := s.remember(ctx, fact)
		if err != nil {
			return err
		}
		sent, err = s.sendCode(ctx, by, codeOrder{
			id: id, purpose: CodeForBinding, kind: notice.Code, person: person.ID, phone: person.Phone, to: notice.ToRegistryPhone,
			passed: in.Challenge.ID,
		}, rules)
		return err
	})
	s.giveBackTry(ctx, tries) // the claim was right; codes have limits of their own
	return sent, err
}

// mayBind answers the account of an actor who may bind now.
func (s *Service) mayBind(ctx context.Context, by models.Actor) (Account, error) {
	if err := s.Gate.Allow(ctx, by, models.ActBind); err != nil {
		return Account{}, err
	}
	account, err := s.account(ctx, by)
	if err != nil {
		return Account{}, err
	}
	if account.Bound() {
		return Account{}, ErrAlreadyBound
	}
	return account, s.RequireConsent(ctx, by, string(PurposePrivacyNotice))
}

// shownPhone is the phone the user let the platform show us.
func (s *Service) shownPhone(ctx context.Context, a Account, proof string) (models.Phone, error) {
	if len(proof) > 4096 {
		return models.Phone{}, ErrLoginCodeInvalid
	}
	for _, p := range s.Phones {
		if p.Platform() == a.Platform && p.AppID() == a.AppID {
			return p.PhoneNumber(ctx, proof)
		}
	}
	return models.Phone{}, ErrPlatformUnknown
}
