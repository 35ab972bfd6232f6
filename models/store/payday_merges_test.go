package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
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
			first := p.lines("b1", 3)
			p.announce(src, first)
			p.takeAll()
			merged := false
			real := p.store
			p.Store = failing{real, func(now string) error {
				if now == step && !merged {
					merged = true
					p.moveIn(citizen.PersonFact{Ref: "twin", MergedInto: "zhao", Version: 2})
				}
				return nil
			}}
			p.announce(src, payTo(first, 2, "twin", 9), version(2))
			p.takeAll()
			require.True(t, merged)
			require.Equal(t, subsidy.BatchApplied, p.life("b1").State, p.life("b1").Reason)
			require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 3}))
			require.Len(t, p.shown("wang", 2021).Items, 2)
			require.Len(t, p.shown("zhao", 2021).Items, 2)
			require.Zero(t, p.count("SELECT count(*) FROM payments WHERE person_id = '"+string(p.ids["twin"])+"'"))
		})
	}
}
