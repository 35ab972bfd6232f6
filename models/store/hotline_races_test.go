package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// inCall is an agent of her own with an open call.
func (s *seat) inCall(login, caller string) (models.Actor, models.ID) {
	s.t.Helper()
	staff := agentOnFile(s.t, s.db, login)
	by := models.Actor{Kind: models.AgentActor, ID: staff.ID, Channel: models.Phone12333}
	call, err := s.OpenCall(s.t.Context(), by, caller)
	require.NoError(s.t, err)
	by.CallID = call.ID
	return by, call.ID
}

// TestR58_FiveFailuresOfADayLockHoweverManyAskAtOnce: every seat of the hotline tries the same number in the same
// moment, each in a call of its own. Five are answered, nobody gets a sixth, and the right answer then finds the door
// shut, all but the loss report.
func TestR58_FiveFailuresOfADayLockHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]struct {
		answer hotline.VerifyInput
		caller string
		key    hotline.FailureKey
	}{
		"the whole number": {
			hotline.VerifyInput{Name: "王大明", IDNumber: "410303198001010015"}, "",
			hotline.FailureKey{Scope: hotline.FactID, Value: "410303198001010015"},
		},
		"the last six": {
			hotline.VerifyInput{Name: "王大明", IDLast6: "010015"}, "", hotline.FailureKey{Scope: hotline.FactLast6, Value: "010015"},
		},
		"the caller's number": {
			hotline.VerifyInput{Name: "王大明", IDLast6: "010015"}, "13700000009", hotline.FailureKey{Scope: "caller", Value: "13700000009"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSeat(t, func(t *testing.T, s *seat) {
				const n = 12
				var by [n]models.Actor
				var calls [n]models.ID
				for i := range n {
					by[i], calls[i] = s.inCall("seat"+string(rune('a'+i)), in.caller)
				}
				answered, locked := 0, 0
				for _, err := range atOnce(n, func(i int) error {
					_, err := s.Verify(context.WithoutCancel(t.Context()), by[i], calls[i], in.answer)
					return err
				}) {
					if err == nil {
						answered++
						continue
					}
					require.ErrorIs(t, err, hotline.ErrPhoneLocked)
					locked++
				}
				require.Equal(t, 5, answered, "nobody gets a sixth try")
				require.Equal(t, n-5, locked)
				counted, err := s.db.CallChecks().Failures(t.Context(), in.key, models.DateOf(start))
				require.NoError(t, err)
				require.Equal(t, n, counted, "and every one was counted")

				agent, call := s.inCall("late", in.caller)
				_, err = s.Verify(t.Context(), agent, call, hotline.VerifyInput{Name: "王小明", IDNumber: "410303198001010015"})
				require.ErrorIs(t, err, hotline.ErrPhoneLocked)
			})
		})
	}
}
