package boot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/store"
	"onecard/web"
)

// Dev runs the whole product in one process until ctx is over: what `make run` starts.
func Dev(ctx context.Context, cfg configs.Config, out io.Writer) error {
	if cfg.Mode == configs.ModeProduction {
		return errors.New("dev is not for production: use serve and work")
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	app, err := Build(ctx, cfg, Roles{API: true, Work: true}, Migrating())
	if err != nil {
		return err
	}
	if err := app.greet(out); err != nil {
		return errors.Join(err, app.Close())
	}
	err = app.Run(ctx)
	return errors.Join(err, app.Close())
}

// greet says where to look and whom to be.
func (a *App) greet(out io.Writer) error {
	lines := []string{
		"One Card is running. Everything here is invented; nothing leaves this machine.", "",
		"  API         http://" + a.Addr() + "        documents: http://" + a.Addr() + "/docs",
		"  Citizens    " + clientLine("http://"+a.Addr()+"/m/        log in as one of those below, by the pretend WeChat or Alipay", web.Citizen() != nil),
		"  Console     " + clientLine("http://"+a.Addr()+"/console/        12333: log in as one of the staff below, the code by any authenticator program", web.Console() != nil),
	}
	if a.desk != nil {
		lines = append(lines,
			"  The desk    http://"+a.DeskAddr()+"        pretend WeChat, Alipay, SMS and registry: codes, messages, switches",
			"  Data        "+a.cfg.DataDir, "", "  Citizens (log in by GET http://"+a.DeskAddr()+"/desk/codes?platform=wechat_mini&citizen=KEY):")
		for _, c := range a.desk.City.Registry.Citizens(0) {
			lines = append(lines, fmt.Sprintf("    %-8s %s  %s  %s", c.Key, c.Name, c.IDNumber, c.Phone))
		}
	}
	if a.cfg.Sandbox.DemoAgent {
		lines = append(lines, "", "  Staff (12333 agent; two reviewers of what is held; administrator; auditor):")
		for _, one := range demoStaff() {
			lines = append(lines, fmt.Sprintf("    %-16s password %s  TOTP secret %s", one.Login, one.Password, one.TOTPSecret))
		}
	}
	for _, l := range append(lines, "", "Stop with Ctrl-C.") {
		if _, err := fmt.Fprintln(out, l); err != nil {
			return err
		}
	}
	return nil
}

// clientLine says where the 12333 console is, or what it takes to have one.
func clientLine(where string, built bool) string {
	if !built {
		return "not built: it needs node, then make web and a new start"
	}
	return where
}

// Process runs one role of a production-like set-up: serve or work.
func Process(ctx context.Context, cfg configs.Config, roles Roles, out io.Writer, opts ...Option) error {
	app, err := Build(ctx, cfg, roles, opts...)
	if err != nil {
		return err
	}
	if roles.API {
		if !roles.Work {
			spendMemory(cfg.Memory)
		}
		if _, err := fmt.Fprintln(out, "listening on http://"+app.Addr()); err != nil {
			return errors.Join(err, app.Close())
		}
	}
	if !roles.API {
		spendOnPaydays()
	}
	if roles.Work && app.paydays == nil { // a payday's threads give way to others of the machine; ours must not wait for those
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + models.LowlyThreads)
	}
	err = app.Run(ctx)
	return errors.Join(err, app.Close())
}

// paydayGC is how far the heap of those who take paydays may grow between two collections, in percent of what is alive, about
// 14 MiB: the collector does not stand behind those who read, as the payday's own threads do.
const paydayGC = 250

func spendOnPaydays() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(paydayGC)
	}
}

// spendMemory lets the heap grow as the settings say, unless the environment says it in Go's own words.
func spendMemory(m configs.Memory) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(m.GCPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(m.LimitMiB) << 20)
	}
}

// ServeDesk runs the pretend platforms alone until ctx is over.
func ServeDesk(ctx context.Context, cfg configs.Config, out io.Writer) error {
	if cfg.Mode == configs.ModeProduction {
		return errors.New("the pretend platforms are not for production")
	}
	d, err := OpenDesk(ctx, cfg, models.SystemClock{})
	if err != nil {
		return err
	}
	if cfg.HTTP.PublicURL != "" {
		d.City.PushSMSTo(SMSAddresses(cfg, cfg.HTTP.PublicURL))
		TellServers(d.City, cfg, cfg.HTTP.PublicURL)
	}
	_, err = fmt.Fprintln(out, "the desk is on "+d.URL())
	<-ctx.Done()
	return errors.Join(err, d.Close())
}

// openForOperator opens the database alone, for commands that need nothing else.
func openForOperator(ctx context.Context, cfg configs.Config) (*App, error) {
	a := &App{cfg: cfg, clock: models.SystemClock{}, log: NewLog(cfg.Log), watch: newWatch()}
	if cfg.Database.Driver == string(store.SQLite) {
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := a.openDatabase(ctx, options{}); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Migrate brings the schema up to date. With a role, that role gets exactly the rights the service needs afterwards: it
// can then write the audit trail and never change it.
func Migrate(ctx context.Context, cfg configs.Config, role string, out io.Writer) error {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := a.db.Migrate(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	if role != "" {
		if err := a.db.Grant(ctx, role); err != nil {
			return errors.Join(err, a.Close())
		}
	}
	version, err := a.db.SchemaVersion(ctx)
	if err == nil {
		_, err = fmt.Fprintf(out, "schema %d, in %s\n", version, time.Since(began).Round(time.Millisecond))
	}
	return errors.Join(err, a.Close())
}

// ErrAuditBroken says that the audit trail does not hold; what was printed names the first break.
var ErrAuditBroken = errors.New("the audit trail is broken")

// ErrAuditNoCopies says that nothing outside the database was there to compare with: whoever holds the database could
// have cut off the trail's end.
var ErrAuditNoCopies = errors.New("no copy of the seals is there to compare with; bring audit-seals.jsonl back into the data folder, or say --without-copies")

// VerifyAudit checks every seal and row against the keys and the copies outside the database, and says how many copies
// there were. In production seals without any copy are no proof, unless the operator says that there are none.
func VerifyAudit(ctx context.Context, cfg configs.Config, withoutCopies bool, out io.Writer) error {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	copies, err := store.NewSealFile(a.sealFile()).All(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	report, err := a.db.VerifyAudit(ctx, copies...)
	if err == nil {
		_, err = fmt.Fprintf(out, "%d seals over %d entries checked, %d entries not sealed yet; %d copies outside the database compared\n",
			report.Seals, report.Entries, report.Unsealed, len(copies))
	}
	if err == nil && report.Break != nil {
		_, _ = fmt.Fprintf(out, "first break: %v\n", report.Break)
		err = ErrAuditBroken
	} else if err == nil && cfg.Mode == configs.ModeProduction && report.Seals > 0 && len(copies) == 0 && !withoutCopies {
		err = ErrAuditNoCopies
	}
	return errors.Join(err, a.Close())
}

// FailedJobs lists background jobs that gave up, newest first.
func FailedJobs(ctx context.Context, cfg configs.Config, out io.Writer) error {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	jobs, err := a.failedJobs(ctx)
	if err == nil {
		enc := json.NewEncoder(out)
		for _, j := range jobs {
			err = errors.Join(err, enc.Encode(j))
		}
		if len(jobs) == 0 {
			_, err = fmt.Fprintln(out, "no job has given up")
		}
	}
	return errors.Join(err, a.Close())
}

// WaitReady asks /readyz until it answers 200 or ctx is over.
func WaitReady(ctx context.Context, base string) error {
	probe := &http.Client{Timeout: 10 * time.Second} // one that hangs is asked again
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := probe.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
