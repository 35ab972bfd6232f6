package citizen

import (
	"context"
	"time"

	"onecard/models"
)

// MakeChallenge puts a challenge of the kind that the citizen can answer, for a further code in her session (R61).
// ErrChallengeLimit after many in an hour: guessing is by answers, and each challenge has few. Asked twice it makes two.
func (s *Service) MakeChallenge(ctx context.Context, by models.Actor, kind ChallengeKind) (ChallengeShown, error) {
	other := ChallengeQuestion
	switch kind {
	case ChallengePicture:
	case ChallengeQuestion:
		other = ChallengePicture
	default:
		return ChallengeShown{}, models.InvalidInput(models.FieldError{Field: "kind", Code: "ENUM", Message: "请选择看图填数字或者文字问题。"})
	}
	if by.SessionID == "" {
		return ChallengeShown{}, ErrSessionInvalid
	}
	now := s.Clock.Now()
	made, err := s.Challenges.ChallengesSince(ctx, by.SessionID, now.Add(-time.Hour))
	if err != nil {
		return ChallengeShown{}, err
	}
	if len(made) >= ChallengesPerHour {
		return ChallengeShown{}, ErrChallengeLimit.After(made[len(made)-ChallengesPerHour].Add(time.Hour).Sub(now))
	}
	asked := newRiddle(kind)
	c := Challenge{ID: models.NewID(), SessionID: by.SessionID, Kind: kind, MadeAt: now, ExpiresAt: now.Add(ChallengeLife)}
	c.Digest = s.Decisions.Digests("challenge", challengeText(c.ID, asked.answer))[0]
	shown := ChallengeShown{ID: c.ID, Kind: kind, Other: other, Question: asked.question, ExpiresAt: c.ExpiresAt}
	if kind == ChallengePicture {
		if shown.Picture, err = drawDigits(asked.answer, newSeed()); err != nil {
			return ChallengeShown{}, err
		}
	}
	return shown, s.Challenges.AddChallenge(ctx, c)
}
