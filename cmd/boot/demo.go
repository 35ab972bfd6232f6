package boot

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/cmd/boot/walk"
	"onecard/configs"
)

// DemoOptions say on which servers the demo runs; empty ones mean the embedded default.
type DemoOptions struct {
	Postgres string // DSN of a role that may create databases; the demo makes one of its own and drops it
	Redis    string // host:port; every key has a prefix of the demo's own
	JSON     bool
	Patience time.Duration                       // how long an effect may take to show; zero: walk's own
	Log      *slog.Logger                        // nil: nothing is logged, the steps are the output
	Keep     func(dsn, prefix, dir string) error // looks at what is left before it is removed; tests search it
}

// Demo starts the product in a temporary folder and walks the main job over real HTTP, one line a step.
func Demo(ctx context.Context, o DemoOptions, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "onecard-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg, drop, err := demoConfig(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	app, err := Build(ctx, cfg, Roles{API: true, Work: true}, Migrating(), WithLog(o.Log))
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- app.Run(running) }()
	err = app.walk(ctx, o, out)
	stop()
	err = errors.Join(err, <-ended)
	if o.Keep != nil {
		err = errors.Join(err, o.Keep(cfg.Database.DSN.Reveal(), cfg.Redis.Prefix, dir))
	}
	return errors.Join(err, app.Close())
}

func (a *App) walk(ctx context.Context, o DemoOptions, out io.Writer) error {
	ready, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := WaitReady(ready, a.cfg.HTTP.PublicURL); err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	return walk.Walk(ctx, walk.Options{
		API: a.cfg.HTTP.PublicURL, Desk: a.desk.URL(), AgentLogin: DemoAgent.Login, AgentPassword: DemoAgent.Password, AgentTOTP: DemoAgent.TOTPSecret,
		Now: a.clock.Now, Step: PrintStep(out, o.JSON), Patience: o.Patience,
		Operator: a.Operator,
	})
}

// DemoFailover is fail-over at a pace at which people look on.
func DemoFailover() configs.Failover {
	return configs.Failover{Failures: 2, Of: 4, Slow: time.Second, CoolDown: time.Second, Probes: 1}
}

// Operator runs a command of the operator on the running program and gives what it printed: the sms command, of which the
// demo shows what an operator sees.
func (a *App) Operator(ctx context.Context, args ...string) (string, error) {
	if len(args) == 0 || args[0] != "sms" {
		return "", ErrUsage
	}
	var out strings.Builder
	err := SMSCommand(ctx, a.smsAdmin(), args[1:], &out)
	return out.String(), err
}

// PrintStep writes a step as people read it, or as a line of JSON.
func PrintStep(out io.Writer, asJSON bool) func(walk.Result) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(r walk.Result) {
		if asJSON {
			_ = enc.Encode(r) // a closed pipe must not stop the walk
			return
		}
		word := "ok"
		if !r.OK {
			word = "FAILED"
		}
		fmt.Fprintf(out, "%s %s %s\n", word, r.Step, r.Seen)
	}
}

// demoConfig is dev's, with free ports, everything in dir, and the servers asked for.
func demoConfig(ctx context.Context, o DemoOptions, dir string) (configs.Config, func() error, error) {
	cfg := configs.Dev(dir)
	cfg.HTTP.Addr, cfg.Sandbox.Addr = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Log.Level = "error"
	cfg.HTTP.Limits.Writes = 60 // its people do in a minute what others do in a month
	cfg.SMS.Failover = DemoFailover()
	drop := func() error { return nil }
	if o.Redis != "" {
		cfg.Redis.Kind, cfg.Redis.Addr, cfg.Redis.Prefix = "server", o.Redis, "onecard-demo-"+strings.ToLower(rand.Text()[:10])+":"
	}
	if o.Postgres == "" {
		return cfg, drop, nil
	}
	name := "onecard_demo_" + strings.ToLower(rand.Text()[:10])
	if err := onServer(ctx, o.Postgres, "CREATE DATABASE "+name); err != nil {
		return cfg, drop, err
	}
	dsn, err := url.Parse(o.Postgres)
	if err != nil {
		return cfg, drop, errors.New("ONECARD_DEMO_POSTGRES must be a postgres:// address")
	}
	dsn.Path = "/" + name
	cfg.Database.Driver, cfg.Database.DSN, cfg.Database.MaxConns = "postgres", configs.NewSecret(dsn.String()), 8
	return cfg, func() error {
		return onServer(context.WithoutCancel(ctx), o.Postgres, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}, nil
}

func onServer(ctx context.Context, dsn, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return errors.New("the demo's PostgreSQL cannot be reached")
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
