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

// The fiscal receipt names the holder in full: by a link, who paid sees it, and nobody who merely holds the link.
func TestR21_ByALinkOnlyTheHolderAndThePayerSeeTheReceipt(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		f.says(payment.StageApplied, payment.ReceiptIssued)
		son := by(r.son, "0190a000-0000-7000-8000-000000000002")
		tried := by(knownPerson(t, r.db, 3, "P-3"), "0190a000-0000-7000-8000-000000000003")
		stranger := by(knownPerson(t, r.db, 4, "P-4"), "0190a000-0000-7000-8000-000000000004")
		_, err := r.ShareOrder(t.Context(), r.me(), r.order)
		require.NoError(t, err)
		_, err = r.PayInvited(t.Context(), tried, r.order)
		require.NoError(t, err)
		b, err := r.PayInvited(t.Context(), son, r.order)
		require.NoError(t, err)
		r.bank.pays(b.Trade.Number, r.clock.Now())
		r.rounds(t, time.Minute)

		seen := func(by models.Actor) payment.Receipt {
			v, err := r.InvitedOrder(t.Context(), by, r.order)
			require.NoError(t, err)
			require.Equal(t, payment.OrderPaid, v.Order.State)
			return v.Receipt
		}
		for _, who := range []models.Actor{r.me(), son} {
			require.Equal(t, []any{payment.ReceiptIssued, "0000000001", "ab12cd"}, []any{seen(who).State, seen(who).Number, seen(who).CheckCode})
		}
		for _, who := range []models.Actor{tried, stranger} {
			require.Zero(t, seen(who), "nothing of it, not even that there is one")
		}
		v, err := r.Order(t.Context(), tried, r.order)
		require.NoError(t, err, "who began to pay sees the order without a link")
		require.Zero(t, v.Receipt)
		_, err = r.Order(t.Context(), stranger, r.order)
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
	})
}
