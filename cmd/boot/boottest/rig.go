// Package boottest starts the whole program for tests: real HTTP, a pretend city of its own, every worker turned by
// hand. A test talks to it as a citizen, an agent or the desk would, and looks into its database read-only.
package boottest

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/configs"
	"onecard/models"
	"onecard/models/card"
)

// Today is the day on which tests stand: the morning of 2021-12-20 in Luoyang.
var Today = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

// Rig is one running program and the world around it.
type Rig struct {
	t     testing.TB
	cfg   configs.Config
	App   *boot.App
	Desk  *boot.Desk
	Clock *models.ManualClock // nil on the machine's clock
	Log   *Log
	API   string // base address

	desk  *Caller
	seats int // telephones given to members of staff
}

// Option changes the rig before it starts.
type Option func(*settings)

type settings struct {
	cfg   configs.Config
	clock *models.ManualClock
	roles boot.Roles
	boot  []boot.Option
	empty bool
}

// Live runs on the machine's clock with workers turning by themselves, in a city whose history is not here yet.
func Live() Option {
	return func(s *settings) { s.clock, s.empty, s.roles = nil, true, boot.Roles{API: true, Work: true} }
}

// Unseeded begins with an empty database: the city's history comes when workers turn.
func Unseeded() Option { return func(s *settings) { s.empty = true } }

// OnPostgres keeps the data in a database that is there and empty.
func OnPostgres(dsn string) Option {
	return func(s *settings) {
		s.cfg.Database.Driver, s.cfg.Database.DSN, s.empty = "postgres", configs.NewSecret(dsn), true
		s.cfg.Database.MaxConns = 6 // many tests share one server
	}
}

// OnRedis uses a server, with every key under prefix.
func OnRedis(addr, prefix string) Option {
	return func(s *settings) { s.cfg.Redis.Kind, s.cfg.Redis.Addr, s.cfg.Redis.Prefix = "server", addr, prefix }
}

// With changes any setting.
func With(change func(*configs.Config)) Option { return func(s *settings) { change(&s.cfg) } }

// WithCards changes the times of loss and release.
func WithCards(change func(*card.Settings)) Option {
	return func(s *settings) {
		set := card.DefaultSettings()
		change(&set)
		s.boot = append(s.boot, boot.WithCardSettings(set))
	}
}

// Start runs the program until the test ends. Unless told otherwise the clock stands at Today, the city's history has
// been taken from the feeds, and workers turn only in Work.
func Start(t testing.TB, opts ...Option) *Rig {
	t.Helper()
	s := settings{cfg: settingsIn(t.TempDir()), clock: models.NewManualClock(Today), roles: boot.Roles{API: true}}
	for _, o := range opts {
		o(&s)
	}
	if !s.empty {
		copySeed(t, s.cfg.DataDir)
	}
	return start(t, s)
}

func start(t testing.TB, s settings) *Rig {
	t.Helper()
	r := &Rig{t: t, Clock: s.clock, Log: &Log{}}
	var clock models.Clock = models.SystemClock{}
	if s.clock != nil {
		clock = s.clock
		s.boot = append(s.boot, boot.WithClock(clock))
	}
	var err error
	r.Desk, err = boot.OpenDesk(t.Context(), s.cfg, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Desk.Close()) })
	s.cfg.Sandbox.Enabled, s.cfg.Sandbox.URL = false, r.Desk.URL()
	r.cfg = s.cfg
	options := append([]boot.Option{boot.Migrating(), boot.WithLog(slog.New(r.Log.handler()))}, s.boot...)
	r.App, err = boot.Build(t.Context(), s.cfg, s.roles, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.App.Close()) })
	r.API = s.cfg.HTTP.PublicURL
	if r.API == "" {
		r.API = "http://" + r.App.Addr()
	}
	r.Desk.City.PushSMSTo(boot.SMSAddresses(s.cfg, r.API))
	boot.TellServers(r.Desk.City, s.cfg, r.API)
	r.desk = r.caller(r.Desk.URL())
	r.run()
	return r
}

// run answers requests until the test ends.
func (r *Rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.App.Run(ctx) }()
	r.t.Cleanup(func() {
		stop()
		require.NoError(r.t, <-ended)
	})
	ready, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(r.t, boot.WaitReady(ready, "http://"+r.App.Addr()))
}

// Work turns every worker until none has more to do.
func (r *Rig) Work() {
	r.t.Helper()
	require.NoError(r.t, r.App.RunOnce(r.t.Context()))
}

// Later moves the clock and turns the workers.
func (r *Rig) Later(d time.Duration) {
	r.t.Helper()
	r.Clock.Advance(d)
	r.Work()
}

// Eventually turns the workers until ok, a second of the rig's clock each time: for what a real pause stands before,
// as a breaker's.
func (r *Rig) Eventually(ok func() bool) {
	r.t.Helper()
	patience := time.After(15 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if r.Clock != nil {
			r.Clock.Advance(time.Second)
		}
		err := r.App.RunOnce(r.t.Context())
		if err == nil && ok() {
			return
		}
		select {
		case <-patience:
			require.NoError(r.t, err)
			require.Fail(r.t, "it did not come to pass")
		case <-tick.C:
		}
	}
}

// Config is what the program was started with.
func (r *Rig) Config() configs.Config { return r.cfg }

// DB opens the program's database for looking.
func (r *Rig) DB() *sql.DB {
	r.t.Helper()
	driver, dsn := "sqlite", "file:"+filepath.ToSlash(r.cfg.SQLiteFile())+"?mode=ro&_pragma=busy_timeout(5000)"
	if r.cfg.Database.Driver == "postgres" {
		driver, dsn = "pgx", r.cfg.Database.DSN.Reveal()
	}
	db, err := sql.Open(driver, dsn)
	require.NoError(r.t, err)
	db.SetMaxIdleConns(0) // who looks often keeps no connection: many tests share one server
	r.t.Cleanup(func() { require.NoError(r.t, db.Close()) })
	return db
}

func (r *Rig) caller(base string) *Caller {
	return &Caller{t: r.t, base: base, http: &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}
