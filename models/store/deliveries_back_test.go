package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

const (
	replacedCause = "credit:1"
	laterCause    = "credit:1:reversed"
)

// What is with a vendor when a later notice takes its place must not come back behind that one, whichever way it would.
func TestWhatWasReplacedWhileItWasSentNeverComesBack(t *testing.T) {
	t.Parallel()
	for name, comes := range map[string]func(t *testing.T, q *store.Notices, clock *models.ManualClock, d notice.Delivery){
		"not taken": func(t *testing.T, q *store.Notices, _ *models.ManualClock, d notice.Delivery) {
			settle(t, q, d, notice.Settlement{State: notice.Queued, Reason: "busy"})
		},
		"never heard": func(t *testing.T, q *store.Notices, _ *models.ManualClock, d notice.Delivery) {
			settle(t, q, d, notice.Settlement{State: notice.Unknown, Reason: "no_answer", Lost: true})
			_, err := q.QueueAgain(t.Context(), d.ID, d.Attempt)
			require.NoError(t, err)
		},
		"its process died": func(t *testing.T, q *store.Notices, clock *models.ManualClock, d notice.Delivery) {
			clock.Advance(noticeLease)
			_, err := q.LapseDeliveries(t.Context(), 0, 72*time.Hour)
			require.NoError(t, err)
			_, err = q.QueueAgain(t.Context(), d.ID, d.Attempt)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
				me := models.NewID()
				queued(t, q, notice.Draft{Cause: replacedCause, Kind: notice.Arrival, PersonID: me})
				d := claim(t, q)
				queued(t, q, notice.Draft{Cause: laterCause, Kind: notice.ArrivalReversed, PersonID: me, Replaces: []string{replacedCause}})
				comes(t, q, clock, d)
				next := claim(t, q)
				require.Equal(t, notice.ArrivalReversed, next.Notice.Kind)
				requireNoneDue(t, q)
			})
		})
	}
}

// An outage over midnight: the vendor is asked about the day on which it may have got the message.
func TestALapsedLeaseEndedWhenItEndedAndNotWhenItWasFound(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: replacedCause, Kind: notice.Arrival})
		claim(t, q)
		ended := clock.Now().Add(noticeLease)
		clock.Advance(20 * time.Hour)
		_, err := q.LapseDeliveries(t.Context(), 0, 72*time.Hour)
		require.NoError(t, err)
		open, err := q.UnknownDeliveries(t.Context(), clock.Now().Add(-72*time.Hour), time.Hour, 10)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.True(t, open[0].SettledAt.Equal(ended), open[0].SettledAt)
	})
}

// A receipt that names only the vendor's id overtakes our own writing down of that id.
func TestAReceiptBeforeItsIDIsWrittenWaitsForIt(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		me := queued(t, q, notice.Draft{Cause: replacedCause, Kind: notice.Arrival}).PersonID
		d := claim(t, q)
		early := []notice.Receipt{
			{Vendor: "tencent", VendorID: "serial-1", Delivered: true, At: clock.Now()},
			{Vendor: "tencent", VendorID: "of-nobody", Delivered: true, At: clock.Now()},
		}
		for range 2 { // pushed twice
			require.NoError(t, q.KeepEarly(t.Context(), early))
		}
		lapse := func() int {
			n, err := q.LapseDeliveries(t.Context(), 0, 72*time.Hour)
			require.NoError(t, err)
			return n
		}
		require.Zero(t, lapse())
		settle(t, q, d, notice.Settlement{State: notice.Submitted, Vendor: "tencent", VendorID: "serial-1"})
		require.Equal(t, 1, lapse())
		require.Zero(t, lapse())
		inbox, err := q.NoticesOf(t.Context(), me, "", 1)
		require.NoError(t, err)
		require.Equal(t, notice.Delivered, inbox[0].Tried[0].State)
		clock.Advance(time.Hour)
		lapse()
		var left int
		require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM early_receipts").Scan(&left))
		require.Zero(t, left, "what is nobody's is forgotten")
	})
}
