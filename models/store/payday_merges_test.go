package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// A batch that is merged for minutes keeps no merge of records out, wherever it is; what was stored under a record that
// is merged meanwhile follows. SQLite has one writer.
func TestAMergeOfRecordsDoesNotWaitForABatch(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"save", "findings"} { // the payee is asked about, and not written yet; it is written
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock)), clock)
			p.moveIn(citizen.PersonFact{Ref: "twin"})
			p.arrive(p.paid("twin", "f1"))
			src := p.streaming()
			first := payTo(p.lines("b1", 3), 3, "twin", 5)
			p.announce(src, first)
			p.takeAll()
			p.tellAll()
			p.handedOver()
			again := payTo(first, 2, "twin", 9)
			if step == "save" { // else this row of hers is ours until the batch is through
				again = payTo(again, 3, "twin", 9)
			}
			merged := false
			real := p.store
			p.Store = failing{real, func(now string) error {
				if now == step && !merged {
					merged = true
					p.moveIn(citizen.PersonFact{Ref: "twin", MergedInto: "zhao", Version: 2})
				}
				return nil
			}}
			p.announce(src, again, version(2))
			p.takeAll()
			require.True(t, merged)
			require.Equal(t, subsidy.BatchApplied, p.life("b1").State, p.life("b1").Reason)
			require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 3}))
			require.Len(t, p.shown("wang", 2021).Items, 1)
			require.Len(t, p.shown("zhao", 2021).Items, 3)
			require.Equal(t, 1, p.kinds("wang")[notice.ArrivalWithdrawn])
			require.Zero(t, p.kinds("twin")[notice.ArrivalWithdrawn]+p.kinds("zhao")[notice.ArrivalWithdrawn], "one person")
			require.Zero(t, p.count("SELECT count(*) FROM payments WHERE person_id = '"+string(p.ids["twin"])+"'"))
		})
	}
}

// mergeOnly tells of a merge whose payments were not given to who is left yet: they were stored while it came.
func (p *payday) mergeOnly(from, into models.PersonRef) {
	p.t.Helper()
	fact := citizen.PersonFact{Ref: from, MergedInto: into, LivingStatus: citizen.Alive, ChangedAt: start, Version: 2}
	_, err := p.db.Persons().ApplyPersons(p.t.Context(), []citizen.PersonFact{fact}, p.clock.Now())
	require.NoError(p.t, err)
}

func TestALineOfAMergedRecordIsNoOtherPayees(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "twin"})
		p.arrive(p.paid("twin", "f1"), p.paid("twin", "f2"))
		p.handedOver()
		p.mergeOnly("twin", "wang")
		ready := &outdatedNow{}
		p.Ready = ready
		require.Empty(t, p.arrive(p.paid("twin", "f1", v(6)), p.paid("zhao", "f2", v(6))))
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 2}, p.kinds("twin"))
		require.Equal(t, map[notice.Kind]int{notice.ArrivalWithdrawn: 1}, p.kinds("wang"), "of what is zhao's now, and nothing twice")
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("zhao"))
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.Subset(t, p.told(ready), []string{"twin", "wang", "zhao"})
	})
}

// A newer announcement that changes nothing but finds lines of a merged record has them given to who is left.
func TestLinesOfAMergedRecordFollowAfterAnAnnouncementToo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "twin"})
		src := p.streaming()
		lines := payTo(p.lines("b1", 3), 2, "twin", 5)
		p.announce(src, lines)
		p.takeAll()
		p.tellAll()
		p.handedOver()
		p.mergeOnly("twin", "wang")
		before := p.jobs("subsidy.invalidate_slice")
		p.announce(src, lines, version(2))
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State, p.life("b1").Reason)
		require.Greater(t, p.jobs("subsidy.invalidate_slice"), before)
		require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 3}))
		require.Len(t, p.shown("wang", 2021).Items, 3)
		require.Equal(t, 1, p.count("SELECT count(*) FROM audit_entries WHERE action = 'subsidy.payments.moved'"))
		require.Zero(t, p.kinds("twin")[notice.ArrivalWithdrawn]+p.kinds("wang")[notice.ArrivalWithdrawn])
	})
}
