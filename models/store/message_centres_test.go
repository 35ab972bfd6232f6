package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

func TestAMessageIsPaidByWhoPaysItsBatch(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		batch := p.announce(src, p.lines("b1", 3))
		p.takeAll()
		p.tellAll()
		other := notice.Draft{Cause: "loss:x:lapsed", Kind: notice.LossLapsed, PersonID: models.NewID(), Params: map[string]string{"date": "近日"}}
		require.NoError(t, p.db.AddNotice(t.Context(), other))
		rows, err := p.db.SQL().QueryContext(t.Context(), "SELECT id, kind FROM notices")
		require.NoError(t, err)
		defer rows.Close()
		var ids []models.ID
		arrivals := map[models.ID]bool{}
		for rows.Next() {
			var id models.ID
			var kind notice.Kind
			require.NoError(t, rows.Scan(&id, &kind))
			ids = append(ids, id)
			if kind == notice.Arrival {
				arrivals[id] = true
			}
		}
		require.NoError(t, rows.Err())
		require.Len(t, arrivals, 3)
		ctx, cost := p.db.CountStatements(t.Context())
		centres, err := p.db.MessageCosts().CentresOf(ctx, ids)
		require.NoError(t, err)
		require.Equal(t, 2, cost.Statements())
		require.Len(t, centres, 3, "the loss is ours")
		for id, c := range centres {
			require.True(t, arrivals[id])
			require.Equal(t, notice.CostCentre{Programme: batch.Programme, Department: batch.Department}, c)
			require.NotEmpty(t, c.Programme)
		}
	})
}
