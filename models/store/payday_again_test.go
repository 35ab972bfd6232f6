package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// creditedNow are the lines as the source has them once the bank has paid: figures as before, versions higher.
func creditedNow(p *payday, lines []subsidy.Line) []subsidy.Line {
	out := slices.Clone(lines)
	for i := range out {
		l := &out[i]
		l.State, l.CreditedAt, l.CreditNo = subsidy.Credited, p.clock.Now(), fmt.Sprintf("c-%d", l.Key.Line)
		l.Version, l.Raw = l.Version+1, nil
	}
	return out
}

func (p *payday) credits() int {
	return p.count("SELECT count(*) FROM payments WHERE state = 'credited'")
}

// Sent becomes credited: count, total and digest stay, the version tells that lines may have changed.
func TestABatchAnnouncedAgainBringsItsCredits(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		const n = 1300 // more than are told in the commit of the merge
		src := p.streaming()
		first := p.lines("b1", n, sent)
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		require.Zero(t, p.credits())
		require.Zero(t, p.count("SELECT count(*) FROM notices"))

		paid := creditedNow(p, first)
		paid[4] = first[4] // one that the bank still has
		p.announce(src, paid, version(2))
		p.takeAll()
		require.Equal(t, n-1, p.credits())
		require.Equal(t, 1000, p.count("SELECT count(*) FROM notices"), "the rest is one row")
		require.Equal(t, 1, p.count("SELECT count(*) FROM notice_runs WHERE kind = 'arrival_again' AND state = 'queued'"))
		p.tellAll()
		told := func() int { return p.count("SELECT count(*) FROM notices WHERE kind = 'arrival'") }
		require.Equal(t, n-1, told(), "each once")
		require.Equal(t, []string{"subsidy.batch.applied", "subsidy.batch.applied"}, p.batchAudits("b1"))
		require.Equal(t, 2, p.jobs("subsidy.invalidate_slice"))
		seq, reads := p.dataSeq(), int(src.reads.Load())

		p.announce(src, paid, version(2)) // delivered again
		p.takeAll()
		require.Equal(t, reads, int(src.reads.Load()))
		require.Equal(t, seq, p.dataSeq())

		p.clock.Set(p.clock.Now().Add(time.Hour))
		real := p.store
		p.Store = failing{real, func(step string) error {
			if step == "save" || step == "run again" || step == "notices" || step == "jobs" {
				return fmt.Errorf("nothing changed, and yet: %s", step)
			}
			return nil
		}}
		p.announce(src, paid, version(3)) // nothing changed
		p.takeAll()
		p.tellAll()
		require.Equal(t, reads+1, int(src.reads.Load()))
		l := p.life("b1")
		require.Equal(t, []any{subsidy.BatchApplied, int64(3)}, []any{l.State, l.Version})
		require.Equal(t, n-1, told())
		p.Store = real

		last := slices.Clone(paid)
		last[4] = creditedNow(p, first)[4]
		p.announce(src, last, version(4))
		p.takeAll()
		p.tellAll()
		require.Equal(t, n, p.credits())
		require.Equal(t, n, told())
		require.Zero(t, p.count("SELECT count(*) FROM batch_findings"))
	})
}

// A worker that dies while it merges leaves what stood; the next one repeats it to one result.
func TestAMergeThatWasKilledIsRepeated(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		for i, step := range []string{"payees", "settle spooled", "standing", "data_seq", "save", "notices", "run again", "jobs", "findings", "settle applied"} {
			t.Run(step, func(t *testing.T) {
				batch, n := fmt.Sprintf("b%d", i), 3
				if step == "run again" {
					n = 1002
				}
				src := p.streaming()
				first := p.lines(batch, n, sent)
				p.announce(src, first)
				p.takeAll()
				p.tellAll()
				told, credits := p.count("SELECT count(*) FROM notices"), p.credits()
				dying, died := dyingAt(p.store, step)
				p.Store = dying
				p.announce(src, creditedNow(p, first), version(2))
				_, err := p.TakeBatches(t.Context())
				require.Error(t, err)
				require.True(t, died.Load())
				require.Equal(t, credits, p.credits(), "nothing of it is stored")
				require.Equal(t, told, p.count("SELECT count(*) FROM notices"))
				p.Store = p.store
				p.clock.Set(p.clock.Now().Add(31 * time.Second))
				p.takeAll()
				p.tellAll()
				require.Equal(t, credits+n, p.credits())
				require.Equal(t, told+n, p.count("SELECT count(*) FROM notices WHERE kind = 'arrival'"))
			})
		}
	})
}

// What is taken back while its credits are still being told is told to nobody any more.
func TestAWithdrawalEndsTheTellingOfLaterCredits(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 1100, sent)
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		b := p.announce(src, creditedNow(p, first), version(2))
		p.takeAll()
		b.Withdrawn, b.Version = true, 3
		p.hear(b)
		p.takeAll()
		p.tellAll()
		require.Zero(t, p.count("SELECT count(*) FROM notices n JOIN deliveries d ON d.notice_id = n.id WHERE d.state = 'queued' AND n.kind = 'arrival'"))
		require.Equal(t, 1, p.count("SELECT count(*) FROM notice_runs WHERE kind = 'arrival_again' AND state = 'cancelled'"))
	})
}

// A line that comes back before its credit was told is told once, as what it is.
func TestR12_ACreditThatComesBackBeforeItWasToldIsToldOnce(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 1001, sent)
		for i := range first {
			first[i].PayeeRef, first[i].BeneficiaryRef = "zhao", "zhao"
		}
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		p.announce(src, creditedNow(p, first), version(2))
		p.takeAll()
		left := p.count("SELECT next_line FROM notice_runs WHERE kind = 'arrival_again'")
		require.Zero(t, p.count(fmt.Sprintf("SELECT count(*) FROM notices WHERE cause LIKE 'credit:b1/%d:%%'", left)))
		back := p.paid("zhao", "b1", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Key.Line, l.Version = left, 90 })
		p.arrive(back)
		p.tellAll()
		kinds := p.count(fmt.Sprintf("SELECT count(*) FROM notices WHERE cause LIKE 'credit:b1/%d:%%'", left))
		require.Equal(t, 1, kinds)
		require.Equal(t, 1, p.count("SELECT count(*) FROM notices WHERE kind = '"+string(notice.ArrivalReturned)+"'"))
	})
}

// A control file of a higher version brings the same figures with other states; who brought it is in the audit.
func TestAFileOfAHigherVersionIsTakenAgain(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 3, sent)
		b := batchOf(p.clock.Now(), first)
		b.LinesBy = subsidy.ByFile
		o := subsidy.TakeOptions{By: models.System(), Operator: "clerk.7"}
		take := func() subsidy.Taken {
			taken, err := p.TakeBatch(t.Context(), b, src, o)
			require.NoError(t, err)
			require.Equal(t, subsidy.BatchApplied, taken.State)
			return taken
		}
		src.lines["b1"] = first
		require.False(t, take().Again)
		src.lines["b1"] = creditedNow(p, first)
		require.True(t, take().Again, "the version is the one that stands")
		require.Zero(t, p.credits())
		b.Version = 2
		require.False(t, take().Again)
		require.Equal(t, 3, p.credits())
		require.True(t, take().Again)
		require.Equal(t, 2, p.count("SELECT count(*) FROM audit_entries WHERE action = 'subsidy.batch.applied' AND actor_kind = 'system'"))
		p.tellAll()
		require.Len(t, p.notices("wang"), 3)
	})
}
