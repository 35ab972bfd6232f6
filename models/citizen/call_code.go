package citizen

import (
	"context"
	"math"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// CodeForCall is the purpose of a code that a caller of 12333 keys in: it proves her phone in that call and opens nothing
// else.
const CodeForCall CodePurpose = "call"

// SendCallCode sends a code to the phone on file of the person of a call, under the limits of every code (R61). It belongs
// to the call, joins the caller's transaction, and is asked for by an agent who never sees it, so no small question stands
// before it. ErrCodeTooSoon, ErrCodeLimit, ErrCodeBudget; models.ErrNotFound without a phone on file.
func (s *Service) SendCallCode(ctx context.Context, by models.Actor, call, person models.ID) (time.Time, error) {
	rules, err := s.codeRules(ctx)
	if err != nil {
		return time.Time{}, err
	}
	p, err := s.Persons.Person(ctx, person)
	if err != nil {
		return time.Time{}, err
	}
	if p.Phone.IsZero() {
		return time.Time{}, models.ErrNotFound
	}
	by.SessionID, rules.free = call, math.MaxInt
	sent, err := s.sendCode(ctx, by, codeOrder{
		id: models.NewID(), purpose: CodeForCall, kind: notice.CodeCall, person: person, phone: p.Phone, to: notice.ToRegistryPhone,
	}, rules)
	return sent.ExpiresAt, err
}

// TryCallCode takes one try of the open code of a call. It joins the caller's transaction, which must commit: a wrong try is
// spent. ErrCodeInvalid where no code is open.
func (s *Service) TryCallCode(ctx context.Context, call models.ID, digits string) (bool, error) {
	_, right, err := s.spendCode(ctx, models.Actor{Kind: models.SystemActor, Channel: models.Phone12333, SessionID: call}, CodeForCall, digits)
	return right, err
}
