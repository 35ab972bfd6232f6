package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
	"onecard/models/subsidy"
)

func TestEventsOfABatchWaitUntilItIsApplied(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 2, sent)
		p.announce(src, lines)
		credited := p.paid("wang", "b1")
		require.Equal(t, []string{"b1/1"}, p.arrive(credited))
		require.Zero(t, p.stored("b1"))
		p.takeAll()
		require.Empty(t, p.arrive(credited), "taken now")
		require.Len(t, p.notices("wang"), 1)
		p.tellAll()
		require.Len(t, p.notices("wang"), 1, "and told once")

		back := p.paid("wang", "b1", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Key.Line, l.Version = 2, 6 })
		require.Empty(t, p.arrive(back))
		require.Len(t, p.notices("wang"), 2)
	})
}

// What has not been told yet is told as it is by then, once.
func TestR12_ALineThatChangesBeforeItWasToldIsToldOnce(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		p.announce(src, p.lines("b1", 2))
		p.takeAll()
		back := p.paid("wang", "b1", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Version = 6 })
		p.arrive(back)
		again := p.paid("wang", "b1", func(l *subsidy.Line) { l.Key.Line, l.Version, l.CreditNo = 2, 6, "b1-2" })
		p.arrive(again)
		p.tellAll()
		kinds := map[notice.Kind]int{}
		for _, n := range p.notices("wang") {
			kinds[n.Kind]++
		}
		require.Equal(t, map[notice.Kind]int{notice.ArrivalReturned: 1, notice.Arrival: 1}, kinds)
	})
}

func TestABatchAnnouncedWithOtherLinesIsMergedByVersion(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 3)
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		require.Len(t, p.notices("wang"), 3)

		gone := append([]subsidy.Line(nil), first[:2]...)
		p.announce(src, gone, version(2))
		p.takeAll()
		require.Equal(t, subsidy.BatchLinesMissing, p.life("b1").Reason)
		require.Equal(t, 3, p.stored("b1"), "what stood still stands")
		require.Len(t, p.shown("wang", 2021).Items, 3)
		require.Empty(t, p.arrive(first[0]), "and its events still come")

		sly := append([]subsidy.Line(nil), first...)
		sly[1].AmountFen++
		p.announce(src, sly, version(3))
		p.takeAll()
		require.Equal(t, subsidy.BatchLineSameAsOld, p.life("b1").Reason)

		next := append([]subsidy.Line(nil), first...)
		next[1].AmountFen, next[1].Version = 50_000, 9
		fourth := p.paid("zhao", "b1")
		fourth.Key.Line = 4
		seq := p.dataSeq()
		p.announce(src, append(next, fourth), version(4))
		p.takeAll()
		p.tellAll()
		l := p.life("b1")
		require.Equal(t, subsidy.BatchApplied, l.State, l.Reason)
		require.Equal(t, 4, l.AppliedCount)
		require.Equal(t, 4, p.stored("b1"))
		require.Equal(t, seq+1, p.dataSeq())
		require.Len(t, p.notices("wang"), 3, "no new credit")
		require.Len(t, p.notices("zhao"), 1)
		require.Equal(t, 50_000, p.count("SELECT amount_fen FROM payments WHERE line = 2"))
	})
}

func TestAWithdrawnBatchIsHiddenAndThoseToldAreToldSo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 3, of("P23"))
		lines[1].PayeeRef, lines[1].BeneficiaryRef = "zhao", "zhao"
		b := p.announce(src, lines)
		p.takeAll()
		p.tellAll()
		wangs := p.notices("wang")
		require.Len(t, wangs, 2)
		_, err := p.db.SQL().ExecContext(t.Context(), "UPDATE deliveries SET state = 'submitted' WHERE notice_id = '"+string(wangs[0].ID)+"'")
		require.NoError(t, err)

		seq := p.dataSeq()
		b.Withdrawn, b.Version = true, 2
		p.hear(b)
		late := p.paid("wang", "b1", of("P23"), func(l *subsidy.Line) { l.Version, l.CreditNo = 9, "b1-1" })
		require.Empty(t, p.arrive(late), "taken, and hidden")
		p.takeAll()
		p.tellAll()
		p.tellAll()

		require.Equal(t, subsidy.BatchWithdrawn, p.life("b1").State)
		require.Equal(t, 3, p.count("SELECT count(*) FROM payments WHERE hold = 'BATCH_WITHDRAWN'"))
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Equal(t, seq+1, p.dataSeq())
		require.Equal(t, []string{"subsidy.batch.applied", "subsidy.batch.withdrawn"}, p.batchAudits("b1"))
		require.Equal(t, 2, p.jobs("subsidy.invalidate_slice"))
		list := p.notices("wang")
		require.Len(t, list, 2, "the one handed over, and its correction; the other is dropped")
		require.Equal(t, notice.ArrivalWithdrawn, list[0].Kind)
		require.Equal(t, "您好,此前一项补贴338.00元的通知有误,发放已撤回,以后续通知为准。可拨12333询问。", text(t, list[0]), "R55")
		require.LessOrEqual(t, notice.Length(notice.Signed(text(t, list[0]))), 70)
		require.Empty(t, p.notices("zhao"), "nobody had told zhao")

		late.Version = 10
		p.arrive(late)
		b.Withdrawn, b.Version = false, 3
		p.hear(b)
		p.takeAll()
		require.Equal(t, subsidy.BatchWithdrawn, p.life("b1").State, "for ever")
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Len(t, p.notices("wang"), 2)
	})
}

func TestABatchWithdrawnBeforeItWasReadIsNeverRead(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		b := p.announce(src, p.lines("b1", 2))
		b.Withdrawn, b.Version = true, 2
		p.hear(b)
		p.takeAll()
		require.Equal(t, subsidy.BatchWithdrawn, p.life("b1").State)
		require.Zero(t, int(src.reads.Load()))
		require.Zero(t, p.count("SELECT count(*) FROM notice_runs"))

		fed := p.paid("wang", "b2") // by the feed
		p.arrive(fed)
		whole := batchOf(p.clock.Now(), []subsidy.Line{fed})
		whole.LinesBy, whole.Withdrawn = subsidy.ByFeed, true
		p.hear(whole)
		p.takeAll()
		require.Equal(t, subsidy.BatchWithdrawn, p.life("b2").State)
		require.Empty(t, p.shown("wang", 2021).Items)
	})
}

func TestARunThatIsPausedOrCancelledTellsNobody(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		p.announce(src, p.lines("b1", 301))
		p.takeAll()
		set := func(state string) {
			_, err := p.db.SQL().ExecContext(t.Context(), "UPDATE notice_runs SET state = '"+state+"'")
			require.NoError(t, err)
		}
		set("paused")
		p.tellAll()
		require.Zero(t, p.count("SELECT count(*) FROM notices"))
		set("running")
		_, err := p.TellBatches(t.Context())
		require.NoError(t, err)
		require.Equal(t, 300, p.count("SELECT count(*) FROM notices"), "some hundred at a time")
		set("cancelled")
		p.tellAll()
		require.Equal(t, 300, p.count("SELECT count(*) FROM notices"))
	})
}
