package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

// R44: whoever says lost has her account stopped, also where a new card is on order already.
func TestR44_LostStopsTheCardThatIsBeingReplacedForAnotherReason(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		damaged := r.ask(t, card.ReasonDamaged)
		require.Empty(t, damaged.Loss.ID)
		require.Zero(t, r.many(t, "SELECT count(*) FROM loss_reports"))
		lost := r.ask(t, card.ReasonLost)
		require.Equal(t, []any{damaged.Replacement.ID, true}, []any{lost.Replacement.ID, lost.Repeated})
		require.NotEmpty(t, lost.Loss.ID)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM loss_reports"))
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM fee_orders"))
		again := r.ask(t, card.ReasonLost)
		require.Equal(t, lost.Loss.ID, again.Loss.ID)
	})
}

// A cause that is no replacement of ours does not spoil the transaction in which its money is written down.
func TestR63_MoneyForAReplacementThatIsGoneIsStillWrittenDown(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error {
			err := r.FeePaid(ctx, "replacement:"+string(models.NewID()), r.clock.Now())
			require.ErrorIs(t, err, card.ErrReplacementNotFound)
			return nil
		}), "the whole is committed")
	})
}
