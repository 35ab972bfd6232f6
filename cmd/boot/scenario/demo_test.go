package scenario

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/cmd/boot/walk"
)

// promised are the steps by the names that are promised, in their order.
const promised = `login.wechat_mini login.wechat_oa login.alipay_mini login.alipay_life bind card.show application.submit application.progress
guardian.proved guardian.applies arrivals.list sms.arrival loss.report loss.effective sms.loss loss.while_registry_down loss.recovered release
helper.named helper.reports_loss helper.may_not hotline.login hotline.verify hotline.keyed_code hotline.loss hotline.release_refused payday.credited explain.returned statement.check feedback.not_received
sms.vendor_slow sms.vendor_back sms.vendor_failing replacement.wechat_pay replacement.alipay replacement.rejected_refunded`

func TestDemoHasThePromisedSteps(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Fields(promised), walk.Steps())
}

// servers is what a test of real servers needs; it is skipped without them.
func servers(t *testing.T) (postgres, redis string) {
	t.Helper()
	postgres, redis = os.Getenv("ONECARD_TEST_POSTGRES"), os.Getenv("ONECARD_TEST_REDIS")
	if postgres == "" || redis == "" {
		t.Skip("ONECARD_TEST_POSTGRES and ONECARD_TEST_REDIS are not both set")
	}
	return postgres, redis
}

// patience is for machines that do many things at once.
const patience = 2 * time.Minute

func TestDemoPrintsEveryStepAsOK(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		boottest.EmbeddedHalf(t, true)
		var out bytes.Buffer
		require.NoError(t, boot.Demo(t.Context(), boot.DemoOptions{Patience: patience}, &out), "%s", &out)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, len(walk.Steps()))
		for i, name := range walk.Steps() {
			require.True(t, strings.HasPrefix(lines[i], "ok "+name+" "), lines[i])
			require.Greater(t, len(lines[i]), len("ok "+name+" "), "what was seen is said")
		}
	})
	t.Run("PostgreSQL and Redis", func(t *testing.T) {
		t.Parallel()
		o := boot.DemoOptions{Patience: patience}
		o.Postgres, o.Redis = servers(t)
		o.JSON = true
		var out bytes.Buffer
		require.NoError(t, boot.Demo(t.Context(), o, &out), "%s", &out)
		var seen []string
		dec := json.NewDecoder(&out)
		for dec.More() {
			var r walk.Result
			require.NoError(t, dec.Decode(&r))
			require.True(t, r.OK, r.Step)
			require.NotEmpty(t, r.Seen)
			require.Positive(t, r.Took)
			seen = append(seen, r.Step)
		}
		require.Equal(t, walk.Steps(), seen)
	})
}

func TestDemoStopsAtTheFirstStepThatFails(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Fault("alipay", "down", nil)
	var out bytes.Buffer
	err := walk.Walk(t.Context(), walk.Options{API: r.API, Desk: r.Desk.URL(), Now: r.Clock.Now, Step: boot.PrintStep(&out, false)})
	require.ErrorIs(t, err, walk.ErrStep)
	require.ErrorContains(t, err, "login.alipay_mini")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3, "nothing after it is tried")
	require.True(t, strings.HasPrefix(lines[1], "ok login.wechat_oa "))
	require.True(t, strings.HasPrefix(lines[2], "FAILED login.alipay_mini "))
}

func TestDemoExitStatus(t *testing.T) {
	t.Parallel()
	// A PostgreSQL that is not there fails before the first step; the status is that of any failure.
	cmd := exec.CommandContext(t.Context(), binary(t), "demo", "--json")
	cmd.Env = append(environment(), "ONECARD_DEMO_POSTGRES=postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	require.Equal(t, 1, exit.ExitCode())

	cmd = exec.CommandContext(t.Context(), binary(t), "demo", "--loud")
	cmd.Env = environment()
	require.ErrorAs(t, cmd.Run(), &exit)
	require.Equal(t, 2, exit.ExitCode(), "a command line nobody understands")
}
