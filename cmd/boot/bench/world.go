package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"

	"onecard/models"
)

// world is a database and a Redis prefix of the bench's own, and the processes that run on them.
type world struct {
	o        Options
	dir      string
	dsn      string
	prefix   string
	db       *pgx.Conn
	redis    *goredis.Client
	redisPID int
	log      *os.File              // what the processes say
	backends map[int]time.Duration // what the database's backends of this world have used, those that ended too
	drop     func() error
	procs    []*process
}

func openWorld(ctx context.Context, o Options) (w *world, err error) {
	w = &world{o: o, backends: map[int]time.Duration{}, drop: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.dir, err = os.MkdirTemp("", "onecard-bench-"); err != nil {
		return nil, err
	}
	name := "onecard_bench_" + strings.ToLower(rand.Text()[:10])
	w.prefix = strings.ReplaceAll(name, "_", "-") + ":"
	if w.log, err = os.Create(filepath.Join(w.dir, "log")); err != nil {
		return nil, err
	}
	dsn, err := url.Parse(o.Postgres)
	if err != nil {
		return nil, errors.New("ONECARD_BENCH_POSTGRES must be a postgres:// address")
	}
	if err := onServer(ctx, o.Postgres, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	w.drop = func() error {
		return onServer(context.WithoutCancel(ctx), o.Postgres, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	dsn.Path = "/" + name
	w.dsn = dsn.String()
	if err := w.command(ctx, "migrate").Run(); err != nil {
		return nil, fmt.Errorf("migrate: %w: %s", err, w.said())
	}
	if w.db, err = pgx.Connect(ctx, w.dsn); err != nil {
		return nil, err
	}
	w.redis = goredis.NewClient(&goredis.Options{Addr: o.Redis})
	return w, w.findServers(ctx)
}

// findServers learns whose CPU time to read.
func (w *world) findServers(ctx context.Context) error {
	backend, err := statOf(int(w.db.PgConn().PID()))
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	if !strings.HasPrefix(backend.name, "postgres") {
		return fmt.Errorf("PostgreSQL: %w", errNoProc)
	}
	info, err := w.redis.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	for line := range strings.Lines(info) {
		if rest, ok := strings.CutPrefix(line, "process_id:"); ok {
			if _, err := fmt.Sscan(rest, &w.redisPID); err != nil {
				return err
			}
		}
	}
	if t, err := statOf(w.redisPID); err != nil || !strings.HasPrefix(t.name, "redis") {
		return fmt.Errorf("redis: %w", errNoProc)
	}
	return nil
}

// env is how the product finds this world. Nothing outside answers it: what is measured asks nobody, unless it is told of a desk.
func (w *world) env() []string {
	own := []string{
		"ONECARD_MODE=dev", "ONECARD_DATA_DIR=" + w.dir, "ONECARD_SANDBOX_ENABLED=false", "ONECARD_SANDBOX_URL=http://127.0.0.1:9",
		"ONECARD_DATABASE_DRIVER=postgres", "ONECARD_DATABASE_DSN=" + w.dsn, "ONECARD_DATABASE_MAX_CONNS=16",
		"ONECARD_REDIS_KIND=server", "ONECARD_REDIS_ADDR=" + w.o.Redis, "ONECARD_REDIS_PREFIX=" + w.prefix,
		"ONECARD_HTTP_LIMITS_READS=60000",                                                                                                                 // nobody comes near it, and each read is counted as in earnest
		"ONECARD_HTTP_LIMITS_GUEST_READS=100000000", "ONECARD_HTTP_LIMITS_GUEST_WRITES=100000000", "ONECARD_HTTP_METRICS_ADDR=", "ONECARD_LOG_SAMPLE=100", // as a busy city sets it
	}
	keep := make([]string, 0, len(own)+8)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "ONECARD_") {
			keep = append(keep, kv)
		}
	}
	return append(keep, own...)
}

// command is the product's program in a session of its own, as whatever starts services gives each: Linux shares the machine
// among sessions first, and a load that shares one with a worker pays for it.
func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, w.o.Binary, args...) //nolint:gosec // the product's own program
	c.Env, c.Stderr, c.Dir = w.env(), w.log, w.dir
	models.InItsOwnSession(c)
	return c
}

// elsewhere starts what stands on a machine of its own in earnest: here it gives way to those who are measured. nice becomes
// the program, so that its number is the program's.
func (w *world) elsewhere(ctx context.Context, args ...string) *exec.Cmd {
	c := w.command(ctx, args...)
	if nice, err := exec.LookPath("nice"); err == nil {
		c.Path, c.Args = nice, append([]string{nice, "-n", "15", c.Path}, args...)
	}
	return c
}

// said is the end of what the processes wrote.
func (w *world) said() string {
	text, _ := os.ReadFile(w.log.Name())
	return string(text[max(0, len(text)-2000):])
}

// process is a server under load.
type process struct {
	cmd  *exec.Cmd
	base string
}

// start runs a server on a free port and waits until it answers path.
func (w *world) start(ctx context.Context, path string, args ...string) (*process, error) {
	return w.run(ctx, path, w.command(ctx, args...))
}

func (w *world) run(ctx context.Context, path string, program *exec.Cmd) (*process, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: program, base: "http://" + addr}
	p.cmd.Env = append(p.cmd.Env, "ONECARD_HTTP_ADDR="+addr, "ONECARD_SANDBOX_ADDR="+addr)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	w.procs = append(w.procs, p)
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	client := newClient(1)
	defer client.CloseIdleConnections()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%v did not start: %w: %s", program.Args[1:], ctx.Err(), w.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end asks a server to stop and waits for it.
func (w *world) end(p *process) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	gone := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-gone
	}
}

func freeAddr(ctx context.Context) (string, error) {
	var ports net.ListenConfig
	l, err := ports.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// cpu is what a service, its backends of the database and Redis have used together so far. Backends of other databases
// on the same server work for others.
func (w *world) cpu(ctx context.Context, p *process) (time.Duration, error) {
	rows, err := w.db.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err != nil {
		return 0, err
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		if used, err := cpuOf(pid); err == nil { // or it has ended just now
			w.backends[pid] = used
		}
	}
	sum, err := cpuOf(p.cmd.Process.Pid)
	cache, err2 := cpuOf(w.redisPID)
	for _, used := range w.backends {
		sum += used
	}
	return sum + cache, errors.Join(err, err2)
}

func (w *world) close() error {
	var errs []error
	for _, p := range w.procs {
		_ = p.cmd.Process.Kill()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if w.redis != nil {
		errs = append(errs, w.forgetKeys(ctx, ""), w.redis.Close())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close(ctx))
	}
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	return errors.Join(append(errs, w.drop(), os.RemoveAll(w.dir))...)
}

// forgetKeys removes the keys whose names go on like this behind the prefix.
func (w *world) forgetKeys(ctx context.Context, begin string) error {
	keys := w.redis.Scan(ctx, 0, w.prefix+begin+"*", 1000).Iterator()
	var batch []string
	for keys.Next(ctx) {
		if batch = append(batch, keys.Val()); len(batch) == 1000 {
			if err := w.redis.Unlink(ctx, batch...).Err(); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) > 0 {
		return errors.Join(keys.Err(), w.redis.Unlink(ctx, batch...).Err())
	}
	return keys.Err()
}

func onServer(ctx context.Context, dsn, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// machine names what the figures were taken on.
func (w *world) machine(ctx context.Context) string {
	var version string
	_ = w.db.QueryRow(ctx, "SHOW server_version").Scan(&version)
	return fmt.Sprintf("%d cores %s/%s, %s, PostgreSQL %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), version)
}

func (w *world) report(ctx context.Context, name string) Report {
	return Report{Bench: name, Machine: w.machine(ctx), At: time.Now().UTC().Format(time.RFC3339)}
}
