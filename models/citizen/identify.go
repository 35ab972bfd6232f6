package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// Claim is who someone says she is, as typed.
type Claim struct {
	Name       string
	IDNumber   string
	Phone      string // only where a code is asked for
	PhoneProof string // instead of Phone: what the platform gave the client; it only saves typing
	Challenge  ChallengeAnswer
}

// claimed is a claim in good form.
type claimed struct {
	name  models.Name
	id    models.IDNumber
	phone models.Phone
}

// read checks the form of every field and names all that is wrong at once. One wrong field answers with its own code.
func (s *Service) read(c Claim, withPhone bool) (claimed, error) {
	var out claimed
	var wrong []*models.Error
	var fields []models.FieldError
	note := func(field string, err error) {
		var e *models.Error
		if errors.As(err, &e) {
			wrong = append(wrong, e)
			fields = append(fields, models.FieldError{Field: field, Code: e.Code, Message: e.Message})
		}
	}
	var err error
	if out.name, err = models.ParseName(c.Name); err != nil {
		note("name", err)
	}
	if out.id, err = models.ParseIDNumber(c.IDNumber, s.Clock.Now()); err != nil {
		note("id_number", err)
	}
	if withPhone {
		if out.phone, err = models.ParsePhone(c.Phone); err != nil {
			note("phone", err)
		}
	}
	switch len(wrong) {
	case 0:
		return out, nil
	case 1:
		one := *wrong[0]
		one.Fields = fields
		return out, &one
	}
	return out, models.InvalidInput(fields...)
}

// bindTries is how often a day someone may claim to be a person, per platform account and per ID number (R52).
const bindTries = 5

// checkTries is how often a day an account may begin a real-person check of a person already matched.
const checkTries = 20

func (s *Service) tryKeys(account models.ID, id models.IDNumber) [][]byte {
	return [][]byte{[]byte("account:" + account), s.Decisions.Digests("bind_try", id.Reveal())[0]}
}

// takeTry counts an attempt before anything is looked up, so that asking many times at once gains nothing.
func (s *Service) takeTry(ctx context.Context, keys [][]byte, limit int) error {
	now := s.Clock.Now()
	left := false
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		var err error
		left, err = s.Tries.TakeTry(ctx, keys, models.DateOf(now), limit)
		return err
	})
	if err == nil && !left {
		return ErrBindTriesUsedUp.After(models.NextMidnight(now).Sub(now))
	}
	return err
}

// giveBackTry forgets an attempt that was right, or that the registry could not answer.
func (s *Service) giveBackTry(ctx context.Context, keys [][]byte) {
	if err := s.Tries.GiveBackTry(context.WithoutCancel(ctx), keys, models.DateOf(s.Clock.Now())); err != nil {
		s.Log.WarnContext(ctx, "attempt not given back", "error", err)
	}
}

// match asks the registry whether the claim is true. Whatever is wrong with it, the answer is ErrIdentityNotMatched,
// after the same work and at the same moment (R52): unknown person, wrong name, wrong phone, no phone on file, or a
// person who cannot act online. ErrBindTriesUsedUp after five attempts of the day.
func (s *Service) match(ctx context.Context, by models.Actor, c claimed, withPhone bool) (PersonFact, [][]byte, error) {
	keys := s.tryKeys(by.AccountID, c.id)
	if err := s.takeTry(ctx, keys, bindTries); err != nil {
		return PersonFact{}, nil, s.refuseClaim(ctx, by, err)
	}
	answer := s.paced()
	fact, err := s.Registry.MatchPerson(ctx, c.name, c.id)
	switch {
	case err != nil && !errors.Is(err, ErrNoMatch):
		s.giveBackTry(ctx, keys)
		return PersonFact{}, nil, err
	case err != nil, withPhone && fact.Phone != c.phone, !(Person{PersonFact: fact}).MayActOnline():
		refused := s.refuseClaim(ctx, by, ErrIdentityNotMatched)
		answer(ctx)
		return PersonFact{}, nil, refused
	}
	return fact, keys, nil
}

// refuseClaim writes down that a claim to be somebody was refused, and answers the refusal; what is no refusal but an
// outage is answered as it is. The row names the account and the session that claimed, and the code, never who was
// meant: it is the same row for every cause, written before the answer is held to its moment, so it tells nobody
// which it was. A caller who has hung up is written down all the same.
func (s *Service) refuseClaim(ctx context.Context, by models.Actor, refusal error) error {
	var e *models.Error
	if !errors.As(refusal, &e) || e.Kind == models.Internal || e.Kind == models.Unavailable {
		return refusal
	}
	entry := audit.Of(by, s.Clock.Now(), "citizen.claim.refused", "platform_accounts", string(by.AccountID), "refused").About("")
	entry = entry.Noting("session", string(by.SessionID)).Noting("code", e.Code)
	err := s.Decisions.InTx(context.WithoutCancel(ctx), func(ctx context.Context) error {
		return s.Decisions.RecordAudit(ctx, entry)
	})
	if err != nil {
		return err
	}
	return refusal
}

// remember writes a fact of the registry into our copy and answers the row. It joins the transaction.
func (s *Service) remember(ctx context.Context, fact PersonFact) (Person, error) {
	if err := s.ApplyPersons(ctx, []PersonFact{fact}); err != nil {
		return Person{}, err
	}
	return s.Persons.PersonByRef(ctx, fact.Ref)
}

// account is the platform account behind the actor, for acts that need one. A borrowed phone has none (R67).
func (s *Service) account(ctx context.Context, by models.Actor) (Account, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return Account{}, ErrSessionInvalid
	}
	if by.AccountID == "" {
		return Account{}, ErrBorrowedPhone
	}
	return s.Accounts.Account(ctx, by.AccountID)
}

// ErrBorrowedPhone is an act that belongs to a platform account, tried on a borrowed phone.
var ErrBorrowedPhone = models.NewError(models.Forbidden, "BORROWED_PHONE", "借用他人手机时不能办理绑定类业务,请使用本人手机,或到社保卡服务网点办理;也可拨打12333。")
