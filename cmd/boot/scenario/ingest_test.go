package scenario

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/integrations/registry/filedrop"
)

// drop is a batch as a bureau writes it: rows, and the totals beside them.
type drop struct {
	id   string
	rows []string // line_no,payee_ref,amount_fen,state,sent_at,credited_at,credit_no
}

const dropHead = "line_no,payee_ref,amount_fen,state,sent_at,credited_at,credit_no\n"

func (d *drop) credit(ref string, fen int) {
	n := len(d.rows) + 1
	d.rows = append(d.rows, fmt.Sprintf("%d,%s,%d,credited,2021-12-20 09:00:00,2021-12-20 09:30:00,%s-%d", n, ref, fen, d.id, n))
}

// write puts the file and its control file into a folder; bend may change what is announced.
func (d *drop) write(t *testing.T, dir string, bend func(control map[string]any)) string {
	t.Helper()
	total, digest := 0, sm3.New()
	for _, row := range d.rows {
		cells := strings.Split(row, ",")
		fen, err := strconv.Atoi(cells[2])
		require.NoError(t, err)
		total += fen
		fmt.Fprintf(digest, "%s|%s|%s\n", cells[0], cells[1], cells[2])
	}
	control := map[string]any{"id": d.id, "ledger_month": "2021-12", "programme_code": "P41", "district": "410303", "period": "2021年12月", "paying_bank": "103",
		"count": len(d.rows), "total_fen": total, "digest_sm3": hex.EncodeToString(digest.Sum(nil)), "announced_at": "2021-12-20T10:01:00+08:00"}
	if bend != nil {
		bend(control)
	}
	raw, err := json.Marshal(control)
	require.NoError(t, err)
	path := filepath.Join(dir, d.id+".csv")
	require.NoError(t, os.WriteFile(path, []byte(dropHead+strings.Join(d.rows, "\n")+"\n"), 0o600))
	require.NoError(t, os.WriteFile(filedrop.ControlOf(path), raw, 0o600))
	return path
}

// ingest is the command on the rig's own database and clock.
func ingest(t *testing.T, r *boottest.Rig, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := boot.IngestCommand(t.Context(), r.App.Intake(), args, boot.Terminal{Out: &out, Err: &bytes.Buffer{}})
	return out.String(), err
}

func refOf(t *testing.T, r *boottest.Rig, key string) string {
	t.Helper()
	c, ok := r.Desk.City.Registry.Citizen(key)
	require.True(t, ok)
	return c.PersonRef
}

func lines(t *testing.T, r *boottest.Rig, batch string) (n int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM payments WHERE batch_id = '"+batch+"'").Scan(&n))
	return n
}

func TestABatchFromAFileIsPaidToldAndAudited(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	d := &drop{id: "F-2021-12-P41"}
	d.credit(refOf(t, r, "wang"), 110_000)
	d.credit(refOf(t, r, "zhao"), 120_000)
	path := d.write(t, t.TempDir(), nil)

	out, err := ingest(t, r, path, "--dry-run")
	require.NoError(t, err, out)
	require.Contains(t, out, "nothing against it; 2 lines, 2300.00 yuan")
	require.Zero(t, lines(t, r, d.id), "a dry run stores nothing")
	require.Empty(t, r.Decisions("subsidy.batch.applied"))

	out, err = ingest(t, r, path, "--by", "clerk.7")
	require.NoError(t, err, out)
	require.Contains(t, out, "applied; 2 lines, 2300.00 yuan; 0 held for a look, 0 parked")
	require.Equal(t, 2, lines(t, r, d.id))
	brought := r.Decisions("subsidy.batch.applied")
	require.Len(t, brought, 1)
	require.Equal(t, []string{"system", "console", "clerk.7", d.id}, []string{brought[0].ActorKind, brought[0].Channel, brought[0].Note("by"), brought[0].ObjectID})
	r.Later(time.Second)
	require.Equal(t, 1, r.Told("wang", "就业补助", "1100.00元"), "the payee is told")
	shown := wang.Get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK)
	require.Contains(t, string(shown.Raw), "2021-12~"+d.id+"~1")

	out, err = ingest(t, r, path)
	require.NoError(t, err)
	require.Contains(t, out, "nothing happened")
	require.Equal(t, 2, lines(t, r, d.id))
	r.Later(time.Minute)
	require.Equal(t, 1, r.Told("wang", "就业补助", "1100.00元"), "twice brought is once told")
}

func TestAFileThatIsNotWhatItsTotalsSayIsHeldWhole(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	ref := refOf(t, r, "wang")
	for i, c := range []struct {
		bend   func(control map[string]any)
		rows   func(rows []string) []string
		reason string
		line   string
	}{
		{bend: func(m map[string]any) { m["count"] = 4 }, reason: "BATCH_COUNT_MISMATCH", line: "batch: "},
		{bend: func(m map[string]any) { m["count"] = 2 }, reason: "BATCH_COUNT_MISMATCH", line: "batch: "},
		{bend: func(m map[string]any) { m["total_fen"] = 1 }, reason: "BATCH_TOTAL_MISMATCH", line: "batch: "},
		{bend: func(m map[string]any) { m["digest_sm3"] = strings.Repeat("0", 64) }, reason: "BATCH_DIGEST_MISMATCH", line: "batch: "},
		{rows: func(l []string) []string { return []string{l[0], l[2], l[1]} }, reason: "BATCH_LINES_OUT_OF_ORDER", line: "line 2: "},
		{rows: func(l []string) []string { return []string{l[0], l[1], l[1], l[2]} }, reason: "BATCH_LINE_TWICE", line: "line 2: "},
		{rows: func(l []string) []string { return append(l, "4,"+strings.Repeat("p", 10<<20)+",1,sent,,,") }, reason: "BATCH_LINE_TOO_LONG", line: "line 4: "},
	} {
		d := &drop{id: fmt.Sprintf("F%d", i)}
		for range 3 {
			d.credit(ref, 100)
		}
		if c.rows != nil {
			d.rows = c.rows(d.rows)
		}
		out, err := ingest(t, r, d.write(t, t.TempDir(), c.bend))
		require.ErrorIs(t, err, boot.ErrBatchNotTaken, c.reason)
		require.ErrorContains(t, err, c.reason)
		require.Contains(t, out, c.line+c.reason+"\n")
		require.Zero(t, lines(t, r, d.id), "nothing half-applied")
		require.Len(t, r.Decisions("subsidy.batch.held"), i+1)
	}
	r.Later(time.Minute)
	require.Zero(t, r.Told("wang", "就业补助"))
}

func TestEveryLineThatIsNotInOrderIsNamed(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := refOf(t, r, "wang")
	d := &drop{id: "F-lines"}
	d.credit(wang, 100)
	d.credit(wang, -100)
	d.credit(wang, 5_000_000_000)
	d.credit("pnobody", 100)
	d.credit(wang, 200)
	dir := t.TempDir()
	report := filepath.Join(dir, "bad.txt")
	out, err := ingest(t, r, d.write(t, dir, nil), "--report", report)
	require.NoError(t, err)
	require.Contains(t, out, "applied; 5 lines")
	require.Contains(t, out, "2 held for a look, 1 parked")
	written, err := os.ReadFile(report)
	require.NoError(t, err)
	require.Equal(t, "line 2: AMOUNT_ABSURD\nline 3: AMOUNT_ABSURD\nline 4: PAYEE_UNKNOWN\n", string(written))
	require.NotContains(t, string(written), wang)
	require.Equal(t, 4, lines(t, r, d.id), "nothing lost: the fifth waits for its payee")

	bad := &drop{id: "F-unreadable"}
	bad.credit(wang, 100)
	path := bad.write(t, dir, func(m map[string]any) { m["count"] = 4 })
	rows := dropHead + "1," + wang + ",100,sent,,,\n2," + wang + ",1e2,sent,,,\n3,,100,sent,,,\nx\n"
	require.NoError(t, os.WriteFile(path, []byte(rows), 0o600))
	out, err = ingest(t, r, path, "--json")
	require.ErrorIs(t, err, boot.ErrBatchNotTaken)
	for _, want := range []string{`{"code":"NUMBER_FORM","line":2}`, `{"code":"REFERENCE_MISSING","line":3}`, `{"code":"CELLS_COUNT","line":4}`, `"reason":"BATCH_LINE_UNREADABLE"`} {
		require.Contains(t, out, want)
	}
	require.Zero(t, lines(t, r, bad.id))
}

func TestAStreamedBatchAndItsFileAreOneBatch(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Fault("payments", "down", map[string]any{"op": "lines"})
	event := r.Happens("payday", "", map[string]any{"programme": "41", "district": "410303", "lines": 2, "amount_fen": 5000, "state": "credited"})
	id := event.Text("batch_id")
	require.Zero(t, lines(t, r, id), "the stream is down")
	d := &drop{id: id}
	d.credit(refOf(t, r, "wang"), 5000)
	_, err := ingest(t, r, d.write(t, t.TempDir(), nil))
	require.Error(t, err, "another batch under its name is refused")
	require.Zero(t, lines(t, r, id))
}
