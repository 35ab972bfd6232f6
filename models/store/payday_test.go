package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

func TestABatchIsAppliedWholeInOneCommit(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 3)
		lines[1].PayeeRef, lines[1].BeneficiaryRef = "zhao", "zhao"
		p.announce(src, lines)
		require.Equal(t, subsidy.BatchAnnounced, p.life("b1").State)
		require.Empty(t, p.shown("wang", 2021).Items)
		before := p.dataSeq()
		p.takeAll()

		l := p.life("b1")
		require.Equal(t, subsidy.BatchApplied, l.State)
		require.False(t, l.Waiting)
		require.Equal(t, 3, l.AppliedCount)
		require.Equal(t, l.TotalFen, l.AppliedFen)
		require.Len(t, p.shown("wang", 2021).Items, 2)
		require.Len(t, p.shown("zhao", 2021).Items, 1)
		require.Equal(t, before+1, p.dataSeq())
		require.Equal(t, []string{"subsidy.batch.applied"}, p.batchAudits("b1"))
		require.Equal(t, 1, p.jobs("subsidy.invalidate_slice"))
		require.Empty(t, p.report("b1"))
		require.Empty(t, p.notices("wang"), "queued by set: one row")
		require.Equal(t, 1, p.count("SELECT count(*) FROM notice_runs WHERE state = 'queued'"))
		left, err := os.ReadDir(p.SpoolDir)
		require.NoError(t, err)
		require.Empty(t, left, "the spool goes with its batch")

		p.tellAll()
		require.Len(t, p.notices("wang"), 2)
		require.Len(t, p.notices("zhao"), 1)
		require.Equal(t, "credit:b1/2:b1-2", p.cause(p.notices("zhao")[0]))
		require.Equal(t, 1, p.count("SELECT count(*) FROM notice_runs WHERE state = 'done' AND told = 3"))

		got, err := p.store.LinesByKey(t.Context(), []subsidy.Key{lines[0].Key})
		require.NoError(t, err)
		want := lines[0].Payment
		want.PersonID, want.BeneficiaryID, want.ReceivedAt = p.ids["wang"], p.ids["wang"], p.clock.Now()
		require.Equal(t, want, got[want.Key], "every column comes back as it was sent")

		p.hear(batchOf(p.clock.Now(), lines)) // delivered again
		newer := batchOf(p.clock.Now(), lines)
		newer.Version = 2
		p.takeAll()
		require.Equal(t, 1, int(src.reads.Load()), "the same announcement does nothing")
		require.Equal(t, before+1, p.dataSeq())
		p.hear(newer) // announced again: its lines may be others
		p.takeAll()
		p.tellAll()
		require.Equal(t, 2, int(src.reads.Load()))
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Len(t, p.notices("wang"), 2)
	})
}

func TestABatchWhoseFiguresDoNotMatchIsHeldWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(b *subsidy.Batch, src *tap)
		want   string
		report []string
	}{
		"fewer":     {func(b *subsidy.Batch, _ *tap) { b.Count++ }, subsidy.BatchCountMismatch, []string{"0 BATCH_COUNT_MISMATCH"}},
		"more":      {func(b *subsidy.Batch, _ *tap) { b.Count -= 2 }, subsidy.BatchCountMismatch, []string{"0 BATCH_COUNT_MISMATCH"}},
		"total":     {func(b *subsidy.Batch, _ *tap) { b.TotalFen++ }, subsidy.BatchTotalMismatch, []string{"0 BATCH_TOTAL_MISMATCH"}},
		"digest":    {func(b *subsidy.Batch, _ *tap) { b.Digest = strings.Repeat("0", 64) }, subsidy.BatchDigestMismatch, []string{"0 BATCH_DIGEST_MISMATCH"}},
		"no digest": {func(b *subsidy.Batch, _ *tap) { b.Digest = "" }, subsidy.BatchDigestMismatch, []string{"0 BATCH_DIGEST_MISMATCH"}},
		"amount changed on the way": {func(b *subsidy.Batch, s *tap) { s.lines[b.ID][0].AmountFen++; s.lines[b.ID][1].AmountFen-- }, subsidy.BatchDigestMismatch,
			[]string{"0 BATCH_DIGEST_MISMATCH"}},
		"order": {func(b *subsidy.Batch, s *tap) { l := s.lines[b.ID]; l[1], l[2] = l[2], l[1] }, subsidy.BatchOutOfOrder,
			[]string{"0 BATCH_LINES_OUT_OF_ORDER", "2 BATCH_LINES_OUT_OF_ORDER"}},
		"gap": {func(b *subsidy.Batch, s *tap) {
			l := s.lines[b.ID]
			l[2].Key.Line = 4
			b.Digest = batchOf(b.AnnouncedAt, l).Digest
		}, subsidy.BatchLineGap, []string{"0 BATCH_LINE_GAP", "3 BATCH_LINE_GAP"}},
		"first is not 1": {func(b *subsidy.Batch, s *tap) {
			for i := range s.lines[b.ID] {
				s.lines[b.ID][i].Key.Line += 999_999_996
			}
			b.Digest = batchOf(b.AnnouncedAt, s.lines[b.ID]).Digest
		}, subsidy.BatchLineGap, []string{"0 BATCH_LINE_GAP", "1 BATCH_LINE_GAP"}},
		"twice": {func(b *subsidy.Batch, s *tap) { s.lines[b.ID][2].Key.Line = 2 }, subsidy.BatchLineTwice, []string{"0 BATCH_LINE_TWICE", "2 BATCH_LINE_TWICE"}},
		"foreign": {func(b *subsidy.Batch, s *tap) { s.lines[b.ID][2].Key.LedgerMonth = "2021-11" }, subsidy.BatchForeignLine,
			[]string{"0 BATCH_LINE_FOREIGN", "3 BATCH_LINE_FOREIGN"}},
		"unreadable": {func(b *subsidy.Batch, s *tap) {
			s.lines[b.ID][0].Bad, s.lines[b.ID][2].Bad = "data_malformed", "key_form"
		}, subsidy.BatchUnreadable,
			[]string{"0 BATCH_LINE_UNREADABLE", "1 DATA_MALFORMED", "3 KEY_FORM"}},
		"zero byte": {func(b *subsidy.Batch, s *tap) { s.lines[b.ID][1].Period = "a\x00b" }, subsidy.BatchUnreadable,
			[]string{"0 BATCH_LINE_UNREADABLE", "2 BATCH_LINE_UNREADABLE"}},
		"too long": {func(_ *subsidy.Batch, s *tap) {
			s.fails = at(2, &subsidy.LineError{Line: 2, Code: subsidy.BatchLineTooLong})
		}, subsidy.BatchLineTooLong,
			[]string{"0 BATCH_LINE_TOO_LONG", "2 BATCH_LINE_TOO_LONG"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachPayday(t, func(t *testing.T, p *payday) {
				src := p.streaming()
				lines := p.lines("b1", 3)
				b := batchOf(p.clock.Now(), lines)
				src.lines["b1"] = append([]subsidy.Line(nil), lines...)
				c.change(&b, src)
				p.hear(b)
				before := p.dataSeq()
				p.takeAll()
				p.takeAll()
				p.tellAll()

				l := p.life("b1")
				require.Equal(t, subsidy.BatchHeld, l.State)
				require.Equal(t, c.want, l.Reason)
				require.Equal(t, p.clock.Now(), l.HeldAt)
				require.Equal(t, c.report, p.report("b1"))
				require.Zero(t, p.stored("b1"), "nothing half-applied")
				require.Equal(t, before, p.dataSeq())
				require.Equal(t, []string{"subsidy.batch.held"}, p.batchAudits("b1"))
				require.Empty(t, p.notices("wang"))
				require.Equal(t, 1, int(src.reads.Load()), "not read again before somebody says so")
				left, err := os.ReadDir(p.SpoolDir)
				require.NoError(t, err)
				require.Empty(t, left)

				src.fails = nil
				p.announce(src, lines, version(2)) // a fresh announcement tries again
				p.takeAll()
				require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
				require.Empty(t, p.report("b1"))
				require.Equal(t, 3, p.stored("b1"))
			})
		})
	}
}

// at fails a source before a line.
func at(line int, err error) func(string, int) error {
	return func(_ string, n int) error {
		if n == line {
			return err
		}
		return nil
	}
}

func TestAReleasedBatchIsReadAgain(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 2)
		b := p.announce(src, lines)
		src.lines[b.ID] = lines[:1]
		p.takeAll()
		require.Equal(t, subsidy.BatchCountMismatch, p.life("b1").Reason)
		src.lines[b.ID] = lines
		require.NoError(t, p.store.ReadBatchAgain(t.Context(), "b1"))
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
	})
}

func TestASourceThatFailsIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		src.fails = at(2, models.ErrUnavailable)
		p.announce(src, p.lines("b1", 2))
		for try := 1; try <= 3; try++ {
			_, err := p.TakeBatches(t.Context())
			require.ErrorIs(t, err, models.ErrUnavailable)
			require.Equal(t, try, p.life("b1").Tries)
			more, err := p.TakeBatches(t.Context())
			require.NoError(t, err)
			require.False(t, more, "not before its time")
			p.clock.Set(p.clock.Now().Add(time.Hour))
		}
		require.Zero(t, p.stored("b1"))
		src.fails = nil
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Zero(t, p.life("b1").Tries)
	})
}

// R3, R4, R8, R10, R14: what is odd about a line holds that line, with its row in the report.
func TestR3_LinesAreWeighedOneByOne(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		p.moveIn(citizen.PersonFact{Ref: "late", Version: 1}, citizen.PersonFact{Ref: "moved", Version: 1, District: "410305"})
		dead := citizen.PersonFact{Ref: "late", Version: 2, LivingStatus: citizen.Deceased, ChangedAt: p.clock.Now().Add(-48 * time.Hour)}
		_, err := p.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{dead}, p.clock.Now())
		require.NoError(t, err)

		lines := p.lines("b1", 12)
		to := func(i int, who models.PersonRef) { lines[i].PayeeRef, lines[i].BeneficiaryRef = who, who }
		lines[1].Programme = "P99"
		lines[2].AmountFen = -5
		lines[3].AmountFen = 10_000_000_001
		lines[4].BeneficiaryRef = "zhao"
		to(5, "late")
		lines[6].State = subsidy.Unknown
		lines[7].SentAt = time.Time{}
		to(8, "nobody")
		to(9, "moved")
		household(&lines[10])
		lines[10].ExceptionWhy, lines[10].ExceptionBy = "户主外出", "局长"
		to(11, "late")
		lines[11].CreditedAt, lines[11].SentAt = p.clock.Now().AddDate(0, 0, -5), p.clock.Now().AddDate(0, 0, -6)
		p.announce(src, lines)
		p.takeAll()
		p.tellAll()

		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Equal(t, []string{"2 PROGRAMME_UNKNOWN", "3 AMOUNT_ABSURD", "4 AMOUNT_ABSURD", "5 PAYEE_MISMATCH", "6 PAYEE_DECEASED", "7 STAGE_UNKNOWN",
			"8 CREDITED_WITHOUT_SENT", "9 PAYEE_UNKNOWN", "10 PAYEE_MOVED"}, p.report("b1"))
		require.Equal(t, 11, p.stored("b1"))
		require.Equal(t, 7, p.count("SELECT count(*) FROM payments WHERE hold <> ''"))
		for _, l := range lines[1:8] {
			require.Equal(t, "subsidy.payment.held", p.audited(l.Key))
		}
		require.Equal(t, "subsidy.payment.exception_accepted", p.audited(lines[10].Key), "R4")
		require.Len(t, p.notices("moved"), 1, "accepted")
		require.Len(t, p.notices("late"), 1, "what came in a person's lifetime stays")
		require.Len(t, p.notices("wang"), 2)

		require.Equal(t, 1, p.count("SELECT count(*) FROM parked_events WHERE source = 'payments' AND entity = 'payment_line' AND entity_id = 'b1/9'"))
		due, err := p.db.Feeds().ParkedDue(t.Context(), "payments", p.clock.Now().Add(time.Minute), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.JSONEq(t, string(rawOf(lines[8])), string(due[0].Raw), "parked with all the source said")

		p.list(listed("P99", 0, "新补贴", subsidy.SensitivityNormal))
		require.Equal(t, "subsidy.payment.held subsidy.payment.let_go", p.audited(lines[1].Key))
	})
}

// A programme may come into the list while its batch is on the way.
func TestAProgrammeListedMeanwhileLetsItsLinesGo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		src.fails = func(_ string, line int) error {
			if line == 3 { // read already, not applied
				p.list(listed("P99", 0, "新补贴", subsidy.SensitivityNormal))
			}
			return nil
		}
		p.announce(src, p.lines("b1", 2, of("P99")))
		p.takeAll()
		p.tellAll()
		require.Empty(t, p.holds())
		require.Len(t, p.shown("wang", 2021).Items, 2)
		require.Len(t, p.notices("wang"), 2)
	})
}

func TestAFileTakesABatchOnce(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 3)
		lines[2].AmountFen = 0
		src.lines["b1"] = lines
		b := batchOf(p.clock.Now(), lines)
		b.LinesBy, b.Digest = subsidy.ByFile, ""
		var found []subsidy.Finding
		var seen []subsidy.Progress
		o := subsidy.TakeOptions{DryRun: true, Report: func(f subsidy.Finding) error { found = append(found, f); return nil },
			Progress: func(g subsidy.Progress) { seen = append(seen, g) }}
		taken, err := p.TakeBatch(t.Context(), b, src, o)
		require.NoError(t, err)
		require.Equal(t, subsidy.Taken{State: subsidy.BatchAnnounced, Lines: 3, TotalFen: 67_600, Held: 1}, taken)
		require.Equal(t, []subsidy.Finding{{Batch: "b1", Line: 3, Code: "AMOUNT_ABSURD"}}, found)
		require.NotEmpty(t, seen)
		require.Zero(t, p.count("SELECT count(*) FROM batches"), "a dry run writes nothing")

		o.DryRun = false
		taken, err = p.TakeBatch(t.Context(), b, src, o)
		require.NoError(t, err)
		require.Equal(t, subsidy.BatchApplied, taken.State)
		require.Equal(t, subsidy.Progress{Step: subsidy.Storing, Lines: 3, Of: 3}, seen[len(seen)-1])
		taken, err = p.TakeBatch(t.Context(), b, src, o)
		require.NoError(t, err)
		require.True(t, taken.Again)
		require.Equal(t, 3, p.stored("b1"))
		more, err := p.TakeBatches(t.Context())
		require.NoError(t, err)
		require.False(t, more)

		b.Count = 4
		taken, err = p.TakeBatch(t.Context(), b, src, o)
		require.NoError(t, err)
		require.Equal(t, subsidy.BatchCountMismatch, taken.Reason)

		streamed := p.announce(src, p.lines("b2", 2))
		streamed.TotalFen++
		_, err = p.TakeBatch(t.Context(), streamed, src, subsidy.TakeOptions{})
		require.ErrorIs(t, err, subsidy.ErrBatchFigures, "the registry's word counts")
		streamed.TotalFen--
		taken, err = p.TakeBatch(t.Context(), streamed, src, subsidy.TakeOptions{})
		require.NoError(t, err)
		require.Equal(t, subsidy.BatchApplied, taken.State, "a file may stand in for a stream")
		p.takeAll()
		require.Equal(t, 2, p.stored("b2"))
	})
}

func TestTheSpoolTellsNothingOfAnybody(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 2)
		lines[1].PayeeRef = "secret-stranger"
		lines[1].Raw = []byte(`{"payee_ref":"secret-stranger","name":"张三"}`)
		p.announce(src, lines)
		p.Store = failing{p.store, func(step string) error {
			if step == "load" {
				return errors.New("stop before storing")
			}
			return nil
		}}
		_, err := p.TakeBatches(t.Context())
		require.Error(t, err)
		files, err := filepath.Glob(filepath.Join(p.SpoolDir, "*"))
		require.NoError(t, err)
		require.Len(t, files, 2)
		for _, f := range files {
			info, err := os.Stat(f)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			body, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, word := range []string{"wang", "stranger", "张三"} {
				require.NotContains(t, string(body), word)
			}
			require.NotContains(t, f, "b1")
		}
	})
}
