package scenario_test

import (
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

	"onecard/cmd/boot/boottest"
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
	}{"sqlite": {false, 20_000}, "postgres": {true, killLines(t, 100_000)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			boottest.EmbeddedHalf(t, !c.onServers)
			killedWhileIngesting(t, newWorld(t, c.onServers), c.lines)
		})
	}
}

func killedWhileIngesting(t *testing.T, w *world, count int) {
	const deaths = 10
	random, patience := seed(t), patienceFor(count)
	w.knowsTheCity()
	db := w.open()
	plain, before := w.payday("plain", "2022-01", count), w.size(db, "2022-01")
	began := time.Now()
	marks := w.undisturbed(plain, patience)
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
		w.reached(p, marks[point], patience)
		moment(random.IntN(20_000))
		p.kill()
		if p.exit != nil {
			fell++
		}
		w.leaseOver(db, "killed")
	}
	p := w.start("ingest", ingestFile+"="+path)
	require.NoError(t, p.wait(patience), p.log.tail())
	p = w.start("ingest", ingestFile+"="+path)
	require.NoError(t, p.wait(patience), p.log.tail())
	t.Logf("killed at %v; %d of %d died before their end", points, fell, deaths)

	w.takenOnce(db, "killed", count)
	require.Zero(t, w.number(db, "SELECT count(*) FROM (SELECT * FROM "+content("plain")+" AS a EXCEPT SELECT * FROM "+content("killed")+" AS b) AS others"),
		"as many lines, and none is another")
	w.hardlyGrown(size, w.size(db, "2022-02")-before)
	w.noSpoolIn(w.cfg.SpoolFolder())
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
func (w *world) undisturbed(path string, patience time.Duration) []string {
	w.t.Helper()
	p := w.start("ingest", ingestFile+"="+path)
	require.NoError(w.t, p.wait(patience), p.log.tail())
	marks := markForm.FindAllString(p.log.tail(), -1)
	require.Greater(w.t, len(marks), 6, p.log.tail())
	return marks
}

// reached waits until a process has come to a mark, or is over.
func (w *world) reached(p *process, mark string, patience time.Duration) {
	w.t.Helper()
	p.until(patience, "comes to "+mark, func() bool { return p.log.from(mark) != "" })
}
