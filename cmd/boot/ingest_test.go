package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/registry/filedrop"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// standIn answers as the use case would.
type standIn struct {
	taken subsidy.Taken
	find  []subsidy.Finding
	errs  []error // of the first calls
	calls int
	o     subsidy.TakeOptions
}

func (s *standIn) TakeBatch(_ context.Context, _ subsidy.Batch, _ subsidy.LineSource, o subsidy.TakeOptions) (subsidy.Taken, error) {
	s.o = o
	if s.calls++; s.calls <= len(s.errs) {
		return subsidy.Taken{}, s.errs[s.calls-1]
	}
	for n := 0; n <= 100; n++ {
		o.Progress(subsidy.Progress{Step: subsidy.Reading, Lines: n, Of: 100})
	}
	for _, f := range s.find {
		if err := o.Report(f); err != nil {
			return subsidy.Taken{}, err
		}
	}
	return s.taken, nil
}

// dropped is a file of lines with its control file.
func dropped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.csv")
	require.NoError(t, os.WriteFile(path, []byte("line_no,payee_ref,amount_fen,state\n1,p,100,sent\n"), 0o600))
	require.NoError(t, os.WriteFile(filedrop.ControlOf(path), []byte(`{"id":"F1","ledger_month":"2021-12","programme_code":"P41","district":"410303","count":1,
		"total_fen":100,"announced_at":"2021-12-20T09:00:00+08:00"}`), 0o600))
	return path
}

func TestIngestSaysWhatBecameOfABatch(t *testing.T) {
	t.Parallel()
	path := dropped(t)
	run := func(s *standIn, args ...string) (out, progress string, err error) {
		var o, e bytes.Buffer
		err = IngestCommand(t.Context(), s, args, Terminal{Out: &o, Err: &e})
		return o.String(), e.String(), err
	}
	good := subsidy.Taken{State: subsidy.BatchApplied, Lines: 3, TotalFen: 12_345, Held: 1, Parked: 1}
	findings := []subsidy.Finding{{Batch: "F1", Line: 2, Code: "AMOUNT_ABSURD"}, {Batch: "F1", Line: 3, Code: "PAYEE_UNKNOWN"}}

	s := &standIn{taken: good, find: findings}
	out, progress, err := run(s, path, "--by", "clerk.7")
	require.NoError(t, err)
	require.Equal(t, "line 2: AMOUNT_ABSURD\nline 3: PAYEE_UNKNOWN\n"+
		"batch F1 of 2021-12: applied; 3 lines, 123.45 yuan; 1 held for a look, 1 parked until their payee is known\n", out)
	require.Equal(t, "clerk.7", s.o.Operator)
	require.Equal(t, hotline.Operator(), s.o.By)
	require.Equal(t, 11, strings.Count(progress, "\n"), "a line for each tenth")
	require.Contains(t, progress, "reading: 50 of 100 lines (50%)")

	s = &standIn{taken: subsidy.Taken{State: subsidy.BatchAnnounced, Lines: 3}, find: findings}
	report := filepath.Join(t.TempDir(), "bad.txt")
	out, _, err = run(s, "--dry-run", "--report", report, path)
	require.NoError(t, err)
	require.True(t, s.o.DryRun)
	require.Equal(t, "batch F1 of 2021-12: nothing against it; 3 lines, 0.00 yuan; 0 held for a look, 0 parked until their payee is known; nothing was stored\n", out)
	written, err := os.ReadFile(report)
	require.NoError(t, err)
	require.Equal(t, "line 2: AMOUNT_ABSURD\nline 3: PAYEE_UNKNOWN\n", string(written))

	out, _, err = run(&standIn{taken: subsidy.Taken{State: subsidy.BatchApplied, Again: true}}, path)
	require.NoError(t, err)
	require.Contains(t, out, "nothing happened")

	s = &standIn{taken: subsidy.Taken{State: subsidy.BatchHeld, Reason: subsidy.BatchCountMismatch, Lines: 2}, find: []subsidy.Finding{{Batch: "F1", Code: subsidy.BatchCountMismatch}}}
	out, _, err = run(s, path, "--json")
	require.ErrorIs(t, err, ErrBatchNotTaken)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.JSONEq(t, `{"line":0,"code":"BATCH_COUNT_MISMATCH"}`, lines[0])
	var last map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &last))
	require.Equal(t, "BATCH_COUNT_MISMATCH", last["reason"])
	require.Equal(t, "held", last["state"])
	require.InDelta(t, 1, last["findings"], 0)
}

func TestIngestWaitsForOneWhoDiedAndNeverEndsQuietly(t *testing.T) {
	t.Parallel()
	path := dropped(t)
	var out, progress bytes.Buffer
	s := &standIn{taken: subsidy.Taken{State: subsidy.BatchApplied}, errs: []error{subsidy.ErrBatchBusy}}
	require.NoError(t, IngestCommand(t.Context(), s, []string{path}, Terminal{Out: &out, Err: &progress}))
	require.Equal(t, 2, s.calls)
	require.Equal(t, operator(), s.o.Operator)
	require.Contains(t, progress.String(), "another process has this batch")

	s = &standIn{errs: []error{subsidy.ErrBatchFigures}}
	require.ErrorIs(t, IngestCommand(t.Context(), s, []string{path}, Terminal{Out: &out, Err: &progress}), subsidy.ErrBatchFigures)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s = &standIn{errs: []error{context.Canceled}}
	err := IngestCommand(ctx, s, []string{path}, Terminal{Out: &out, Err: &progress})
	require.ErrorContains(t, err, "run it again")
	require.NotErrorIs(t, err, context.Canceled, "which would end with status 0")
}

func TestIngestExplainsItsRefusals(t *testing.T) {
	t.Parallel()
	path := dropped(t)
	for _, args := range [][]string{{}, {path, path}, {path, "--dry"}, {""}, {path, "--by", "王 五"}, {path, "--by", ""}, {"--report"}} {
		err := IngestCommand(t.Context(), &standIn{}, args, Terminal{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
		require.ErrorIs(t, err, ErrUsage, args)
	}
	err := IngestCommand(t.Context(), &standIn{}, []string{path, "--control", path}, Terminal{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	require.ErrorIs(t, err, filedrop.ErrControl)
	require.NotErrorIs(t, err, ErrUsage)
}

func TestTheBarIsDrawnAnewOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	b := newProgressBar(Terminal{Err: &out, Live: true})
	b.now = func() time.Time { return now }
	for n := 0; n <= 1000; n++ {
		b.show(subsidy.Progress{Step: subsidy.Reading, Lines: n, Of: 1000})
		now = now.Add(time.Millisecond)
	}
	b.show(subsidy.Progress{Step: subsidy.Storing, Lines: 0, Of: 0})
	b.clear()
	drawn := strings.Split(out.String(), "\r\x1b[K")
	require.Less(t, len(drawn), 16, "ten a second")
	require.Contains(t, out.String(), "reading  [###############...............]  50%  500 of 1000 lines")
	require.Contains(t, out.String(), "[##############################] 100%  1000 of 1000 lines, 1000/s")
	require.Empty(t, drawn[len(drawn)-1], "and is taken away")
	require.NotContains(t, out.String(), "\n")
}
