package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
)

// The payer may be another than whom the card is for: she sees what she pays and nothing else, and her money is hers.
func TestR63_SomebodyElsePaysByALinkAndTheMoneyGoesBackToHer(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		son := by(r.son, "0190a000-0000-7000-8000-000000000002")
		_, err := r.ShareOrder(t.Context(), son, r.order)
		require.ErrorIs(t, err, payment.ErrOrderNotFound, "only whom it is for may ask")
		_, err = r.BeginPayment(t.Context(), son, r.order)
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
		until, err := r.ShareOrder(t.Context(), r.me(), r.order)
		require.NoError(t, err)
		require.Equal(t, r.clock.Now().Add(24*time.Hour).Truncate(time.Second), until)

		v, err := r.InvitedOrder(t.Context(), son, r.order)
		require.NoError(t, err)
		require.Equal(t, []any{"王*英", models.Fen(1600), true}, []any{v.Holder.String(), v.Order.AmountFen, v.Payable})
		b, err := r.PayInvited(t.Context(), son, r.order)
		require.NoError(t, err)
		require.Equal(t, r.son, b.Trade.PayerID)
		_, err = r.TakeNotice(t.Context(), r.notice(b.Trade))
		require.NoError(t, err)
		_, err = r.PayInvited(t.Context(), son, r.order)
		require.ErrorIs(t, err, payment.ErrFeePaid)
		_, err = r.ShareOrder(t.Context(), r.me(), r.order)
		require.ErrorIs(t, err, payment.ErrFeePaid)

		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		v, err = r.Order(t.Context(), son, r.order)
		require.NoError(t, err)
		require.Len(t, v.Refunds, 1, "who paid sees what became of her money")
		stranger := by(knownPerson(t, r.db, 3, "P-3"), "0190a000-0000-7000-8000-000000000003")
		v, err = r.InvitedOrder(t.Context(), stranger, r.order)
		require.NoError(t, err)
		require.Empty(t, v.Refunds)
		require.False(t, v.Payable)
	})
}
