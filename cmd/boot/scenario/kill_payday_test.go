package scenario_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// killLines is how many lines the batch has whose taker is killed on PostgreSQL: ONECARD_TEST_KILL_LINES, or as many as
// a test that always runs can afford.
func killLines(t *testing.T, lines int) int {
	t.Helper()
	if text := os.Getenv("ONECARD_TEST_KILL_LINES"); text != "" {
		var err error
		lines, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	return lines
}

// patienceFor is how long taking so many lines may last before a test gives up.
func patienceFor(lines int) time.Duration {
	return 2*time.Minute + time.Duration(lines)*500*time.Microsecond
}

// until waits, with a keen eye, until something is so or the process is over.
func (p *process) until(patience time.Duration, what string, so func() bool) {
	p.t.Helper()
	over := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-p.ended:
			return
		case <-over:
			require.FailNow(p.t, p.role+": not so within "+patience.String()+": it "+what, p.log.tail())
		case <-tick.C:
		}
	}
}

// open is the world's database, beside its processes.
func (w *world) open() *sql.DB {
	w.t.Helper()
	driver, dsn := "sqlite", "file:"+filepath.ToSlash(w.cfg.SQLiteFile())+"?_pragma=busy_timeout(20000)"
	if w.cfg.Database.Driver == "postgres" {
		driver, dsn = "pgx", w.cfg.Database.DSN.Reveal()
	}
	db, err := sql.Open(driver, dsn)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

func (w *world) number(db *sql.DB, query string) (n int) {
	w.t.Helper()
	require.NoError(w.t, db.QueryRowContext(w.t.Context(), query).Scan(&n), query)
	return n
}

// leaseOver lets the time pass in which a dead process holds the batch: its length is not what is tested here. The
// server has long seen by then that the process is gone.
func (w *world) leaseOver(db *sql.DB, batch string) {
	w.t.Helper()
	if w.cfg.Database.Driver == "postgres" {
		eventually(w.t, 20*time.Second, func() error {
			if n := w.number(db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'"); n > 0 {
				return fmt.Errorf("%d of the dead one's connections are busy", n)
			}
			return nil
		})
	}
	_, err := db.ExecContext(w.t.Context(), "UPDATE batches SET lease_ends = NULL WHERE id = '"+batch+"'")
	require.NoError(w.t, err)
}

// size is how much room the payments of a month take; on SQLite, where months share a table, the whole database. On
// PostgreSQL it is the table's own: an index uses its emptied pages again only when no transaction of the whole server is
// older than their emptying, so that its size tells who else is at work there.
func (w *world) size(db *sql.DB, month string) int {
	w.t.Helper()
	if w.cfg.Database.Driver == "postgres" {
		return w.number(db, "SELECT COALESCE(pg_table_size(to_regclass('payments_"+strings.ReplaceAll(month, "-", "_")+"')), 0)")
	}
	return w.number(db, "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)")
}

// takenOnce checks that a batch stands with each of its lines, and that everything which goes with it is there once.
func (w *world) takenOnce(db *sql.DB, batch string, count int) {
	w.t.Helper()
	id := "'" + batch + "'"
	require.Equal(w.t, count, w.number(db, "SELECT count(*) FROM payments WHERE batch_id = "+id))
	require.Equal(w.t, count, w.number(db, "SELECT count(DISTINCT line) FROM payments WHERE line BETWEEN 1 AND "+strconv.Itoa(count)+" AND batch_id = "+id), "each line once")
	require.Equal(w.t, 1, w.number(db, "SELECT count(*) FROM notice_runs WHERE batch_id = "+id), "told once")
	require.Equal(w.t, 1, w.number(db, "SELECT count(*) FROM audit_entries WHERE action = 'subsidy.batch.applied' AND object_id = "+id))
	require.Equal(w.t, 1, w.number(db, "SELECT count(*) FROM batches WHERE id = "+id+" AND state = 'applied' AND NOT loading AND NOT waiting"))
}

// hardlyGrown bounds what deaths leave behind in the table, in bytes beside what an undisturbed batch takes.
func (w *world) hardlyGrown(undisturbed, killed int) {
	w.t.Helper()
	w.t.Logf("undisturbed %d KiB, killed %d KiB", undisturbed>>10, killed>>10)
	require.LessOrEqual(w.t, killed, 2*undisturbed, "beside its own lines the table has grown by one batch at most")
}

func (w *world) noSpoolIn(folder string) {
	w.t.Helper()
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(w.t, err)
	require.Empty(w.t, left, "no spool is left")
}
