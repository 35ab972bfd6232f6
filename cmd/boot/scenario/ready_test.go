package scenario

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// built compiles the command once for all tests of this binary.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onecard-binary-")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	name := filepath.Join(dir, "onecard")
	cmd := exec.Command("go", "build", "-o", name, "onecard/cmd/onecard")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return name, cmd.Run()
})

// binaryDir is removed after the last test.
var binaryDir string

func binary(t *testing.T) string {
	t.Helper()
	name, err := built()
	require.NoError(t, err)
	return name
}

// environment is this process's without any setting of the product.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ONECARD_") })
}

var listening = regexp.MustCompile(`API +(http://\S+)`)

// A fresh binary answers /readyz within a second of its start, on the first run and on the second: schema current and
// stores open; the city follows by the feed. It runs before the parallel tests of this package; those of others may run
// beside it, so the best time of a few tries counts, each with a folder of its own; on a quiet machine the first is enough.
func TestReadyWithinASecondOnFirstAndSecondRun(t *testing.T) {
	boottest.EmbeddedHalf(t, true)
	name := binary(t)
	best := [2]time.Duration{time.Hour, time.Hour}
	for range 10 {
		dir := t.TempDir()
		for run := range best {
			best[run] = min(best[run], untilReady(t, name, dir))
		}
		if max(best[0], best[1]) <= time.Second {
			break
		}
	}
	t.Parallel() // measured: the others of this package begin beside it only now
	t.Logf("ready after %s on the first run, %s on the second", best[0].Round(time.Millisecond), best[1].Round(time.Millisecond))
	require.LessOrEqual(t, best[0], time.Second, "first run")
	require.LessOrEqual(t, best[1], time.Second, "second run")
}

// untilReady starts dev on free ports, measures to its first 200, and stops it as a person would.
func untilReady(t *testing.T, name, dir string) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, "dev")
	cmd.Env = append(environment(), "ONECARD_DATA_DIR="+dir, "ONECARD_HTTP_ADDR=127.0.0.1:0", "ONECARD_SANDBOX_ADDR=127.0.0.1:0", "ONECARD_LOG_LEVEL=error")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, cmd.Start())
	base := ""
	lines := bufio.NewScanner(out)
	for base == "" && lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			base = m[1]
		}
	}
	require.NotEmpty(t, base, "dev prints where it listens")
	go func() { _, _ = io.Copy(io.Discard, out) }()
	require.NoError(t, ready(ctx, base))
	took := time.Since(began)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), "it stops cleanly")
	return took
}

func ready(ctx context.Context, base string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
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
