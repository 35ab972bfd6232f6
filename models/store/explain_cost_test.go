package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/citizen"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

func TestAnExplanationReadsAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		cost := func(programme string) int {
			ctx, s := d.db.CountStatements(t.Context())
			_, err := d.Explanation(ctx, d.actor("wang"), subsidy.ExplainQuery{Programme: programme})
			require.NoError(t, err)
			return s.Statements()
		}
		d.arrive(d.paid("wang", "b0"))
		require.NoError(t, d.Refresh(t.Context())) // the catalogue is known from here on
		one := cost("P41")
		require.Equal(t, 8, one)
		for _, batch := range []string{"b1", "b2", "b3", "b4", "b5"} {
			d.arrive(d.paid("wang", batch))
		}
		require.Equal(t, one, cost("P41"), "whatever she was paid")
	})
}

// A batch that went to the wrong people makes a million held lines: nobody's explanation reads them all.
func TestWhatWentAstrayIsFoundByWhoseItIs(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	rows, err := db.SQL().QueryContext(t.Context(), "EXPLAIN QUERY PLAN SELECT payments.* FROM payments WHERE ("+store.Astray()+") AND programme = 'P41'", "x")
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		plan.WriteString(detail + "\n")
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan.String(), "payments_astray")
}

func TestADeclarationOfAMergedRecordIsHers(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.moveIn(citizen.PersonFact{Ref: "wang-old", District: "410303"})
		d.declare(declared("d1", "wang-old", subsidy.Objected, 1))
		require.Equal(t, subsidy.CauseNotDeclared, d.why("wang", "P41", "2022年").Cause)
		d.moveIn(citizen.PersonFact{Ref: "wang-old", District: "410303", MergedInto: "wang", Version: 2})
		require.Equal(t, subsidy.CauseObjected, d.why("wang", "P41", "2022年").Cause)
	})
}
