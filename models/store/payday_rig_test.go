package store_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

// tap is a source of batches in memory.
type tap struct {
	lines map[string][]subsidy.Line
	reads atomic.Int64
	fails func(batch string, line int) error // before this line; the number behind the last one is the end
}

func (s *tap) BatchLines(ctx context.Context, batch string, take func(subsidy.Line) error) error {
	s.reads.Add(1)
	for i, l := range s.lines[batch] {
		if s.fails != nil {
			if err := s.fails(batch, i+1); err != nil {
				return err
			}
		}
		if l.Raw == nil {
			l.Raw = rawOf(l)
		}
		if err := take(l); err != nil {
			return err
		}
	}
	if s.fails != nil {
		if err := s.fails(batch, len(s.lines[batch])+1); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// rawOf stands for the line as the source wrote it.
func rawOf(l subsidy.Line) []byte {
	raw, err := json.Marshal(map[string]any{"batch_id": l.Key.BatchID, "line_no": l.Key.Line, "payee_ref": l.PayeeRef})
	if err != nil {
		panic(err)
	}
	return raw
}

// streaming gives the rig a source and a spool.
func (p *payday) streaming() *tap {
	s := &tap{lines: map[string][]subsidy.Line{}}
	p.Lines, p.SpoolDir = s, p.t.TempDir()
	return s
}

// lines are n payments to wang in one batch.
func (p *payday) lines(batch string, n int, change ...func(*subsidy.Line)) []subsidy.Line {
	out := make([]subsidy.Line, n)
	for i := range out {
		out[i] = p.paid("wang", batch, change...)
		out[i].Key.Line, out[i].CreditNo = i+1, fmt.Sprintf("%s-%d", batch, i+1)
	}
	return out
}

// batchOf is the announcement of these lines.
func batchOf(at time.Time, lines []subsidy.Line) subsidy.Batch {
	h := sm3.New()
	b := subsidy.Batch{ID: lines[0].Key.BatchID, LedgerMonth: lines[0].Key.LedgerMonth, Programme: "P41", Edition: 1, District: "410303", Department: "人社局",
		LinesBy: subsidy.ByStream, AnnouncedAt: at, Version: 1, ChangedAt: at, Count: len(lines)}
	for _, l := range lines {
		b.TotalFen += l.AmountFen
		fmt.Fprintf(h, "%d|%s|%d\n", l.Key.Line, l.BeneficiaryRef, l.AmountFen)
	}
	b.Digest = hex.EncodeToString(h.Sum(nil))
	return b
}

// announce has the source hold these lines and the registry announce them.
func (p *payday) announce(s *tap, lines []subsidy.Line, change ...func(*subsidy.Batch)) subsidy.Batch {
	p.t.Helper()
	b := batchOf(p.clock.Now(), lines)
	for _, f := range change {
		f(&b)
	}
	s.lines[b.ID] = lines
	p.hear(b)
	return b
}

func (p *payday) hear(list ...subsidy.Batch) {
	p.t.Helper()
	require.NoError(p.t, p.inTx(func(ctx context.Context) error {
		moved, err := p.ApplyBatches(ctx, list)
		require.Empty(p.t, moved)
		return err
	}))
}

func version(v int64) func(*subsidy.Batch) { return func(b *subsidy.Batch) { b.Version = v } }

// takeAll takes batches until none waits.
func (p *payday) takeAll() {
	p.t.Helper()
	for more := true; more; {
		var err error
		more, err = p.TakeBatches(p.t.Context())
		require.NoError(p.t, err)
	}
}

func (p *payday) tellAll() {
	p.t.Helper()
	for more := true; more; {
		var err error
		more, err = p.TellBatches(p.t.Context())
		require.NoError(p.t, err)
	}
}

func (p *payday) life(batch string) subsidy.BatchLife {
	p.t.Helper()
	l, err := p.store.BatchLife(p.t.Context(), batch)
	require.NoError(p.t, err)
	return l
}

// report is what was found about a batch, as "line code".
func (p *payday) report(batch string) []string {
	p.t.Helper()
	list, err := p.store.Findings(p.t.Context(), batch, subsidy.Finding{Line: -1}, 100)
	require.NoError(p.t, err)
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	return out
}

func (p *payday) count(query string, args ...any) (n int) {
	p.t.Helper()
	require.NoError(p.t, p.db.SQL().QueryRowContext(p.t.Context(), query, args...).Scan(&n))
	return n
}

// stored counts a batch's rows, those shown to nobody too.
func (p *payday) stored(batch string) int {
	return p.count("SELECT count(*) FROM payments WHERE batch_id = '" + batch + "'")
}

func (p *payday) batchAudits(batch string) (out []string) {
	p.t.Helper()
	rows, err := p.db.SQL().QueryContext(p.t.Context(), "SELECT action FROM audit_entries WHERE object = 'batches' AND object_id = '"+batch+"' ORDER BY id")
	require.NoError(p.t, err)
	defer rows.Close()
	for rows.Next() {
		var a string
		require.NoError(p.t, rows.Scan(&a))
		out = append(out, a)
	}
	require.NoError(p.t, rows.Err())
	return out
}

func (p *payday) jobs(kind string) int {
	return p.count("SELECT count(*) FROM river_job WHERE kind = '" + kind + "'")
}

func (p *payday) dataSeq() int {
	return p.count("SELECT coalesce(max(data_seq), 0) FROM feed_cursors WHERE source = 'payments'")
}
