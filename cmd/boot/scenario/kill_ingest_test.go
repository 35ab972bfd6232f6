package scenario_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/registry/filedrop"
)

// ingestFile names, in the environment of a child, the file that it is to take.
const ingestFile = "ONECARD_TEST_INGEST"

// Design 7: a batch is taken whole and once, wherever the one who takes it dies. It is killed ten times at points drawn
// from a printed seed; then the table holds what an undisturbed run leaves, and has hardly grown more.
func TestKilledTenTimesABatchFromAFileIsTakenOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		onServers bool
		lines     int
	}{"sqlite": {false, 20_000}, "postgres": {true, 100_000}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killedWhileIngesting(t, newWorld(t, c.onServers), c.lines)
		})
	}
}

func killedWhileIngesting(t *testing.T, w *world, count int) {
	const deaths = 10
	random := seed(t)
	w.knowsTheCity()
	db := w.open()
	plain, before := w.payday("plain", "2022-01", count), w.size(db, "2022-01")
	began := time.Now()
	marks := w.undisturbed(plain)
	size := w.size(db, "2022-01") - before
	t.Logf("%d lines undisturbed in %s, %d marks", count, time.Since(began).Round(time.Millisecond), len(marks))

	path, before := w.payday("killed", "2022-02", count), w.size(db, "2022-02")
	points := random.Perm(len(marks))[:min(deaths, len(marks))]
	slices.Sort(points)
	for len(points) < deaths {
		points = append(points, len(marks)-1)
	}
	fell := 0
	for _, point := range points {
		p := w.start("ingest", ingestFile+"="+path)
		w.reached(p, marks[point])
		moment(random.IntN(20_000))
		p.kill()
		if p.exit != nil {
			fell++
		}
		w.leaseOver(db, "killed")
	}
	p := w.start("ingest", ingestFile+"="+path)
	require.NoError(t, p.wait(2*time.Minute), p.log.tail())
	p = w.start("ingest", ingestFile+"="+path)
	require.NoError(t, p.wait(2*time.Minute), p.log.tail())
	t.Logf("killed at %v; %d of %d died before their end", points, fell, deaths)

	require.Equal(t, count, w.number(db, "SELECT count(*) FROM payments WHERE batch_id = 'killed'"))
	require.Zero(t, w.number(db, "SELECT count(*) FROM "+content("plain")+" a FULL JOIN "+content("killed")+" b ON a.line = b.line AND a.rest = b.rest WHERE a.line IS NULL OR b.line IS NULL"),
		"the same lines")
	require.Equal(t, 1, w.number(db, "SELECT count(*) FROM notice_runs WHERE batch_id = 'killed'"), "told once")
	require.Equal(t, 1, w.number(db, "SELECT count(*) FROM audit_entries WHERE action = 'subsidy.batch.applied' AND object_id = 'killed'"))
	require.Equal(t, 1, w.number(db, "SELECT count(*) FROM batches WHERE id = 'killed' AND state = 'applied' AND NOT loading AND NOT waiting"))
	grown := w.size(db, "2022-02") - before
	t.Logf("undisturbed %d KiB, killed %d KiB", size>>10, grown>>10)
	require.LessOrEqual(t, grown, 2*size, "beside its own lines the table has grown by one batch at most")
	left, err := filepath.Glob(filepath.Join(w.cfg.SpoolFolder(), "*"))
	require.NoError(t, err)
	require.Empty(t, left, "no spool is left")
	require.NoError(t, db.Close())
	w.auditHolds()
}

// content is what lines are compared by: everything but batch, month and the instants of taking.
func content(batch string) string {
	return "(SELECT line, CAST(person_id AS text) || '|' || amount_fen || '|' || state || '|' || hold || '|' || version || '|' || programme AS rest" +
		" FROM payments WHERE batch_id = '" + batch + "')"
}

// knowsTheCity takes people and programmes from the feeds.
func (w *world) knowsTheCity() {
	w.t.Helper()
	people := len(w.desk.City.Registry.Citizens(-1))
	running := w.start("dev")
	db := w.open()
	eventually(w.t, 2*time.Minute, func() error {
		if n, m := w.number(db, "SELECT count(*) FROM persons"), w.number(db, "SELECT count(*) FROM programmes"); n < people || m < 46 {
			return fmt.Errorf("%d of %d people, %d programmes", n, people, m)
		}
		return nil
	})
	require.NoError(w.t, db.Close())
	require.NoError(w.t, running.stop(40*time.Second), running.log.tail())
	require.NoError(w.t, w.fault(`{"target":"payments","fault":"off"}`))
}

// payday writes a file of lines about the city's people.
func (w *world) payday(id, month string, count int) string {
	w.t.Helper()
	people := w.desk.City.Registry.Citizens(-1)
	var rows strings.Builder
	rows.WriteString("line_no,payee_ref,amount_fen,state,sent_at\n")
	total := 0
	for n := 1; n <= count; n++ {
		fen := 1000 + n%977
		total += fen
		fmt.Fprintf(&rows, "%d,%s,%d,sent,2021-12-20 09:00:00\n", n, people[n*7919%len(people)].PersonRef, fen)
	}
	control, err := json.Marshal(map[string]any{"id": id, "ledger_month": month, "programme_code": "P28", "district": "410303", "count": count, "total_fen": total,
		"announced_at": "2021-12-20T09:00:00+08:00"})
	require.NoError(w.t, err)
	path := filepath.Join(w.t.TempDir(), id+".csv")
	require.NoError(w.t, os.WriteFile(path, []byte(rows.String()), 0o600))
	require.NoError(w.t, os.WriteFile(filedrop.ControlOf(path), control, 0o600))
	return path
}

var markForm = regexp.MustCompile(`(?m)^(?:reading|storing): \d+ of `)

// undisturbed takes a file and gives what it said of its progress: where another may be killed.
func (w *world) undisturbed(path string) []string {
	w.t.Helper()
	p := w.start("ingest", ingestFile+"="+path)
	require.NoError(w.t, p.wait(2*time.Minute), p.log.tail())
	marks := markForm.FindAllString(p.log.tail(), -1)
	require.Greater(w.t, len(marks), 6, p.log.tail())
	return marks
}

// reached waits until a process has come to a mark, or is over.
func (w *world) reached(p *process, mark string) {
	w.t.Helper()
	over := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for p.log.from(mark) == "" {
		select {
		case <-p.ended:
			return
		case <-over:
			require.FailNow(w.t, "it does not come to "+mark, p.log.tail())
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
			if n := w.number(db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"); n > 0 {
				return fmt.Errorf("%d of the dead one's connections are busy", n)
			}
			return nil
		})
	}
	_, err := db.ExecContext(w.t.Context(), "UPDATE batches SET lease_ends = NULL WHERE id = '"+batch+"'")
	require.NoError(w.t, err)
}

// size is how much room the payments of a month take; on SQLite, where months share a table, the whole database.
func (w *world) size(db *sql.DB, month string) int {
	w.t.Helper()
	if w.cfg.Database.Driver == "postgres" {
		return w.number(db, "SELECT COALESCE(pg_total_relation_size(to_regclass('payments_"+strings.ReplaceAll(month, "-", "_")+"')), 0)")
	}
	return w.number(db, "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)")
}
