package scenario_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
)

// ADR 0051: the process that reads lines may die, and its worker has the batch taken by the next; a worker that is stopped
// stops it, and the lease is given back at once.
func TestTheProcessOfPaydaysDiesAndItsWorkerGoesOn(t *testing.T) {
	t.Parallel()
	f := &streamedPayday{world: newWorld(t, true), random: seed(t), lines: 2000}
	f.db = f.open()
	folder := t.TempDir()
	stall := func() {
		require.NoError(t, f.desk.City.Registry.SetFault(sandbox.Fault{Target: "payments", Op: "lines", Fault: sandbox.FaultStall, Line: 1000, DelayMS: 600_000, Times: 1}))
	}
	reading := func(worker *process) int {
		worker.until(patienceFor(f.lines), "reads the stream", func() bool {
			return len(f.spooled(folder, ".rows")) > 0 && len(f.desk.City.Registry.Faults()) == 0
		})
		taking := offspring(worker.cmd.Process.Pid)
		require.Len(t, taking, 1, "one process reads lines")
		return taking[0]
	}

	stall()
	first := f.announce("2022-01")
	worker := f.work(folder)
	taking := reading(worker)
	session, err := os.ReadFile("/proc/" + strconv.Itoa(taking) + "/stat")
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(taking), statFields(session)[3], "it leads a session of its own")
	require.Equal(t, "5", statFields(session)[38], "SCHED_IDLE, field 41 of proc(5)")
	require.Equal(t, 1, f.number(f.db, "SELECT count(*) FROM batches WHERE id = '"+first.id+"' AND lease_ends IS NOT NULL"), "its worker has the lease")
	require.NoError(t, syscall.Kill(taking, syscall.SIGKILL))
	f.leaseOver(f.db, first.id)
	f.applied(worker, first.id)
	f.takenOnce(f.db, first.id, f.lines)
	require.Equal(t, first.digest, f.digestOf(first.id))
	f.gone(taking)

	require.NoError(t, f.desk.City.Registry.SetFault(sandbox.Fault{Target: "payments", Op: "lines", Fault: sandbox.FaultDrop, Line: 10, Times: 1}))
	broken := f.announce("2022-01")
	worker.until(patienceFor(f.lines), "holds the batch", func() bool {
		return f.number(f.db, "SELECT count(*) FROM batches WHERE id = '"+broken.id+"' AND state = 'held' AND reason = 'BATCH_LINE_GAP'") == 1
	})
	require.Equal(t, 1, f.number(f.db, "SELECT count(*) FROM batch_findings WHERE batch_id = '"+broken.id+"' AND line = 10"), "what was found apart")
	require.Empty(t, f.spooled(folder, ".manifest"), "after a verdict the lines are read again")

	stall()
	second := f.announce("2022-02")
	taking = reading(worker)
	require.NoError(t, worker.stop(15*time.Second), worker.log.tail())
	f.gone(taking)
	require.Equal(t, 1, f.number(f.db, "SELECT count(*) FROM batches WHERE id = '"+second.id+"' AND waiting AND lease_ends IS NULL AND tries = 0"))
	require.Zero(t, f.number(f.db, "SELECT count(*) FROM payments WHERE batch_id = '"+second.id+"'"))
	require.NoError(t, f.db.Close())
}

// gone waits until a process is.
func (f *streamedPayday) gone(pid int) {
	f.t.Helper()
	eventually(f.t, 40*time.Second, func() error {
		line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && statFields(line)[0] != "Z" {
			return errors.New("a process that reads lines outlives its worker")
		}
		return nil
	})
}

// offspring are the living processes that another one started.
func offspring(of int) (out []int) {
	lists, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range lists {
		line, err := os.ReadFile(name) // #nosec G304 -- the system's own list
		if err != nil {
			continue
		}
		fields := statFields(line)
		if fields[0] == "Z" || fields[1] != strconv.Itoa(of) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

// statFields are those behind the name: state, parent, group, session.
func statFields(line []byte) []string {
	return append(strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:])), "", "", "", "")
}
