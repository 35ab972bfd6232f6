package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// answerChallenge takes one try of the challenge that came with a request, in a commit of its own: a wrong answer is spent
// whatever becomes of the request. One that was answered before is let through: whether it still opens anything is decided
// with the code, so that the same request sent again finds its first result. Nothing answered is nothing done.
func (s *Service) answerChallenge(ctx context.Context, by models.Actor, a ChallengeAnswer) error {
	if a.ID == "" {
		return nil
	}
	now := s.Clock.Now()
	var refused error
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		c, err := s.Challenges.TryChallenge(ctx, a.ID, by.SessionID, now)
		if errors.Is(err, models.ErrNotFound) {
			return s.answeredBefore(ctx, by, a.ID)
		}
		if err != nil {
			return err
		}
		result := "passed"
		if !sameDigest(s.Decisions.Digests("challenge", challengeText(c.ID, inDigits(a.Answer))), c.Digest) {
			result, refused = "refused", ErrChallengeWrong
		} else if err := s.Challenges.PassChallenge(ctx, c.ID, now); err != nil {
			return err
		}
		entry := audit.Of(by, now, "citizen.challenge.answered", "challenges", string(c.ID), result)
		return s.Decisions.RecordAudit(ctx, entry.Noting("kind", string(c.Kind)))
	})
	if err != nil {
		return err
	}
	return refused
}

func (s *Service) answeredBefore(ctx context.Context, by models.Actor, id models.ID) error {
	c, err := s.Challenges.Challenge(ctx, id)
	if err == nil && c.SessionID == by.SessionID && !c.PassedAt.IsZero() {
		return nil
	}
	if err == nil || errors.Is(err, models.ErrNotFound) {
		return ErrChallengeOver.Because(err)
	}
	return err
}

// spendChallenge uses up the answered challenge of a request, together with the code that is sent for it. Where none is
// asked for yet, an answered one is kept.
func (s *Service) spendChallenge(ctx context.Context, by models.Actor, use CodeUse, free int, id models.ID) error {
	if use.SessionDay < free {
		return nil
	}
	if id == "" {
		return ErrChallengeRequired.With("challenge", "/v1/challenges")
	}
	err := s.Challenges.UseChallenge(ctx, id, by.SessionID, s.Clock.Now())
	if errors.Is(err, models.ErrConflict) {
		return ErrChallengeOver.Because(err)
	}
	return err
}

// challengeFirst refuses what would be refused for want of a challenge, before anything is spent on it. What decides is
// spendChallenge, with the code.
func (s *Service) challengeFirst(ctx context.Context, by models.Actor, a ChallengeAnswer, free int) error {
	if a.ID != "" {
		return nil
	}
	n, err := s.Codes.SessionCodes(ctx, by.SessionID, s.Clock.Now())
	if err == nil && n >= free {
		err = ErrChallengeRequired.With("challenge", "/v1/challenges")
	}
	return err
}
