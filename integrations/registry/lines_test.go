package registry

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/subsidy"
)

// all reads a batch and keeps what was taken.
func (g *rig) all(batch string) (lines []subsidy.Line, err error) {
	err = g.payments.BatchLines(g.t.Context(), batch, func(l subsidy.Line) error {
		l.Raw = bytes.Clone(l.Raw)
		lines = append(lines, l)
		return nil
	})
	return lines, err
}

func (g *rig) payday(h sandbox.Happening) string {
	g.t.Helper()
	h.Kind = "payday"
	return g.happen(h)["batch_id"]
}

func TestABatchComesAsAStream(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	batch := g.payday(sandbox.Happening{Lines: 3000, State: "credited"})
	lines, err := g.all(batch)
	require.NoError(t, err)
	require.Len(t, lines, 3000)
	for i, l := range lines {
		require.Empty(t, l.Bad)
		require.Equal(t, subsidy.Key{LedgerMonth: "2021-12", BatchID: batch, Line: i + 1}, l.Key)
		require.Equal(t, subsidy.Credited, l.State)
		require.NotEmpty(t, l.PayeeRef)
		var p lineParser
		again, err := p.line(l.Raw)
		require.NoError(t, err, "the raw line can be parked")
		again.Raw = l.Raw
		require.Equal(t, l, again)
	}
	events, _ := readAll(t, g.payments, "")
	for _, e := range events {
		if b, ok := e.Fact.(subsidy.Batch); ok && b.ID == batch {
			require.Equal(t, subsidy.ByStream, b.LinesBy)
			require.Equal(t, 3000, b.Count)
			require.False(t, b.Withdrawn)
		}
	}
}

func TestABatchByFeedIsSignedInItsHeader(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	out := g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang"})
	lines, err := g.all(out["batch_id"])
	require.NoError(t, err)
	require.Len(t, lines, 1)
	g.fault(sandbox.Fault{Target: "payments", Op: "lines", Fault: "forge", Times: 1})
	lines, err = g.all(out["batch_id"])
	require.ErrorIs(t, err, ErrUnknownFate)
	require.Empty(t, lines, "refused before a line is read")
}

func TestWhatTheStreamOfABatchMayBe(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Idle: time.Second, Breaker: Breaker{Failures: 1000}})
	const count = 2000
	batch := g.payday(sandbox.Happening{Lines: count})
	for _, c := range []struct {
		fault string
		code  string // of the *CallError: nothing may be believed
		lines int    // otherwise: how many were taken
		bad   string // and what the tenth could not be read for
	}{
		{"none", "", count, ""},
		{"truncate", "", 10, "data_malformed"},
		{"drop", "", count - 1, ""},
		{"duplicate", "", count + 1, ""},
		{"reorder", "", count, ""},
		{"corrupt", "", count, ""},
		{"amount", "", count, ""},
		{"garble", "", count, "data_malformed"},
		{"long_line", "", count, "batch_line_too_long"},
		{"die", "ANSWER_TRUNCATED", 0, ""},
		{"stall", "TIMEOUT", 0, ""},
		{"unsigned", "ANSWER_NOT_SIGNED", 0, ""},
		{"tampered", "ANSWER_NOT_SIGNED", 0, ""},
		{"forge", "ANSWER_NOT_SIGNED", 0, ""},
		{"delay", "TIMEOUT", 0, ""},
		{"down", "ANSWER_NOT_SIGNED", 0, ""},
		{"busy", "BUSY", 0, ""},
		{"off", "CONNECTION", 0, ""},
	} {
		if c.fault != "none" {
			g.fault(sandbox.Fault{Target: "payments", Op: "lines", Fault: c.fault, Line: 10, DelayMS: 5000})
		}
		lines, err := g.all(batch)
		g.fault(sandbox.Fault{Target: "payments", Fault: "none"})
		if c.code != "" {
			var call *CallError
			require.ErrorAs(t, err, &call, c.fault)
			require.Equal(t, c.code, call.Code, c.fault)
			require.ErrorIs(t, err, models.ErrUnavailable, c.fault)
			continue
		}
		require.NoError(t, err, c.fault)
		require.Len(t, lines, c.lines, c.fault)
		require.Equal(t, c.bad, lines[9].Bad, c.fault)
		if c.bad != "" {
			require.Equal(t, 10, lines[9].Key.Line)
			require.Nil(t, lines[9].Raw, "nothing of what could not be read is kept")
		}
		for _, l := range lines[10:] {
			require.Empty(t, l.Bad, c.fault)
		}
	}
	g.happen(sandbox.Happening{Kind: "withdraw", BatchID: batch})
	_, err := g.all(batch)
	require.True(t, answered(err, "BATCH_WITHDRAWN"))
	_, err = g.all("b-unknown")
	require.True(t, answered(err, "NO_SUCH_BATCH"))
}

func TestABadLineIsNotTheSourcesFailure(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Breaker: Breaker{Failures: 1, Of: 1, Delay: time.Hour}, Idle: 5 * time.Second})
	batch := g.payday(sandbox.Happening{Lines: 20})
	g.fault(sandbox.Fault{Target: "payments", Op: "lines", Fault: "garble", Times: 1})
	_, err := g.all(batch)
	require.NoError(t, err)
	stop := errors.New("the spool is full")
	require.ErrorIs(t, g.payments.BatchLines(t.Context(), batch, func(subsidy.Line) error { return stop }), stop)
	require.NotErrorIs(t, stop, models.ErrUnavailable)
	_, err = g.all(batch)
	require.NoError(t, err, "neither opened the breaker")

	g.fault(sandbox.Fault{Target: "payments", Op: "lines", Fault: "die", Times: 1})
	_, err = g.all(batch)
	require.ErrorIs(t, err, models.ErrUnavailable)
	_, err = g.all(batch)
	var call *CallError
	require.ErrorAs(t, err, &call)
	require.Equal(t, "BREAKER_OPEN", call.Code)
}

func TestAStreamIsOneCallOfTheReadingLane(t *testing.T) {
	t.Parallel()
	var lanes []Lane
	full := false
	g := newRig(t, Options{Budget: BudgetFunc(func(_ context.Context, lane Lane) error {
		lanes = append(lanes, lane)
		if full {
			return ErrBudgetFull
		}
		return nil
	})})
	batch := g.payday(sandbox.Happening{Lines: 5000})
	_, err := g.all(batch)
	require.NoError(t, err)
	require.Equal(t, []Lane{ReadLane}, lanes)
	full = true
	_, err = g.all(batch)
	require.ErrorIs(t, err, ErrNotSent)
}

func TestACallerWhoLeavesEndsTheStream(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	batch := g.payday(sandbox.Happening{Lines: 50_000})
	ctx, cancel := context.WithCancel(t.Context())
	taken := 0
	err := g.payments.BatchLines(ctx, batch, func(subsidy.Line) error {
		if taken++; taken == 100 {
			cancel()
		}
		return nil
	})
	var call *CallError
	require.ErrorAs(t, err, &call)
	require.Equal(t, "CANCELLED", call.Code)
	require.Less(t, taken, 50_000)
}

// Memory does not grow with the batch, nor with a line of 10 MB in it. Measured in a process of its own.
func TestMemoryIsFlatAtAnySize(t *testing.T) {
	t.Parallel()
	if os.Getenv("ONECARD_TEST_ALONE") == "" {
		alone := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryIsFlatAtAnySize$", "-test.v")
		alone.Env = append(os.Environ(), "ONECARD_TEST_ALONE=1")
		out, err := alone.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "100000 lines")
		return
	}
	g := newRig(t, Options{})
	for _, count := range []int{2000, 100_000} {
		batch := g.payday(sandbox.Happening{Lines: count})
		g.fault(sandbox.Fault{Target: "payments", Op: "lines", Fault: "long_line", Line: count - 1, Times: 1})
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n, most := 0, uint64(0)
		require.NoError(t, g.payments.BatchLines(t.Context(), batch, func(subsidy.Line) error {
			if n++; n%(count/4) == 0 || n == count {
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
			return nil
		}))
		require.Equal(t, count, n)
		t.Logf("%d lines", n)
		require.Less(t, int64(most)-int64(before.HeapAlloc), int64(30<<20), "the pretend registry's own 10 MB line included")
	}
}

func TestTheCutterKeepsNoLongLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longestLine)
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"a\nb", "a b"},
		{"a\r\n\nb\n", "a  b"},
		{long + "\n" + "b\n", long + " b"},
		{long + "xx\nb\n", "LONG b"},
		{"a\n" + long + "xx", "a LONG"},
		{strings.Repeat(long, 80), "ENDLESS"},
	} {
		cut := lineCutter{from: bufio.NewReaderSize(strings.NewReader(c.in), 4096)}
		var got []string
		for {
			line, err := cut.next()
			if errors.Is(err, io.EOF) {
				break
			}
			switch {
			case errors.Is(err, errLineTooLong):
				got = append(got, "LONG")
			case errors.Is(err, errLineEndless):
				got = append(got, "ENDLESS")
			default:
				require.NoError(t, err)
				got = append(got, string(line))
			}
			if errors.Is(err, errLineEndless) {
				break
			}
		}
		if c.want != strings.Join(got, " ") { // not shown: it may be a megabyte
			t.Fatalf("%.20q was read otherwise", c.in)
		}
		require.LessOrEqual(t, cap(cut.long), 4*longestLine)
	}
}

func TestALineOfAnotherBatchIsBad(t *testing.T) {
	t.Parallel()
	var got []string
	in := plainLine + "\n" + strings.Replace(plainLine, `"batch_id":"b0123456789ab"`, `"batch_id":"b2"`, 1) + "\n\n" + strings.Replace(plainLine, `"line_no":17`, `"line_no":0`, 1)
	require.NoError(t, LineForm{Batch: "b0123456789ab"}.Read(strings.NewReader(in), func(l subsidy.Line) error {
		got = append(got, fmt.Sprint(l.Key.Line, l.Bad))
		return nil
	}))
	require.Equal(t, []string{"17", "2batch_line_foreign", "3data_malformed", "4key_form"}, got)
}

func TestAStrictReaderRefusesWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	escaped := strings.Replace(plainLine, "2021年度", `2021\u5e74\u5ea6`, 1)
	for _, c := range []struct {
		line          string
		loose, strict string
	}{
		{plainLine, "", ""},
		{escaped, "", ""},
		{strings.Replace(plainLine, `"version":5`, `"version":5,"bonus":1`, 1), "", "data_malformed"},
		{strings.Replace(escaped, `"version":5`, `"version":5,"bonus":1`, 1), "", "data_malformed"},
		{strings.Replace(plainLine, "年", "\xc4\xea", 1), "", "not_utf8"},
		{escaped + "}", "data_malformed", "data_malformed"},
	} {
		for strict, want := range map[bool]string{false: c.loose, true: c.strict} {
			err := LineForm{Batch: "b0123456789ab", Strict: strict}.Read(strings.NewReader(c.line), func(l subsidy.Line) error {
				require.Equal(t, want, l.Bad, "strict %t: %s", strict, c.line)
				if want == "" && strict {
					require.Equal(t, "2021年度", l.Period)
				}
				return nil
			})
			require.NoError(t, err)
		}
	}
}

func BenchmarkReadLines(b *testing.B) {
	const count = 20_000
	text := strings.Repeat(plainLine+"\n", count)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := LineForm{Batch: "b0123456789ab"}.Read(strings.NewReader(text), func(subsidy.Line) error { n++; return nil })
		if err != nil || n != count {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "lines/s")
}
