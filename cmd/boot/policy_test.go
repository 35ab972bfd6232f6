package boot

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/policy"
)

// policyShell runs the policy command on a migrated database of its own.
func policyShell(t *testing.T) func(args ...string) (string, error) {
	t.Helper()
	cfg := configs.Dev(t.TempDir())
	a := &App{cfg: cfg, clock: models.SystemClock{}, log: NewLog(cfg.Log), watch: newWatch()}
	require.NoError(t, a.openStores(t.Context(), options{migrate: true}))
	require.NoError(t, a.Close())
	return func(args ...string) (string, error) {
		var out bytes.Buffer
		err := OpenPolicy(t.Context(), cfg, func(admin PolicyAdmin) error { return PolicyCommand(t.Context(), admin, args, &out) })
		return out.String(), err
	}
}

func TestPolicyIsListedAndSetFromTheCommandLine(t *testing.T) {
	t.Parallel()
	run := policyShell(t)
	out, err := run("list")
	require.NoError(t, err)
	require.Regexp(t, `fee\.route +merchant +default +R21`, out)

	out, err = run("set", "fee.route", "non_tax", "--basis", "洛财〔2021〕3号")
	require.NoError(t, err)
	require.Contains(t, out, "fee.route = non_tax for * from ")
	out, err = run("list", "fee.route")
	require.NoError(t, err)
	require.Contains(t, out, "fee.route = non_tax")
	require.Contains(t, out, "洛财〔2021〕3号")

	out, err = run("set", "fee.replacement_fen", "2000", "--scope", "district:410303", "--from", "2099-01-01", "--basis", "b")
	require.NoError(t, err)
	require.Contains(t, out, "for district:410303 from 2099-01-01 00:00:00", "a day begins in Shanghai")
}

func TestPolicyCommandExplainsItsRefusals(t *testing.T) {
	t.Parallel()
	run := policyShell(t)
	for _, args := range [][]string{{}, {"drop"}, {"list", "--all"}, {"set", "fee.route"}, {"set", "fee.route", "x", "--bases", "b"}, {"list", "no.such"}} {
		_, err := run(args...)
		require.ErrorIs(t, err, ErrUsage, args)
	}
	_, err := run("set", "act.release.phone", "here", "--from", "2020-01-01")
	require.ErrorIs(t, err, policy.ErrSettingRefused)
	for _, want := range []string{"value", "from", "basis"} {
		require.ErrorContains(t, err, want)
	}
	_, err = run("set", "no.such", "x", "--basis", "b")
	require.ErrorIs(t, err, policy.ErrSettingUnknown)
	_, err = run("set", "fee.route", "merchant", "--basis", "b", "--from", "tomorrow")
	require.ErrorIs(t, err, ErrUsage)
}

func TestReadFrom(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"": {}, "2022-01-01": time.Date(2021, 12, 31, 16, 0, 0, 0, time.UTC), "2022-01-01T08:00:00+08:00": time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		got, err := readFrom(text)
		require.NoError(t, err)
		require.True(t, want.Equal(got), text)
	}
}
