package store_test

import (
	"context"
	"crypto/hmac"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// solve finds the answer of a challenge as nobody else can: with the key of its digest.
func (r *citizenRig) solve(t *testing.T, c citizen.ChallengeShown) citizen.ChallengeAnswer {
	t.Helper()
	row, err := r.db.Challenges().Challenge(t.Context(), c.ID)
	require.NoError(t, err)
	for n := range 10_000 {
		if hmac.Equal(row.Digest, r.db.Digests("challenge", fmt.Sprintf("%s:%d", c.ID, n))[0]) {
			return citizen.ChallengeAnswer{ID: c.ID, Answer: fmt.Sprint(n)}
		}
	}
	require.Fail(t, "no number is the answer")
	return citizen.ChallengeAnswer{}
}

func (r *citizenRig) challenge(t *testing.T, by models.Actor, kind citizen.ChallengeKind) citizen.ChallengeShown {
	t.Helper()
	c, err := r.MakeChallenge(t.Context(), by, kind)
	require.NoError(t, err)
	require.Equal(t, kind, c.Kind)
	require.NotEqual(t, kind, c.Other, "the other way is always offered")
	require.Equal(t, kind == citizen.ChallengePicture, len(c.Picture) > 0)
	require.Equal(t, r.clock.Now().Add(citizen.ChallengeLife), c.ExpiresAt)
	return c
}

func with(a citizen.ChallengeAnswer) citizen.Claim {
	c := wang()
	c.Challenge = a
	return c
}

func TestR61_AThirdCodeOfASessionNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		r.free = 2
		by := r.readyToBind(t, "o-1")
		ask := func(a citizen.ChallengeAnswer) error {
			_, err := r.RequestBindingCode(t.Context(), by, with(a))
			return err
		}
		for range 2 {
			require.NoError(t, ask(citizen.ChallengeAnswer{}))
			r.clock.Advance(time.Minute)
		}
		var required *models.Error
		require.ErrorAs(t, ask(citizen.ChallengeAnswer{}), &required)
		require.Equal(t, citizen.ErrChallengeRequired.Code, required.Code)
		require.Equal(t, "/v1/challenges", required.Extra["challenge"], "where one is to be had")
		for _, kind := range []citizen.ChallengeKind{citizen.ChallengePicture, citizen.ChallengeQuestion} {
			answer := r.solve(t, r.challenge(t, by, kind))
			require.ErrorIs(t, ask(citizen.ChallengeAnswer{ID: answer.ID, Answer: "1"}), citizen.ErrChallengeWrong)
			require.NoError(t, ask(answer))
			r.clock.Advance(time.Minute)
			require.ErrorIs(t, ask(answer), citizen.ErrChallengeOver, "one answer, one code")
		}
		require.NoError(t, func() error { _, err := r.ConfirmBinding(t.Context(), by, r.sms.code(notice.Code)); return err }())
		rows, err := r.db.AuditOf(t.Context(), "challenges", string(firstChallenge(t, r)))
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Equal(t, []string{"refused", "passed"}, []string{rows[0].Result, rows[1].Result})
	})
}

func firstChallenge(t *testing.T, r *citizenRig) (id models.ID) {
	t.Helper()
	require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT id FROM challenges ORDER BY id LIMIT 1").Scan(&id))
	return id
}

func TestR61_APhoneChangeNeedsTheAnswerToo(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-1", wang())
		r.free = 0
		_, _, err := r.RequestPhoneChange(t.Context(), by, "13600000006", citizen.ChallengeAnswer{})
		require.ErrorIs(t, err, citizen.ErrChallengeRequired)
		answer := r.solve(t, r.challenge(t, by, citizen.ChallengeQuestion))
		_, _, err = r.RequestPhoneChange(t.Context(), by, wangPhone, answer)
		require.ErrorIs(t, err, citizen.ErrPhoneSame)
		_, _, err = r.RequestPhoneChange(t.Context(), by, "13600000006", citizen.ChallengeAnswer{ID: answer.ID})
		require.NoError(t, err, "answered once, it opens one code, whatever went wrong before")
	})
}

func TestR61_AWrongAnswerCosts(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		r.free = 0
		by := r.readyToBind(t, "o-1")
		c := r.challenge(t, by, citizen.ChallengePicture)
		right := r.solve(t, c)
		_, errs := countWins(atOnce(8, func(int) error {
			_, err := r.RequestBindingCode(t.Context(), by, with(citizen.ChallengeAnswer{ID: c.ID, Answer: "1111"}))
			return err
		}))
		wrong := 0
		for _, err := range errs {
			if models.KindOf(err) == models.Invalid {
				require.ErrorIs(t, err, citizen.ErrChallengeWrong)
				wrong++
				continue
			}
			require.ErrorIs(t, err, citizen.ErrChallengeOver)
		}
		require.Equal(t, citizen.ChallengeTries, wrong)
		_, err := r.RequestBindingCode(t.Context(), by, with(right))
		require.ErrorIs(t, err, citizen.ErrChallengeOver, "too late for the right one")
		require.Zero(t, r.registry.asked, "nobody was looked up for it")

		late := r.solve(t, r.challenge(t, by, citizen.ChallengePicture))
		r.clock.Advance(citizen.ChallengeLife)
		_, err = r.RequestBindingCode(t.Context(), by, with(late))
		require.ErrorIs(t, err, citizen.ErrChallengeOver)
		stranger := r.readyToBind(t, "o-2")
		mine := r.solve(t, r.challenge(t, by, citizen.ChallengeQuestion))
		_, err = r.RequestBindingCode(t.Context(), stranger, with(mine))
		require.ErrorIs(t, err, citizen.ErrChallengeOver, "it is its session's")
		_, err = r.RequestBindingCode(t.Context(), by, with(mine))
		require.NoError(t, err)
	})
}

func TestAnAnsweredChallengeOpensOneCodeOfMany(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		answer := r.solve(t, r.challenge(t, by, citizen.ChallengeQuestion))
		require.Error(t, r.db.Challenges().UseChallenge(t.Context(), answer.ID, by.SessionID, r.clock.Now()), "not before it is answered")
		require.NoError(t, r.db.Challenges().PassChallenge(t.Context(), answer.ID, r.clock.Now()))
		n, others := countWins(atOnce(8, func(int) error {
			return r.db.Challenges().UseChallenge(t.Context(), answer.ID, by.SessionID, r.clock.Now())
		}))
		require.Equal(t, 1, n)
		for _, err := range others {
			require.ErrorIs(t, err, models.ErrConflict)
		}
	})
}

// The same request sent again finds its first result: neither a second code nor a refusal because its challenge is used up.
func TestARepeatedRequestFindsTheCodeThatItsChallengeOpened(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		r.free = 0
		by := r.readyToBind(t, "o-1")
		claim := with(r.solve(t, r.challenge(t, by, citizen.ChallengeQuestion)))
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "requestBindingCode", Key: "k-1", BodyMAC: []byte("m")})
		first, err := r.RequestBindingCode(keyed, by, claim)
		require.NoError(t, err)
		again, err := r.RequestBindingCode(keyed, by, claim)
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID)
		var codes int
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM one_time_codes").Scan(&codes))
		require.Equal(t, 1, codes)
	})
}

func TestChallengesOfASessionAreFew(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		for range citizen.ChallengesPerHour {
			r.challenge(t, by, citizen.ChallengeQuestion)
			r.clock.Advance(time.Second)
		}
		_, err := r.MakeChallenge(t.Context(), by, citizen.ChallengeQuestion)
		requireAfter(t, err, citizen.ErrChallengeLimit, time.Hour-citizen.ChallengesPerHour*time.Second)
		r.challenge(t, r.readyToBind(t, "o-2"), citizen.ChallengePicture)
		r.clock.Advance(time.Hour)
		r.challenge(t, by, citizen.ChallengeQuestion)
		for _, kind := range []citizen.ChallengeKind{"", "slider"} {
			_, err = r.MakeChallenge(t.Context(), by, kind)
			require.Equal(t, models.Invalid, models.KindOf(err))
		}
		_, err = r.MakeChallenge(context.Background(), models.Actor{Kind: models.SystemActor}, citizen.ChallengePicture)
		require.ErrorIs(t, err, citizen.ErrSessionInvalid)
		r.clock.Advance(4 * 24 * time.Hour)
		require.NoError(t, r.Forget(t.Context()))
		require.Empty(t, dump(t, r.db, "challenges"))
	})
}
