package boot

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// silentVendor takes messages, or says nothing.
type silentVendor struct {
	silent atomic.Bool
	asked  atomic.Int64
}

func (v *silentVendor) Send(context.Context, notice.Message) (notice.Handed, error) {
	v.asked.Add(1)
	if v.silent.Load() {
		return notice.Handed{}, &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
	}
	return notice.Handed{ID: "1"}, nil
}

// TestReplicasAgreeThroughTheirDatabase is the whole way of a change: a replica's breaker, the row and its audit, the other
// replica, the operator.
func TestReplicasAgreeThroughTheirDatabase(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(models.Date("2021-12-20").Start())
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var first, second silentVendor
		vendors := notice.NewVendors(db.SMSVendors())
		watched := newWatch()
		replica := func() *sms.Router {
			r, err := sms.NewRouter([]sms.Vendor{{Name: "first", Sender: &first}, {Name: "second", Sender: &second}}, sms.DefaultFailover(),
				sms.RouterPorts{Clock: clock, Log: vendors, Watch: watched})
			require.NoError(t, err)
			return r
		}
		one, two := replica(), replica()
		m := notice.Message{DeliveryID: models.NewID(), Kind: notice.Bound}
		_, err := two.Send(t.Context(), m)
		require.NoError(t, err)
		first.silent.Store(true)
		for range 5 {
			_, err = one.Send(t.Context(), m)
			require.Error(t, err)
		}
		list, err := vendors.VendorChanges(t.Context(), 5)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{"first", "second", 5, 5}, []any{list[0].From, list[0].To, list[0].Failed, list[0].Calls})
		rows, err := db.AuditOf(t.Context(), "sms_vendor_changes", string(list[0].ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, models.JobChannel, rows[0].Channel)

		clock.Advance(time.Second)
		asked := first.asked.Load()
		handed, err := two.Send(t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, "second", handed.Vendor, "a second later the other replica knows")
		require.Equal(t, asked, first.asked.Load())

		first.silent.Store(false)
		_, err = vendors.SwitchVendor(t.Context(), hotline.Operator(), "first", "它好了", "cli:root")
		require.NoError(t, err)
		clock.Advance(time.Second)
		for _, r := range []*sms.Router{one, two} {
			handed, err = r.Send(t.Context(), m)
			require.NoError(t, err)
			require.Equal(t, "first", handed.Vendor)
		}
	}, storetest.WithClock(clock))
}
