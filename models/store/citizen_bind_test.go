package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func TestR52_OnePersonManyAccountsOneAccountOnePerson(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		first := r.bound(t, "o-1", wang())
		require.Equal(t, models.LevelPhone, first.Level)
		require.True(t, first.ForSelf())
		r.clock.Advance(2 * time.Minute)
		second := r.bound(t, "o-2", wang())
		require.Equal(t, first.ID, second.ID)

		_, err := r.RequestBindingCode(t.Context(), first, citizen.Claim{Name: "李雪梅", IDNumber: liID, Phone: "13900000002"})
		require.ErrorIs(t, err, citizen.ErrAlreadyBound)
		at, err := r.BoundAt(t.Context(), first.AccountID)
		require.NoError(t, err)
		require.Equal(t, start, at)
	})
}

func TestR52_UnknownPersonWrongNameAndWrongPhoneAreOneAnswer(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		for name, claim := range map[string]citizen.Claim{
			"unknown person":  {Name: "王建国", IDNumber: "810000199408230021", Phone: wangPhone},
			"wrong name":      {Name: "王建华", IDNumber: wangID, Phone: wangPhone},
			"wrong phone":     {Name: "王建国", IDNumber: wangID, Phone: "13700000009"},
			"somebody else's": {Name: "王建国", IDNumber: liID, Phone: wangPhone},
		} {
			by := r.readyToBind(t, "o-"+strings.ReplaceAll(name, " ", "-"))
			asked := r.registry.asked
			_, err := r.RequestBindingCode(t.Context(), by, claim)
			require.Equal(t, citizen.ErrIdentityNotMatched, err, name) // the very same value: code, text, no cause
			require.Equal(t, asked+1, r.registry.asked, "each costs one question to the registry")
			require.Empty(t, r.sms.drafts, "nothing is sent")
			_, err = r.ConfirmBinding(t.Context(), by, "000000")
			require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		}
	})
}

func TestR52_SixthTryOfTheDay(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		wrong := citizen.Claim{Name: "王建华", IDNumber: wangID, Phone: wangPhone}
		by := r.readyToBind(t, "o-1")
		for range 5 {
			_, err := r.RequestBindingCode(t.Context(), by, wrong)
			require.ErrorIs(t, err, citizen.ErrIdentityNotMatched)
		}
		var refused *models.Error
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.ErrorAs(t, err, &refused)
		require.Equal(t, citizen.ErrBindTriesUsedUp.Code, refused.Code)
		require.Equal(t, models.RateLimited, refused.Kind)
		require.Equal(t, models.NextMidnight(start).Sub(start), refused.RetryAfter)

		other := r.readyToBind(t, "o-2") // the ID number is used up on every account
		_, err = r.RequestBindingCode(t.Context(), other, wang())
		require.ErrorIs(t, err, citizen.ErrBindTriesUsedUp)
		_, err = r.RequestBindingCode(t.Context(), other, citizen.Claim{Name: "李雪梅", IDNumber: liID, Phone: "13900000002"})
		require.NoError(t, err, "a refused try costs the account nothing")

		r.clock.Set(models.NextMidnight(start))
		_, err = r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
	})
}

func TestR52_TriesAreCountedBeforeAskingSoManyAtOnceGainNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		errs := atOnce(12, func(int) error {
			_, err := r.RequestBindingCode(t.Context(), by, citizen.Claim{Name: "王建华", IDNumber: wangID, Phone: wangPhone})
			return err
		})
		matched, limited := 0, 0
		for _, err := range errs {
			switch models.KindOf(err) {
			case models.Invalid:
				matched++
			case models.RateLimited:
				limited++
			}
		}
		require.Equal(t, 5, matched)
		require.Equal(t, 7, limited)
		require.Equal(t, 5, r.registry.asked)
	})
}

func TestR52_RegistryDownCostsNoTry(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		r.registry.down = true
		for range 7 {
			_, err := r.RequestBindingCode(t.Context(), by, wang())
			require.ErrorIs(t, err, models.ErrUnavailable)
		}
		r.registry.down = false
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
	})
}

func TestR52_NameNumberAndOwnPhoneNeverBind(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, citizen.Claim{Name: "王建国", IDNumber: wangID, Phone: "13700000009"})
		require.ErrorIs(t, err, citizen.ErrIdentityNotMatched)

		// The registry changes the phone between the code and its use: the code proves a phone it no longer holds.
		_, err = r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		d := r.sms.last(notice.Code)
		phone, err := r.db.Persons().NoticePhone(t.Context(), d.PersonID, d.To, d.ToRef)
		require.NoError(t, err)
		require.Equal(t, wangPhone, phone.Reveal())
		moved := fact(t, "P-1", "王建国", wangID, "13600000006")
		moved.Version = 2
		require.NoError(t, r.ApplyPerson(t.Context(), moved))
		_, err = r.ConfirmBinding(t.Context(), by, r.sms.code(notice.Code))
		require.ErrorIs(t, err, citizen.ErrCodeInvalid)
	})
}

func TestR52_OpenIDsOfAnyLengthUpTo128(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		for _, n := range []int{1, 28, 128} {
			_, err := r.LogIn(t.Context(), citizen.LogInInput{Platform: models.AlipayMini, Code: "code-" + strings.Repeat("z", n)})
			require.NoError(t, err)
		}
		_, err := r.LogIn(t.Context(), citizen.LogInInput{Platform: models.AlipayMini, Code: "code-" + strings.Repeat("z", 129)})
		require.ErrorIs(t, err, models.ErrUnavailable)
		// The same open id of another app is another account.
		a, _ := r.logIn(t, "same")
		b, err := r.LogIn(t.Context(), citizen.LogInInput{Platform: models.AlipayMini, Code: "code-same"})
		require.NoError(t, err)
		require.NotEqual(t, a.AccountID, b.Session.AccountID)
	})
}

func TestR52_OfManyPeopleOnOneAccountOneWins(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		var sessions []models.Actor
		var codes []string
		people := []citizen.Claim{wang(), {Name: "李雪梅", IDNumber: liID, Phone: "13900000002"}}
		for _, p := range people { // two devices of one account, two people
			by := r.readyToBind(t, "o-1")
			_, err := r.RequestBindingCode(t.Context(), by, p)
			require.NoError(t, err)
			sessions, codes = append(sessions, by), append(codes, r.sms.code(notice.Code))
		}
		n, others := countWins(atOnce(2, func(i int) error {
			_, err := r.ConfirmBinding(context.WithoutCancel(t.Context()), sessions[i], codes[i])
			return err
		}))
		require.Equal(t, 1, n)
		require.ErrorIs(t, others[0], citizen.ErrAlreadyBound)
	})
}
