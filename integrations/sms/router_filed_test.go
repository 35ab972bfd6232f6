package sms_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
)

// A text that one vendor approved and the other did not goes by the one, and tells nothing against the other.
func TestATextGoesByTheVendorThatApprovedIt(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(models.Date("2021-12-20").Start())
	first, second := &counter{clock: clock}, &counter{clock: clock}
	approved := map[string]bool{"second bound": true, "first arrival": true, "second arrival": true}
	r, err := sms.NewRouter([]sms.Vendor{{Name: "first", Sender: first}, {Name: "second", Sender: second}}, sms.DefaultFailover(), sms.RouterPorts{
		Clock: clock, Filed: func(_ context.Context, vendor string, k notice.Kind) *notice.SendError {
			if approved[vendor+" "+string(k)] {
				return nil
			}
			return &notice.SendError{Class: notice.NotAccepted, Code: notice.ReasonNotApproved, Vendor: vendor}
		},
	})
	require.NoError(t, err)
	for range 20 {
		handed, err := r.Send(t.Context(), notice.Message{DeliveryID: models.NewID(), Kind: notice.Bound})
		require.NoError(t, err)
		require.Equal(t, "second", handed.Vendor)
	}
	require.Zero(t, first.count())
	handed, err := r.Send(t.Context(), notice.Message{DeliveryID: models.NewID(), Kind: notice.Arrival})
	require.NoError(t, err)
	require.Equal(t, "first", handed.Vendor, "it is still preferred")

	_, err = r.Send(t.Context(), notice.Message{DeliveryID: models.NewID(), Kind: notice.Unbound})
	requireClass(t, err, notice.NotAccepted, notice.ReasonNotApproved)
	require.Equal(t, []int{1, 20}, []int{first.count(), second.count()}, "approved nowhere, given to nobody")
}
