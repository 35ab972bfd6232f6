package scenario_test

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/integrations/registry"
	sandbox "onecard/integrations/sandbox/registry"
)

// Where a worker that takes a streamed batch is killed.
const (
	inTheStream   = "in the stream"   // at a drawn line the stream stands still, so that it cannot end before
	beforeTheCopy = "before the COPY" // the spool is whole, the table is kept from it; in a new month, after the COPY
	inTheCopy     = "in the COPY"     // at a drawn line; the commit is kept from it
)

// Design 7: a batch from the feed is taken whole and once, wherever its worker dies. It is killed ten times at points
// drawn from a printed seed: five times on one machine, then on another, which has none of the first one's spool.
func TestKilledTenTimesABatchFromTheFeedIsTakenOnce(t *testing.T) {
	t.Parallel()
	f := &streamedPayday{world: newWorld(t, true), random: seed(t), lines: killLines(t, 50_000)}
	f.db = f.open()
	for range 2 {
		f.machines = append(f.machines, t.TempDir())
	}

	plain := f.announce("2022-01")
	worker := f.work(f.machines[0])
	f.alone = f.applied(worker, plain.id)
	require.NoError(t, worker.stop(40*time.Second), worker.log.tail())
	t.Logf("%d lines undisturbed, from heard of to visible, in %s", f.lines, f.alone.Round(time.Millisecond))

	killed := f.announce("2022-02")
	for n, folder := range f.machines {
		if n > 0 { // the month is new to the first machine; then somebody else begins it
			_, err := f.db.ExecContext(t.Context(), "SELECT make_payments_partition('2022-02')")
			require.NoError(t, err)
		}
		for _, where := range []string{inTheStream, inTheStream, beforeTheCopy, inTheCopy, inTheCopy} {
			began, line := time.Now(), 1+f.random.IntN(f.lines)
			f.die(where, killed.id, folder, line)
			t.Logf("killed %s, machine %d, line %d, after %s", where, n+1, line, time.Since(began).Round(time.Millisecond))
		}
	}
	worker = f.work(f.machines[1])
	f.applied(worker, killed.id)
	require.NoError(t, worker.stop(40*time.Second), worker.log.tail())

	f.takenOnce(f.db, killed.id, f.lines)
	require.Equal(t, killed.digest, f.digestOf(killed.id), "each line is to whom and of how much it was announced")
	f.hardlyGrown(f.size(f.db, "2022-01"), f.size(f.db, "2022-02"))
	f.noSpoolIn(f.machines[1])
	f.readToItsEnd()
	require.NoError(t, f.db.Close())
	f.auditHolds()
}

// streamedPayday is a world whose registry announces batches and streams their lines.
type streamedPayday struct {
	*world
	db       *sql.DB
	random   *rand.Rand
	machines []string // a folder for spools each
	lines    int
	alone    time.Duration // how long an undisturbed worker took
}

type announcement struct{ id, digest string }

// announce has the registry announce a batch.
func (f *streamedPayday) announce(month string) announcement {
	f.t.Helper()
	out, err := f.desk.City.Registry.Happen(sandbox.Happening{Kind: "payday", Programme: "28", Lines: f.lines, LedgerMonth: month, State: "credited"})
	require.NoError(f.t, err)
	return announcement{out["batch_id"], out["digest_sm3"]}
}

func (f *streamedPayday) work(folder string) *process {
	f.t.Helper()
	return f.start("work", "ONECARD_SPOOL_DIR="+folder)
}

// applied waits until a batch stands and answers how long that took from its announcement's taking.
func (f *streamedPayday) applied(p *process, batch string) time.Duration {
	f.t.Helper()
	is := func(what string) func() bool {
		return func() bool { return f.number(f.db, "SELECT count(*) FROM batches WHERE id = '"+batch+"'"+what) == 1 }
	}
	p.until(patienceFor(f.lines), "hears of the batch", is(""))
	began := time.Now()
	p.until(patienceFor(f.lines), "applies the batch", is(" AND state = 'applied'"))
	require.True(f.t, is(" AND state = 'applied'")(), p.log.tail())
	return time.Since(began)
}

// die starts a worker and kills it at a place, or the process that reads lines for it: it is drawn which dies first. What keeps it from going further is what it would meet anyhow: a registry
// that stands still, a lock that another has.
func (f *streamedPayday) die(where, batch, folder string, line int) {
	f.t.Helper()
	free, parts := func() {}, len(f.spooled(folder, ".rows"))
	switch where {
	case inTheStream:
		require.NoError(f.t, f.desk.City.Registry.SetFault(sandbox.Fault{Target: "payments", Op: "lines", Fault: sandbox.FaultStall, Line: line, DelayMS: 600_000, Times: 1}))
	case beforeTheCopy:
		free = f.hold("LOCK TABLE payments IN SHARE MODE")
	case inTheCopy:
		free = f.hold("LOCK TABLE notice_runs IN SHARE MODE")
	}
	p, patience := f.work(folder), patienceFor(f.lines)
	switch where {
	case inTheStream:
		p.until(patience, "reads the stream", func() bool {
			return len(f.spooled(folder, ".rows")) > parts && len(f.desk.City.Registry.Faults()) == 0
		})
		moment(f.random.IntN(1 + min(int(f.alone.Microseconds())/2*line/f.lines, 20_000_000))) // a worker waits 30 s for a stream
		require.Len(f.t, f.spooled(folder, ".rows"), parts+1, "it still reads")
		require.Empty(f.t, f.spooled(folder, ".manifest"))
	case beforeTheCopy:
		const kept = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ '^(COPY|VACUUM) payments|end_payments_partition'"
		p.until(patience, "waits for the table", func() bool { return f.number(f.db, kept) > 0 })
		moment(f.random.IntN(50_000))
		require.Len(f.t, f.spooled(folder, ".manifest"), 1)
	case inTheCopy:
		const copied = "SELECT COALESCE(max(tuples_processed), -1) FROM pg_stat_progress_copy WHERE datname = current_database()"
		begun := false
		p.until(patience, "copies the lines", func() bool {
			n := f.number(f.db, copied)
			was := begun
			begun = begun || n >= 0
			return n >= line || was && n < 0
		})
		moment(f.random.IntN(5_000))
		require.True(f.t, begun, p.log.tail())
	}
	select {
	case <-p.ended:
		require.FailNow(f.t, "it ended before it was killed", p.log.tail())
	default:
	}
	f.kill(p, where)
	free()
	f.leaseOver(f.db, batch)
	require.Zero(f.t, f.number(f.db, "SELECT count(*) FROM payments WHERE batch_id = '"+batch+"'"), "nothing of a dead one's work is seen")
}

// kill ends a worker, which alone writes to the database. While lines are read it is drawn whether their process dies first;
// else it reads that its worker is gone.
func (f *streamedPayday) kill(p *process, where string) {
	f.t.Helper()
	reading := offspring(p.cmd.Process.Pid)
	if where != inTheStream {
		require.Empty(f.t, reading, "the process that reads lines has ended before they are stored")
		p.kill()
		return
	}
	require.Len(f.t, reading, 1, "one process reads lines")
	if f.random.IntN(2) == 0 {
		require.NoError(f.t, syscall.Kill(reading[0], syscall.SIGKILL))
		f.t.Log("the process of paydays died, then its worker")
	}
	p.kill()
	f.gone(reading[0])
}

// hold takes a lock that lasts until the answer is called.
func (f *streamedPayday) hold(lock string) (free func()) {
	f.t.Helper()
	tx, err := f.db.BeginTx(f.t.Context(), nil)
	require.NoError(f.t, err)
	_, err = tx.ExecContext(f.t.Context(), lock)
	require.NoError(f.t, err)
	return func() { require.NoError(f.t, tx.Rollback()) }
}

// spooled lists the files of one sort in a machine's folder.
func (f *streamedPayday) spooled(folder, sort string) []string {
	f.t.Helper()
	list, err := filepath.Glob(filepath.Join(folder, "*"+sort))
	require.NoError(f.t, err)
	return list
}

// digestOf is what a batch's stored lines come to, as the registry announced it: number, beneficiary and amount of each.
func (f *streamedPayday) digestOf(batch string) string {
	f.t.Helper()
	rows, err := f.db.QueryContext(f.t.Context(), "SELECT line || '|' || ref || '|' || amount_fen FROM payments JOIN persons ON id = beneficiary_id WHERE batch_id = $1 ORDER BY line", batch)
	require.NoError(f.t, err)
	defer func() { require.NoError(f.t, rows.Close()) }()
	digest := sm3.New()
	for rows.Next() {
		var line string
		require.NoError(f.t, rows.Scan(&line))
		fmt.Fprintln(digest, line)
	}
	require.NoError(f.t, rows.Err())
	return hex.EncodeToString(digest.Sum(nil))
}

// readToItsEnd checks that the cursor stands where the registry has no more to say.
func (f *streamedPayday) readToItsEnd() {
	f.t.Helper()
	var cursor string
	require.NoError(f.t, f.db.QueryRowContext(f.t.Context(), "SELECT cursor FROM feed_cursors WHERE source = 'payments'").Scan(&cursor))
	client, err := registry.NewPayments(f.cfg.AtDesk(f.desk.URL()).Registry.Payments, registry.Options{})
	require.NoError(f.t, err)
	defer client.Close()
	page, err := client.Page(f.t.Context(), cursor, 10)
	require.NoError(f.t, err)
	require.Empty(f.t, page.Events)
	require.Equal(f.t, cursor, page.Next)
}
