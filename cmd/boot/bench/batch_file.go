package bench

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// paydayMonth is the ledger month to which our own n-th load goes: empty before, as a month is when it begins.
func paydayMonth(n int) string { return fmt.Sprintf("%04d-%02d", 2101+n/12, 1+n%12) }

// bringFile lays a file down for an operator.
func (w *world) bringFile(ctx context.Context, month string, rows int) (func(context.Context) (loaded, error), error) {
	file, err := w.writePayday(ctx, "DAY-"+month, month, rows)
	return func(ctx context.Context) (loaded, error) { return w.ingest(ctx, file, rows) }, err
}

// writePayday writes rows lines of a batch and its control file, as docs/ingest.md describes them: payees in a random but
// repeatable order, each of our people several times.
func (w *world) writePayday(ctx context.Context, id, month string, rows int) (file string, err error) {
	var people int
	if err := w.db.QueryRow(ctx, "SELECT count(*) FROM bench_people").Scan(&people); err != nil {
		return "", err
	}
	file = filepath.Join(w.dir, id+".ndjson")
	f, err := os.Create(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, digest := bufio.NewWriterSize(f, 1<<20), sm3.New()
	random := rand.New(rand.NewPCG(uint64(rows), 7))
	now := time.Now().UTC().Format(time.RFC3339)
	total, line, mark := int64(0), make([]byte, 0, 1024), make([]byte, 0, 64)
	for n := 1; n <= rows; n++ {
		ref, fen := "BENCH-"+strconv.Itoa(1+random.IntN(people)), int64(10_000+n%500)
		total += fen
		line = fmt.Appendf(line[:0], `{"id":"%s/%d","ledger_month":"%s","batch_id":"%s","line_no":%d,"programme_code":"P28","programme_version":1,"district":"410303",`+
			`"beneficiary_ref":"%s","payee_ref":"%s","payee_kind":"individual","household_ref":"","amount_fen":%d,"period":"%s","state":"credited",`+
			`"planned_at":"%s","approved_at":"%s","sent_at":"%s","credited_at":"%s","credit_no":"C%012d","paying_bank":"LYB","account_bank":"LYB","account_tail":"%04d","old_channel":false,"version":1,"changed_at":"%s"}`+"\n",
			id, n, month, id, n, ref, ref, fen, month, now, now, now, now, n, n%10_000, now)
		mark = fmt.Appendf(mark[:0], "%d|%s|%d\n", n, ref, fen)
		digest.Write(mark)
		if _, err := out.Write(line); err != nil {
			return "", err
		}
	}
	if err := out.Flush(); err != nil {
		return "", err
	}
	control, err := json.Marshal(map[string]any{
		"id": id, "ledger_month": month, "programme_code": "P28", "programme_version": 1, "district": "410303", "period": month, "paying_bank": "LYB",
		"count": rows, "total_fen": total, "digest_sm3": hex.EncodeToString(digest.Sum(nil)), "announced_at": now,
	})
	if err != nil {
		return "", err
	}
	return file, os.WriteFile(file+".control.json", control, 0o600)
}

// ingest takes a file as an operator does, and watches how much memory that needs.
func (w *world) ingest(ctx context.Context, file string, rows int) (loaded, error) {
	c := w.command(ctx, "ingest", file, "--json", "--report", os.DevNull)
	c.Stderr = nil
	began := time.Now()
	if err := c.Start(); err != nil {
		return loaded{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var peak int64
	for {
		select {
		case err := <-ended:
			took := time.Since(began)
			if err != nil {
				return loaded{}, fmt.Errorf("ingest: %w", err)
			}
			return loaded{rows: rows, took: took, rss: peak}, os.Remove(file)
		case <-time.After(50 * time.Millisecond):
			if now, err := peakRSS(c.Process.Pid); err == nil {
				peak = max(peak, now)
			}
		}
	}
}

// mustHold makes sure that what was measured was done: every row is there and may be shown.
func (w *world) mustHold(ctx context.Context, month string, rows int) error {
	var n int
	if err := w.db.QueryRow(ctx, "SELECT count(*) FROM payments WHERE ledger_month = $1 AND hold = ''", month).Scan(&n); err != nil {
		return err
	}
	if n != rows {
		return fmt.Errorf("the batch of %s has %d rows to show, not %d", month, n, rows)
	}
	return nil
}
