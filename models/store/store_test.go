package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

var start = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

type pingJob struct {
	ID   models.ID `json:"id"`
	Once bool      `json:"-"`
}

func (pingJob) Kind() string { return "test.ping" }

func TestDecisionCommitsEverythingOrNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		require.NoError(t, db.CheckSchema(ctx))
		jobs := func() (n int) {
			require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT COUNT(*) FROM river_job").Scan(&n))
			return n
		}
		decide := func(end error) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				if err := db.RecordAudit(ctx, audit.Of(models.System(), start, "card.loss.reported", "loss_reports", "r1", "done")); err != nil {
					return err
				}
				if err := db.Enqueue(ctx, pingJob{ID: models.NewID()}); err != nil {
					return err
				}
				return end
			})
		}
		boom := errors.New("boom")
		require.ErrorIs(t, decide(boom), boom)
		got, err := db.AuditOf(ctx, "loss_reports", "r1")
		require.NoError(t, err)
		require.Empty(t, got)
		require.Zero(t, jobs())
		require.NoError(t, decide(nil))
		got, err = db.AuditOf(ctx, "loss_reports", "r1")
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, 1, jobs())
	})
}

func TestSealedCellOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		cell, err := db.Seal(ctx, "persons", "name_sealed", "1", []byte("王"))
		require.NoError(t, err)
		plain, err := db.Unseal(ctx, "persons", "name_sealed", "1", cell)
		require.NoError(t, err)
		require.Equal(t, "王", string(plain))
		for _, place := range [][3]string{{"persons", "name_sealed", "2"}, {"persons", "phone_sealed", "1"}, {"people", "name_sealed", "1"}} {
			_, err = db.Unseal(ctx, place[0], place[1], place[2], cell)
			require.ErrorIs(t, err, store.ErrCell)
		}
	})
}
