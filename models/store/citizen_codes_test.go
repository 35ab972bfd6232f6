package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func requireAfter(t *testing.T, err error, want *models.Error, after time.Duration) {
	t.Helper()
	var refused *models.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, want.Code, refused.Code)
	require.Equal(t, after, refused.RetryAfter)
}

func TestR61_OneAMinuteFiveAnHourTenADay(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		ask := func(by models.Actor) error {
			_, err := r.RequestBindingCode(t.Context(), by, wang())
			return err
		}
		by := r.readyToBind(t, "o-1")
		require.NoError(t, ask(by))
		r.clock.Advance(59 * time.Second)
		requireAfter(t, ask(by), citizen.ErrCodeTooSoon, time.Second)
		other := r.readyToBind(t, "o-2")
		requireAfter(t, ask(other), citizen.ErrCodeTooSoon, time.Second) // the limit is the phone's, not the session's
		r.clock.Advance(time.Second)
		for range 4 {
			require.NoError(t, ask(by))
			r.clock.Advance(time.Minute)
		}
		// Sent at minutes 0, 1, 2, 3, 4; it is minute 5: the sixth waits until the first is an hour old.
		requireAfter(t, ask(by), citizen.ErrCodeLimit, 55*time.Minute)
		r.clock.Set(start.Add(2 * time.Hour))
		for range 5 {
			require.NoError(t, ask(other))
			r.clock.Advance(time.Minute)
		}
		r.clock.Set(start.Add(4 * time.Hour)) // ten today
		requireAfter(t, ask(by), citizen.ErrCodeLimit, models.NextMidnight(start).Sub(r.clock.Now()))
		r.clock.Set(models.NextMidnight(start))
		require.NoError(t, ask(by))
	})
}

func TestR61_ManyAtOnceForOnePhoneSendOne(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		sessions := make([]models.Actor, 6)
		for i := range sessions {
			sessions[i] = r.readyToBind(t, "o-"+string(rune('a'+i)))
		}
		n, others := countWins(atOnce(len(sessions), func(i int) error {
			_, err := r.RequestBindingCode(t.Context(), sessions[i], wang())
			return err
		}))
		require.Equal(t, 1, n)
		for _, err := range others {
			require.Equal(t, models.RateLimited, models.KindOf(err))
		}
	})
}

func TestR61_BudgetsOfSessionAndOfTheDay(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		r.budget = 1
		_, err := r.RequestBindingCode(t.Context(), r.readyToBind(t, "o-1"), wang())
		require.NoError(t, err)
		_, err = r.RequestBindingCode(t.Context(), r.readyToBind(t, "o-2"), citizen.Claim{Name: "李雪梅", IDNumber: liID, Phone: "13900000002"})
		require.ErrorIs(t, err, citizen.ErrCodeBudget)
	})
}

func TestR61_ACodeLivesFiveMinutesAndWorksOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		old := r.sms.code(notice.Code)
		require.Regexp(t, `^\d{6}$`, old)
		r.clock.Advance(citizen.CodeLife)
		_, err = r.ConfirmBinding(t.Context(), by, old)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		require.Equal(t, models.Unauthenticated, models.KindOf(err), "a dead code is 401")

		_, err = r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		code := r.sms.code(notice.Code)
		stranger := r.readyToBind(t, "o-2")
		_, err = r.ConfirmBinding(t.Context(), stranger, code)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "a code belongs to the session that asked")
		_, err = r.ConfirmPhoneChange(t.Context(), by, code)
		require.Error(t, err, "and to its purpose")
		raised, err := r.ConfirmBinding(t.Context(), by, code)
		require.NoError(t, err)
		_, err = r.ConfirmBinding(t.Context(), r.actor(t, raised.Token), code)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "a used code")
	})
}

func TestR61_FiveWrongTriesKillACode(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		right := r.sms.code(notice.Code)
		wrong := "000000"
		if wrong == right {
			wrong = "000001"
		}
		for range 5 {
			_, err = r.ConfirmBinding(t.Context(), by, wrong)
			require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		}
		_, err = r.ConfirmBinding(t.Context(), by, right)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid)
	})
}

func TestR61_OfManyCallersWithTheCodeOneBinds(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		code := r.sms.code(notice.Code)
		n, others := countWins(atOnce(8, func(int) error {
			_, err := r.ConfirmBinding(t.Context(), by, code)
			return err
		}))
		require.Equal(t, 1, n)
		for _, err := range others {
			require.ErrorIs(t, err, citizen.ErrCodeInvalid)
		}
	})
}

func TestR61_ACodeIsNowhereInTheDatabase(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.readyToBind(t, "o-1")
		_, err := r.RequestBindingCode(t.Context(), by, wang())
		require.NoError(t, err)
		digits := r.sms.code(notice.Code)
		for _, table := range []string{"one_time_codes", "notices", "persons", "code_budgets", "bind_tries"} {
			for _, planted := range []string{digits, wangPhone, wangID, "王建国"} {
				require.NotContains(t, dump(t, r.db, table), planted, table)
			}
		}
	})
}
