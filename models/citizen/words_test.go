package citizen

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestTokenHidesItsSecretUnlessRevealed(t *testing.T) {
	t.Parallel()
	secret, hash := newSecret()
	token := newToken(newHandle(), secret)
	for _, shown := range []string{
		fmt.Sprint(token), fmt.Sprintf("%v %+v %#v %s %q", token, token, token, token, token), slog.AnyValue(token).String(),
		fmt.Sprintf("%+v", LoggedIn{Token: token}),
	} {
		require.NotContains(t, shown, secret)
	}
	handle, found, ok := parseToken(token.Reveal())
	require.True(t, ok)
	require.Len(t, handle, 32)
	require.Equal(t, hash, found)
}

func FuzzParseToken(f *testing.F) {
	secret, _ := newSecret()
	f.Add(newToken(newHandle(), secret).Reveal())
	f.Add("oc1..")
	f.Add("oc1." + strings.Repeat("a", 32) + "." + strings.Repeat("é", 21) + "x")
	f.Fuzz(func(t *testing.T, raw string) {
		handle, hash, ok := parseToken(raw)
		if ok && (len(handle) != 32 || len(hash) != 64 || !strings.HasPrefix(raw, "oc1."+handle+".")) {
			t.Fatalf("accepted something else")
		}
	})
}

func TestR61_WhatOneMoreCodeRunsInto(t *testing.T) {
	t.Parallel()
	now := today
	midnight := models.NextMidnight(now).Sub(now)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	hour := func(n int) (sent []time.Time) {
		for i := range n {
			sent = append(sent, ago(time.Duration(50-i)*time.Minute))
		}
		return sent
	}
	for name, c := range map[string]struct {
		use   CodeUse
		want  *models.Error
		after time.Duration
	}{
		"nothing yet":      {CodeUse{}, nil, 0},
		"a minute ago":     {CodeUse{LastSentAt: ago(time.Minute), LastHour: hour(1), PhoneToday: 1}, nil, 0},
		"59 seconds ago":   {CodeUse{LastSentAt: ago(59 * time.Second)}, ErrCodeTooSoon, time.Second},
		"fifth this hour":  {CodeUse{LastSentAt: ago(46 * time.Minute), LastHour: hour(4), PhoneToday: 4}, nil, 0},
		"sixth this hour":  {CodeUse{LastSentAt: ago(46 * time.Minute), LastHour: hour(5), PhoneToday: 5}, ErrCodeLimit, 10 * time.Minute},
		"eleventh today":   {CodeUse{LastSentAt: ago(2 * time.Hour), PhoneToday: 10}, ErrCodeLimit, midnight},
		"session used up":  {CodeUse{SessionDay: SessionPerDay}, ErrCodeLimit, midnight},
		"the whole budget": {CodeUse{EveryoneDay: 100}, ErrCodeBudget, midnight},
	} {
		err := c.use.refusal(now, 100)
		if c.want == nil {
			require.NoError(t, err, name)
			continue
		}
		var refused *models.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, c.want.Code, refused.Code, name)
		require.Equal(t, c.after, refused.RetryAfter, name)
	}
}

func TestPhoneChangeTakesOnlyItsOwnSteps(t *testing.T) {
	t.Parallel()
	asked := PhoneChange{State: PhoneChangeRequested}
	_, err := asked.After(WaitOver, today)
	require.ErrorIs(t, err, ErrPhoneChangeOver, "an unproven phone never counts")
	waiting, err := asked.After(NewPhoneProven, today)
	require.NoError(t, err)
	require.Equal(t, today.Add(24*time.Hour), waiting.CountsAt)
	done, err := waiting.After(WaitOver, waiting.CountsAt)
	require.NoError(t, err)
	require.False(t, done.Open())
	for _, on := range []PhoneChangeEvent{NewPhoneProven, WaitOver, CancelledByOwner, RegistryChanged, NeverProven} {
		_, err := done.After(on, today)
		require.ErrorIs(t, err, ErrPhoneChangeOver)
	}
}

func TestSlipCodesAreReadableAndForgiving(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		code := newSlipCode()
		require.False(t, seen[code])
		seen[code] = true
		require.Empty(t, strings.Trim(code, slipAlphabet+"-"))
		require.Equal(t, normalSlip(code), normalSlip(" "+strings.ToLower(strings.ReplaceAll(code, "-", " "))))
	}
}

func TestR53_EverySensitiveUseHasATextOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, d := range Documents {
		require.NotEmpty(t, d.Version)
		require.Contains(t, d.Text, "12333")
		require.Equal(t, d.Sensitive, d.Basis == BasisConsent, "a sensitive use stands on its own consent")
		found, ok := DocumentFor(d.Purpose)
		require.True(t, ok)
		require.Equal(t, d, found)
	}
}
