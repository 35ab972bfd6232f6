package store_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// payTo is the batch as it is announced again with one line paid to somebody else.
func payTo(lines []subsidy.Line, line int, to models.PersonRef, version int64) []subsidy.Line {
	out := slices.Clone(lines)
	l := &out[line-1]
	l.PayeeRef, l.BeneficiaryRef, l.Version, l.Raw = to, to, version, nil
	return out
}

// kinds counts a person's notices that were not taken back.
func (p *payday) kinds(ref models.PersonRef) map[notice.Kind]int {
	p.t.Helper()
	out := map[notice.Kind]int{}
	for _, n := range p.notices(ref) {
		out[n.Kind]++
	}
	return out
}

func (p *payday) handedOver() {
	p.t.Helper()
	p.sql("UPDATE deliveries SET state = 'submitted' WHERE state = 'queued'")
}

// A line whose payee becomes somebody we do not know waits as a stranger's line does, and is shown to nobody meanwhile;
// the rest of the announcement is taken.
func TestR3_ALineThatGoesToAStrangerIsHeldAndTheRestIsTaken(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 3)
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		p.handedOver()
		require.Len(t, p.shown("wang", 2021).Items, 3)

		again := payTo(first, 2, "stranger", 9)
		again[2].PayingBank, again[2].Version = "104", 9
		p.announce(src, again, version(2))
		p.takeAll()
		l := p.life("b1")
		require.Equal(t, subsidy.BatchApplied, l.State, l.Reason)
		require.Equal(t, 1, p.count("SELECT lines_parked FROM batches WHERE id = 'b1'"))
		require.Equal(t, []string{"2 PAYEE_UNKNOWN"}, p.report("b1"))
		require.Equal(t, 3, p.stored("b1"), "nothing is lost")
		require.Equal(t, 1, p.count("SELECT count(*) FROM payments WHERE paying_bank = '104'"), "the rest is taken")
		require.Len(t, p.shown("wang", 2021).Items, 2, "it is hers no more")
		require.Equal(t, 1, p.count("SELECT count(*) FROM parked_events WHERE entity_id = 'b1/2' AND version = 9"))
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 3, notice.ArrivalWithdrawn: 1}, p.kinds("wang"))
		require.Equal(t, 1, p.count("SELECT count(*) FROM held_items WHERE line = 2 AND reason = 'PAYEE_UNKNOWN' AND state = 'held' AND owner = 'department'"))
		require.Contains(t, p.audited(subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 2}), "subsidy.payment.held")

		p.announce(src, again, version(3)) // told again: nothing more happens
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 3, notice.ArrivalWithdrawn: 1}, p.kinds("wang"))

		p.moveIn(citizen.PersonFact{Ref: "stranger"})
		require.Empty(t, p.arrive(again[1]), "as the parked event is tried again")
		require.Len(t, p.shown("stranger", 2021).Items, 1)
		require.Len(t, p.shown("wang", 2021).Items, 2)
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("stranger"), "the same credit is news to her")
		require.Equal(t, 1, p.count("SELECT count(*) FROM held_items WHERE line = 2 AND state = 'ended'"))
	})
}

func TestR3_AnEventThatGivesALineToAStrangerHidesItToo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "f1"))
		require.Equal(t, []string{"f1/1"}, p.arrive(p.paid("stranger", "f1", func(l *subsidy.Line) { l.Version = 6 })))
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Equal(t, map[string]subsidy.Hold{"f1": subsidy.HoldPayeeUnknown}, p.holds())
		require.Empty(t, p.arrive(p.paid("stranger", "f1", func(l *subsidy.Line) { l.Version = 4 })), "an older word changes nothing, and does not wait")
		require.Empty(t, p.arrive(p.paid("wang", "f1", func(l *subsidy.Line) { l.Version = 7 })))
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("wang"), "taken back before it was sent, and told again")
	})
}

func TestALineThatGoesToAnotherPayeeMoves(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 3)
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		p.handedOver()
		ready := &outdatedNow{}
		p.Ready = ready
		p.announce(src, payTo(first, 2, "zhao", 9), version(2))
		p.takeAll()
		p.tellAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State, p.life("b1").Reason)
		require.Len(t, p.shown("wang", 2021).Items, 2)
		require.Len(t, p.shown("zhao", 2021).Items, 1)
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 3, notice.ArrivalWithdrawn: 1}, p.kinds("wang"))
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("zhao"))
		require.Contains(t, p.told(ready), "wang", "who was the payee")
		require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 3}))
		require.Contains(t, p.told(ready), "zhao", "who is the payee")

		// The withdrawal of the batch finds who has it now.
		p.handedOver()
		b := batchOf(p.clock.Now(), first)
		b.Withdrawn, b.Version = true, 3
		p.hear(b)
		p.takeAll()
		p.tellAll()
		require.Equal(t, 3, p.kinds("wang")[notice.ArrivalWithdrawn])
		require.Equal(t, 1, p.kinds("zhao")[notice.ArrivalWithdrawn])
	})
}

func TestAnEventMovesALineToAnotherPayee(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "f1"))
		p.arrive(p.paid("zhao", "f1", func(l *subsidy.Line) { l.Version = 6 }))
		require.Empty(t, p.kinds("wang"), "taken back before it was sent: there is nothing to correct")
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("zhao"))
		require.Len(t, p.shown("zhao", 2021).Items, 1)
		require.Empty(t, p.shown("wang", 2021).Items)
	})
}

// The same version with another payee is no correction: nobody can tell which of the two is right.
func TestAnotherPayeeUnderTheSameVersionIsAConflict(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 3)
		a := &alarms{}
		p.Alarms = a
		for i, to := range []models.PersonRef{"zhao", "stranger"} {
			if i == 0 {
				p.announce(src, first)
				p.takeAll()
			}
			p.announce(src, payTo(first, 2, to, first[1].Version), version(int64(i)+2))
			p.takeAll()
			l := p.life("b1")
			require.Equal(t, subsidy.BatchHeld, l.State)
			require.Equal(t, subsidy.BatchLineSameAsOld, l.Reason)
			require.Contains(t, p.report("b1"), "2 BATCH_LINE_NOT_NEWER", "the report names the line")
			require.Len(t, p.shown("wang", 2021).Items, 3, "what stood still stands")
			require.Equal(t, i+1, a.of("BATCH_HELD"))
		}
		_, err := p.WatchHeld(t.Context(), 100)
		require.NoError(t, err)
		require.Equal(t, 1, p.count("SELECT count(*) FROM held_items WHERE line = 0 AND reason = 'BATCH_LINE_NOT_NEWER' AND state = 'held' AND owner = 'finance'"))
	})
}

// Records that are merged between two announcements, or while one is on its way, are one person.
func TestAMergeOfRecordsIsNoOtherPayee(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "twin"})
		src := p.streaming()
		first := p.lines("b1", 3)
		first[1].PayeeRef, first[1].BeneficiaryRef = "twin", "twin"
		first[2].PayeeRef, first[2].BeneficiaryRef = "twin", "twin"
		p.announce(src, first)
		p.takeAll()
		p.tellAll()
		p.handedOver()
		again := slices.Clone(first)
		again[1].Version, again[1].PayingBank = 9, "104"
		merged := false
		real := p.store
		p.Store = failing{real, func(step string) error {
			if step == "standing" && !merged { // read, resolved, and not stored yet
				merged = true
				p.moveIn(citizen.PersonFact{Ref: "twin", MergedInto: "wang", Version: 2})
			}
			return nil
		}}
		p.announce(src, again, version(2))
		p.takeAll()
		require.True(t, merged)
		l := p.life("b1")
		require.Equal(t, subsidy.BatchApplied, l.State, l.Reason)
		require.Len(t, p.shown("wang", 2021).Items, 3)
		require.Zero(t, p.kinds("twin")[notice.ArrivalWithdrawn])
	})
}
