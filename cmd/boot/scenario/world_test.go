package scenario_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/configs"
	"onecard/models"
	"onecard/models/store/storetest"
)

// world is what outlives every process of the product: the pretend platforms, the database, the folder.
type world struct {
	t    *testing.T
	cfg  configs.Config // what its processes are set to
	desk *boot.Desk
	env  []string
}

// newWorld opens a desk with a city of its own in this process, and names a database of its own.
func newWorld(t *testing.T, onServers bool) *world {
	t.Helper()
	w := &world{t: t, cfg: configs.Dev(t.TempDir())}
	w.cfg.Sandbox.Addr = "127.0.0.1:0"
	desk, err := boot.OpenDesk(t.Context(), w.cfg, models.SystemClock{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, desk.Close()) })
	w.desk = desk
	w.cfg.Sandbox.Enabled, w.cfg.Sandbox.URL = false, desk.URL()
	w.env = []string{
		"ONECARD_DATA_DIR=" + w.cfg.DataDir, "ONECARD_SANDBOX_ENABLED=false", "ONECARD_SANDBOX_URL=" + desk.URL(),
		"ONECARD_HTTP_ADDR=127.0.0.1:0", "ONECARD_LOG_LEVEL=warn",
		"ONECARD_HTTP_LIMITS_READS=100000", "ONECARD_HTTP_LIMITS_WRITES=100000",
		"ONECARD_HTTP_LIMITS_GUEST_READS=100000", "ONECARD_HTTP_LIMITS_GUEST_WRITES=100000",
	}
	if onServers {
		w.useServers()
	}
	return w
}

// hush keeps the city's history out of a test that is not about it: two years of payments, and on SQLite, which has one
// writer, everything that the feeds tell. A binding brings a citizen's own facts.
func (w *world) hush() {
	w.t.Helper()
	require.NoError(w.t, w.fault(`{"target":"payments","fault":"off"}`))
	if w.cfg.Database.Driver == "sqlite" {
		require.NoError(w.t, w.fault(`{"target":"cards","op":"feed","fault":"off"}`))
	}
}

// useServers takes a database and a Redis prefix of the world's own, and the schema as an operator brings it.
func (w *world) useServers() {
	redis := os.Getenv("ONECARD_TEST_REDIS")
	if os.Getenv(storetest.EnvPostgres) == "" || redis == "" {
		w.t.Skip("needs PostgreSQL and Redis: ONECARD_TEST_POSTGRES and ONECARD_TEST_REDIS name none")
	}
	dsn := storetest.EmptyPostgres(w.t)
	w.cfg.Database.Driver, w.cfg.Database.DSN = "postgres", configs.NewSecret(dsn)
	w.env = append(w.env,
		"ONECARD_DATABASE_DRIVER=postgres", "ONECARD_DATABASE_DSN="+dsn, "ONECARD_DATABASE_MAX_CONNS=6",
		"ONECARD_REDIS_KIND=server", "ONECARD_REDIS_ADDR="+redis, "ONECARD_REDIS_PREFIX=onecard-scenario-"+strings.ToLower(rand.Text()[:10])+":")
	migrated := start(w.t, "migrate", w.env...)
	require.NoError(w.t, migrated.wait(time.Minute), migrated.log.tail())
}

// start runs a process of this world; more settings may be given as environment.
func (w *world) start(role string, more ...string) *process {
	w.t.Helper()
	return start(w.t, role, append(append([]string{}, w.env...), more...)...)
}

// operator runs the sms command of the operator on this world's database.
func (w *world) operator(ctx context.Context, args ...string) (string, error) {
	var out strings.Builder
	err := boot.OpenSMS(ctx, w.cfg, func(admin boot.SMSAdmin) error { return boot.SMSCommand(ctx, admin, args[1:], &out) })
	return out.String(), err
}

// receiptsTo is where the carrier brings its receipts.
func (w *world) receiptsTo(base string) {
	w.desk.City.PushSMSTo(boot.SMSAddresses(w.cfg, base))
	w.desk.City.Telephone.TellTo(base + "/callbacks/telephone")
}

// auditHolds verifies the whole audit trail, after the processes have ended.
func (w *world) auditHolds() {
	w.t.Helper()
	var out strings.Builder
	require.NoError(w.t, boot.VerifyAudit(context.Background(), w.cfg, false, &out), out.String())
	w.t.Log("audit: " + strings.TrimSpace(out.String()))
}
