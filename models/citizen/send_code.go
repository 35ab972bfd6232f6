package citizen

import (
	"context"
	"crypto/hmac"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// codeOrder is a code to be sent.
type codeOrder struct {
	id      models.ID
	purpose CodePurpose
	kind    notice.Kind
	person  models.ID
	object  models.ID
	phone   models.Phone // the phone it goes to, for counting only; the notice finds the number by itself
	to      notice.Destination
	passed  models.ID // the answered challenge that came with the request, empty where none did
}

// codeRules are the settings that a code is held against.
type codeRules struct{ budget, free int }

func (s *Service) codeRules(ctx context.Context) (codeRules, error) {
	now := s.Clock.Now()
	budget, err := s.Policy.CodesPerDay(ctx, now)
	if err != nil {
		return codeRules{}, err
	}
	free, err := s.Policy.CodesBeforeChallenge(ctx, now)
	return codeRules{budget, free}, err
}

// ref is the row whose phone the notice takes: the change that holds the new phone, or the code itself, which says
// "the registry's phone and no other" (see store.NoticePhone).
func (o codeOrder) ref() models.ID {
	if o.object != "" {
		return o.object
	}
	return o.id
}

// sendCode commits a code, its counters, its challenge, its notice and its audit row; it joins the caller's transaction. The digits
// leave by the notice, sealed, and are kept nowhere else. R61's limits are counted in the database.
func (s *Service) sendCode(ctx context.Context, by models.Actor, o codeOrder, rules codeRules) (CodeSent, error) {
	now := s.Clock.Now()
	phones := s.Decisions.Digests("code_phone", o.phone.Reveal())
	use, err := s.Codes.CodeUse(ctx, phones, by.SessionID, now)
	if err != nil {
		return CodeSent{}, err
	}
	if err := use.refusal(now, rules.budget); err != nil {
		return CodeSent{}, err
	}
	if err := s.spendChallenge(ctx, by, use, rules.free, o.passed); err != nil {
		return CodeSent{}, err
	}
	id, digits := o.id, newDigits()
	code := Code{
		ID: id, Purpose: o.purpose, SessionID: by.SessionID, PersonID: o.person, ObjectID: o.object, PhoneKey: phones[0],
		Digest: s.Decisions.Digests("code", codeText(id, digits))[0], SentAt: now, ExpiresAt: now.Add(CodeLife),
	}
	if err := s.Codes.AddCode(ctx, code); err != nil {
		return CodeSent{}, err
	}
	err = s.Decisions.AddNotice(ctx, notice.Draft{
		Cause: "code:" + string(id), Kind: o.kind, PersonID: o.person, Secret: notice.NewSecret(digits),
		To: o.to, ToRef: o.ref(), At: now, Expires: code.ExpiresAt,
	})
	if err != nil {
		return CodeSent{}, err
	}
	entry := audit.Of(by, now, "citizen.code.sent", "one_time_codes", string(id), "done").About(o.person)
	return sentOf(code), s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(o.purpose)))
}

func sentOf(c Code) CodeSent {
	return CodeSent{ID: c.ID, ExpiresAt: c.ExpiresAt, RetryAfter: CodeGap}
}

// spendCode takes one try of the open code for a session and purpose. Right digits use it up; wrong ones leave the
// try spent, so the caller must commit: right says which. ErrCodeInvalid where no code is open.
func (s *Service) spendCode(ctx context.Context, by models.Actor, purpose CodePurpose, digits string) (code Code, right bool, err error) {
	now := s.Clock.Now()
	code, err = s.Codes.TryCode(ctx, by.SessionID, purpose, now)
	if err != nil {
		return Code{}, false, codeRefusal(err)
	}
	if !sameDigest(s.Decisions.Digests("code", codeText(code.ID, digits)), code.Digest) {
		entry := audit.Of(by, now, "citizen.code.refused", "one_time_codes", string(code.ID), "refused")
		return code, false, s.Decisions.RecordAudit(ctx, entry)
	}
	return code, true, codeRefusal(s.Codes.UseCode(ctx, code.ID, now))
}

// codeRefusal makes every way in which a code is not there any more one answer.
func codeRefusal(err error) error {
	switch models.KindOf(err) {
	case models.NotFound, models.Conflict:
		return ErrCodeInvalid.Because(err)
	}
	return err
}

// sameDigest reports whether one of the digests is want.
func sameDigest(digests [][]byte, want []byte) bool {
	for _, d := range digests {
		if hmac.Equal(d, want) {
			return true
		}
	}
	return false
}
