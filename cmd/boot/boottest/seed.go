package boottest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/configs"
	"onecard/models"
	"onecard/models/store/storetest"
)

// seed is a data folder in which the city is built and its history taken, made once for all tests of a binary: reading
// two years of arrivals takes longer than most tests.
var seed = sync.OnceValues(makeSeed)

// settingsIn are dev's with free ports, and with limits that a clock standing still does not run into.
func settingsIn(dir string) configs.Config {
	cfg := configs.Dev(dir)
	cfg.HTTP.Addr, cfg.Sandbox.Addr, cfg.Sandbox.Seed = "127.0.0.1:0", "127.0.0.1:0", 1
	cfg.Registry.BudgetPerSecond, cfg.HTTP.Limits.Writes, cfg.HTTP.Limits.Reads = 10_000, 1000, 1000
	cfg.HTTP.FinishTimeout, cfg.HTTP.JobStopTimeout = 5*time.Second, 5*time.Second
	cfg.Log.Level = "debug"
	return cfg
}

// made is the folder to remove; written once inside seed, read after the last test.
var made string

func makeSeed() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "onecard-boottest-"); err != nil {
		return "", err
	}
	made = dir
	cfg := settingsIn(dir)
	app, err := boot.Build(context.Background(), cfg, boot.Roles{API: true}, boot.Migrating(),
		boot.WithClock(models.NewManualClock(Today)), boot.WithLog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return "", err
	}
	err = app.RunOnce(context.Background())
	return dir, errors.Join(err, app.Close())
}

func copySeed(t testing.TB, to string) {
	t.Helper()
	from, err := seed()
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(from, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(name, target)
	}))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Main runs the tests of a binary that uses Start and removes the seed and its databases afterwards.
func Main(m *testing.M) int {
	code := storetest.Main(m)
	for _, f := range atEnd {
		f()
	}
	if made != "" {
		_ = os.RemoveAll(made)
	}
	return code
}

var atEnd []func()

// AtEnd runs f after the last test of this binary; it is called by one test at a time.
func AtEnd(f func()) { atEnd = append(atEnd, f) }
