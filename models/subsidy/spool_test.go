package subsidy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
)

func anyPayment(t *rapid.T) Payment {
	word := rapid.StringMatching(`[a-zA-Z0-9~一-龥]{0,12}`)
	at := rapid.Custom(func(t *rapid.T) time.Time {
		micros := rapid.Int64Range(-60_000_000_000_000_000, 200_000_000_000_000_000).Draw(t, "micros")
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		return time.UnixMicro(micros).UTC()
	})
	p := Payment{
		Key: Key{"2021-12", "b1", rapid.IntRange(1, mostLine).Draw(t, "line")}, Edition: rapid.IntRange(0, 1<<30).Draw(t, "edition"),
		PersonID: models.NewID(), AmountFen: models.Fen(rapid.Int64().Draw(t, "fen")), Version: rapid.Int64().Draw(t, "version"),
		OldChannel: rapid.Bool().Draw(t, "old"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "beneficiary") {
	case 0:
		p.BeneficiaryID = p.PersonID
	case 1:
		p.BeneficiaryID = models.NewID()
	}
	for _, w := range texts(&p) {
		*w = word.Draw(t, "word")
	}
	for _, i := range instants(&p) {
		*i = at.Draw(t, "instant")
	}
	return p
}

func TestARowOfTheSpoolIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rowReader{month: "2021-12", batch: "b1"}
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			want := anyPayment(t)
			row, err := appendRow(nil, &want)
			require.NoError(t, err)
			var got Payment
			require.NoError(t, r.read(row, &got))
			require.Equal(t, want, got)
			cut := rapid.IntRange(0, len(row)-1).Draw(t, "cut")
			require.ErrorIs(t, r.read(row[:cut], &got), errSpoolBroken, "a row cut short is never half a payment")
			require.ErrorIs(t, r.read(append(slices.Clone(row), 0), &got), errSpoolBroken)
		}
	})
}

func FuzzSpoolRow(f *testing.F) {
	p := Payment{Key: Key{"2021-12", "b1", 7}, PersonID: models.NewID(), Programme: "P41", AmountFen: 5}
	row, err := appendRow(nil, &p)
	require.NoError(f, err)
	f.Add(row)
	f.Add([]byte{})
	f.Fuzz(func(_ *testing.T, row []byte) {
		r := rowReader{month: "2021-12", batch: "b1"}
		_ = r.read(row, &p) // never a panic, never memory by the row's word
		_, _ = readFinding(row)
		_, _ = readParked("b1", row)
	})
}

// spooled writes n lines in any order of payees.
func spooled(t *testing.T, dir string, n int) (*spool, []Payment) {
	t.Helper()
	w, err := newSpoolWriter(dir, spoolName(Batch{ID: "b1"}))
	require.NoError(t, err)
	all := make([]Payment, n)
	for i := range all {
		all[i] = Payment{Key: Key{"2021-12", "b1", i + 1}, PersonID: models.ID(fmt.Sprintf("%08x-0000-7000-8000-000000000000", (i*7919)%n/2)),
			Programme: "P41", State: Credited, AmountFen: models.Fen(i)}
		require.NoError(t, w.add(&all[i]))
		if i%1000 == 0 {
			require.NoError(t, w.flushRows())
			require.NoError(t, w.note(finding{noteHeld, i + 1, "AMOUNT_ABSURD", all[i].PersonID}))
		}
	}
	s, err := w.end()
	require.NoError(t, err)
	require.NoError(t, s.seal())
	return s, all
}

func TestRunsAreMergedInTheOrderOfPayees(t *testing.T) {
	t.Parallel()
	s, all := spooled(t, t.TempDir(), 5000)
	require.Greater(t, len(s.m.Segments), 4)
	for range 2 { // each reading begins anew
		rows, err := s.rows(Batch{ID: "b1", LedgerMonth: "2021-12"})
		require.NoError(t, err)
		seen, last := map[int]bool{}, ""
		for {
			p, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			at := fmt.Sprintf("%s %09d", p.PersonID, p.Key.Line)
			require.Greater(t, at, last)
			last = at
			require.Equal(t, all[p.Key.Line-1], *p)
			seen[p.Key.Line] = true
		}
		require.Len(t, seen, 5000)
	}
	found := 0
	require.NoError(t, s.each(segmentFindings, func(record []byte) error {
		f, err := readFinding(record)
		require.Equal(t, finding{noteHeld, found*1000 + 1, "AMOUNT_ABSURD", all[found*1000].PersonID}, f)
		found++
		return err
	}))
	require.Equal(t, 5, found)
}

// A spool counts only whole: any damage to rows or manifest, and it is read again from the source.
func TestADamagedSpoolIsNone(t *testing.T) {
	t.Parallel()
	name := spoolName(Batch{ID: "b1"})
	for what, damage := range map[string]func(t *testing.T, dir, rows, manifest string){
		"a byte of a row": func(t *testing.T, _, rows, _ string) { flip(t, rows) },
		"rows cut":        func(t *testing.T, _, rows, _ string) { require.NoError(t, os.Truncate(rows, 100)) },
		"no rows":         func(t *testing.T, _, rows, _ string) { require.NoError(t, os.Remove(rows)) },
		"manifest":        func(t *testing.T, _, _, manifest string) { flip(t, manifest) },
		"no manifest":     func(t *testing.T, _, _, manifest string) { require.NoError(t, os.Remove(manifest)) },
		"empty manifest":  func(t *testing.T, _, _, manifest string) { require.NoError(t, os.Truncate(manifest, 0)) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, _ := spooled(t, dir, 300)
			rows := s.file.Name()
			s.close()
			again := openSpool(dir, name)
			require.NotNil(t, again)
			again.close()
			damage(t, dir, rows, filepath.Join(dir, name+".manifest"))
			require.Nil(t, openSpool(dir, name))
			if what != "no manifest" { // then the parts wait for the cleaner
				left, err := os.ReadDir(dir)
				require.NoError(t, err)
				require.Empty(t, left, "dropped")
			}
		})
	}
}

func flip(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	body[len(body)/2] ^= 4
	require.NoError(t, os.WriteFile(file, body, 0o600))
}

func TestOldSpoolsAreDroppedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := &Service{SpoolDir: filepath.Join(t.TempDir(), "spool")}
	n, err := s.CleanSpool()
	require.NoError(t, err)
	require.Zero(t, n, "no folder yet")
	sp, _ := spooled(t, s.SpoolDir, 10)
	sp.close()
	other := filepath.Join(s.SpoolDir, "somebody's")
	require.NoError(t, os.WriteFile(other, nil, 0o600))
	n, err = s.CleanSpool()
	require.NoError(t, err)
	require.Zero(t, n)
	old := time.Now().Add(-spoolKept - time.Hour)
	files, err := filepath.Glob(filepath.Join(s.SpoolDir, "*"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.Chtimes(f, old, old))
	}
	n, err = s.CleanSpool()
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.FileExists(t, other)
}

func TestAnAnnouncementChangesABatchOnlyForward(t *testing.T) {
	t.Parallel()
	figures := Batch{ID: "b1", LinesBy: ByStream, Count: 2, TotalFen: 5, Digest: "d", Version: 2}
	applied := BatchLife{Batch: figures, State: BatchApplied, AppliedAt: time.Unix(1, 0), AppliedCount: 2, AppliedFen: 5, AppliedDigest: "d", Attempt: 3}
	other := figures
	other.TotalFen = 6
	gone := figures
	gone.Withdrawn = true
	fed := figures
	fed.LinesBy = ByFeed
	filed := figures
	filed.LinesBy = ByFile
	for what, c := range map[string]struct {
		was     BatchLife
		b       Batch
		state   BatchState
		waiting bool
		attempt int
	}{
		"new":                     {BatchLife{}, figures, BatchAnnounced, true, 1},
		"new, by the feed":        {BatchLife{}, fed, BatchAnnounced, false, 0},
		"applied, same figures":   {applied, figures, BatchAnnounced, true, 4},
		"new, by a file":          {BatchLife{}, filed, BatchAnnounced, false, 1},
		"applied, file again":     {applied, filed, BatchAnnounced, false, 4},
		"applied, other figures":  {applied, other, BatchAnnounced, true, 4},
		"held, same figures":      {BatchLife{Batch: figures, State: BatchHeld, Reason: BatchCountMismatch}, figures, BatchAnnounced, true, 1},
		"spooled, other figures":  {BatchLife{Batch: figures, State: BatchSpooled, Waiting: true, Attempt: 1}, other, BatchAnnounced, true, 2},
		"applied, withdrawn":      {applied, gone, BatchApplied, true, 4},
		"withdrawn, back again":   {BatchLife{Batch: gone, State: BatchWithdrawn}, figures, BatchWithdrawn, false, 0},
		"to be withdrawn, again":  {BatchLife{Batch: gone, State: BatchApplied, Waiting: true, AppliedAt: time.Unix(1, 0)}, figures, BatchApplied, true, 1},
		"applied once, then held": {BatchLife{Batch: other, State: BatchHeld, AppliedAt: time.Unix(1, 0), AppliedCount: 2, AppliedFen: 5, AppliedDigest: "d"}, figures, BatchAnnounced, true, 1},
	} {
		is := c.b.Announced(c.was)
		require.Equal(t, c.state, is.State, what)
		require.Equal(t, c.waiting, is.Waiting, what)
		require.Equal(t, c.attempt, is.Attempt, what)
		if is.State == BatchAnnounced {
			require.Empty(t, is.Reason, what)
		}
	}
}
