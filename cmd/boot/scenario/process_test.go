// Package scenario_test drives the whole program from outside, as its users, its platforms and its operators do.
package scenario_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/models/store/storetest"
)

// childRole names, in the environment, the command that this test binary is to be instead of running tests: processes
// that are killed run the very code under test.
const childRole = "ONECARD_TEST_CHILD"

// It has to be decided before the tests' own TestMain begins.
func init() {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(child(role))
	}
}

// child is one process of the product, as cmd/onecard starts it. It ends when its parent does.
func child(role string) int {
	if role != "paydays" { // which reads for itself that its worker is gone
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(3)
		}()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := configs.Load(configs.Dev(".data"), "", os.Environ())
	if err == nil {
		switch role {
		case "dev":
			err = boot.Dev(ctx, cfg, os.Stdout)
		case "serve":
			err = boot.Process(ctx, cfg, boot.Roles{API: true}, os.Stdout)
		case "work":
			err = boot.Process(ctx, cfg, boot.Roles{Work: true}, os.Stdout, boot.PaydaysBy(paydays))
		case "paydays":
			err = boot.ReadPayday(ctx, cfg, len(os.Args) > 1, os.Stdin, os.Stdout)
		case "migrate":
			err = boot.Migrate(ctx, cfg, "", os.Stdout)
		case "ingest":
			err = boot.OpenIntake(ctx, cfg, func(in boot.Intake) error {
				return boot.IngestCommand(ctx, in, []string{os.Getenv(ingestFile)}, boot.Terminal{Out: os.Stdout, Err: os.Stderr})
			})
		default:
			err = fmt.Errorf("no role %q", role)
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// paydays starts this binary as the process that reads lines, as cmd/onecard does.
func paydays(arguments ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], arguments...)
	c.Env = append(os.Environ(), childRole+"=paydays")
	return c
}

// process is a running child.
type process struct {
	t     *testing.T
	role  string
	cmd   *exec.Cmd
	base  string // http://127.0.0.1:port, of those that listen
	log   *journal
	ended chan struct{}
	exit  error
}

// roleBinary runs a role: this one, or the same unwatched where the race detector watches this one. A watched start
// takes seconds, there are hundreds, and what the roles do is watched in this process by the other scenarios.
func roleBinary() (string, error) {
	if storetest.Watched {
		return unwatched()
	}
	return os.Executable()
}

// unwatched is made once for all tests of this binary; make test has compiled its parts already.
var unwatched = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onecard-unwatched-")
	if err != nil {
		return "", err
	}
	boottest.AtEnd(func() { _ = os.RemoveAll(dir) })
	name := filepath.Join(dir, "scenario.test")
	cmd := exec.Command("go", "test", "-c", "-o", name, "onecard/cmd/boot/scenario")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return name, cmd.Run()
})

// start runs one role with the settings given as environment. It returns once a listening role answers /readyz.
func start(t *testing.T, role string, env ...string) *process {
	t.Helper()
	self, err := roleBinary()
	require.NoError(t, err)
	p := &process{t: t, role: role, cmd: exec.Command(self), log: &journal{}, ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), append(env, childRole+"="+role, "ONECARD_MODE=dev")...)
	p.cmd.Stderr = p.log
	_, err = p.cmd.StdinPipe() // held open: the child ends with us
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", role, p.log.tail())
		}
	})
	address := make(chan string, 1)
	go func() {
		p.read(out, address)
		p.exit = p.cmd.Wait()
		close(p.ended)
	}()
	if role != "dev" && role != "serve" {
		return p
	}
	select {
	case p.base = <-address:
	case <-p.ended:
		require.FailNow(t, role+" ended at its start", "%v\n%s", p.exit, p.log.tail())
	case <-time.After(30 * time.Second):
		require.FailNow(t, role+" does not listen", p.log.tail())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, boot.WaitReady(ctx, p.base), "%s is not ready\n%s", role, p.log.tail())
	return p
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (p *process) read(out io.Reader, address chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := listening.FindString(lines.Text()); at != "" {
			select {
			case address <- at:
			default:
			}
		}
	}
}

// kill is kill -9: nothing is finished, nothing is said.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop asks to end as an operator does and gives how it ended.
func (p *process) stop(within time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.wait(within)
}

func (p *process) wait(within time.Duration) error {
	select {
	case <-p.ended:
		return p.exit
	case <-time.After(within):
		return fmt.Errorf("%s still runs after %s", p.role, within)
	}
}

// journal keeps what a process writes to standard error.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// from gives what follows the first mention of something, some thousand characters of it.
func (j *journal) from(s string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := j.text.String()
	i := strings.Index(text, s)
	if i < 0 {
		return ""
	}
	return text[i:min(i+6000, len(text))]
}

func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(j.text.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}

// eventually tries until it works or patience ends; the last reason is the failure.
func eventually(t *testing.T, patience time.Duration, try func() error) {
	t.Helper()
	over := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-over:
			require.FailNow(t, "not within "+patience.String(), "%v", err)
		case <-tick.C:
		}
	}
}
