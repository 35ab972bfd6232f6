package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// queueUp opens n orders of the civil affairs bureau's, a minute apart.
func (d *orderDesk) queueUp(n int) {
	d.t.Helper()
	require.NoError(d.t, d.db.InTx(d.t.Context(), func(ctx context.Context) error {
		for i := range n {
			at := d.s.clock.Now().Add(time.Duration(i) * time.Minute)
			id := models.NewID()
			o := hotline.WorkOrder{ID: id, Type: hotline.OrderSubsidy, State: hotline.OrderNew, Department: "民政局", District: "410303", OpenedAt: at, AcceptBy: at, DueAt: at, EscalateAt: at, Version: 1}
			e := hotline.Enquiry{ID: id, Number: models.ReceiptNumber(at, int64(i+1)), Cause: fmt.Sprint("queue:", i), Kind: "subsidy", State: hotline.EnquiryReceived, OpenedAt: at, Version: 1}
			if _, err := d.db.WorkOrders().AddOrder(ctx, e, o); err != nil {
				return err
			}
		}
		return nil
	}))
}

// More orders wait than a file holds: the oldest go first, the file says how many are left, and the next one goes on there.
func TestR65_AFileTakesTheOldestAndSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		d.queueUp(503)
		boss := d.member("boss", "", "", hotline.RoleSupervisor)
		oldest := models.ReceiptNumber(d.s.clock.Now(), 1)
		f, err := d.ExportOrders(t.Context(), boss, "民政局", "410303", "")
		require.NoError(t, err)
		require.Equal(t, []any{500, 3, oldest}, []any{len(f.Lines), f.Left, f.Lines[0].Order.Number})
		last := f.Lines[499].Order // it belongs elsewhere, and its number is a place all the same
		moved := last
		moved.Department, moved.District = "残联", "410304"
		require.NoError(t, d.db.WorkOrders().UpdateOrder(t.Context(), moved, last.State, hotline.OrderReader{}))
		next, err := d.ExportOrders(t.Context(), boss, "民政局", "410303", f.After())
		require.NoError(t, err)
		require.Equal(t, []any{3, 0, "", 2}, []any{len(next.Lines), next.Left, next.After(), next.Number})
		seen := map[string]bool{}
		for _, l := range append(f.Lines, next.Lines...) {
			seen[l.Order.Number] = true
		}
		require.Len(t, seen, 503)
		_, err = d.ExportOrders(t.Context(), boss, "民政局", "410303", next.Lines[2].Order.Number)
		require.ErrorIs(t, err, hotline.ErrNoOrders)
		_, err = d.ExportOrders(t.Context(), boss, "民政局", "410304", oldest)
		require.Equal(t, models.Invalid, models.KindOf(err), "an order of another district is no place to begin")
	})
}

// A file is an export like any other: counted, so many a day, and the refusal is written down.
func TestSoManyOrderFilesADay(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		d.s.Limits = hotline.Limits{ExportsPerDay: 1, OrderFilesPerDay: 2}
		d.queueUp(1)
		boss := d.member("boss", "", "", hotline.RoleSupervisor)
		won, others := countWins(atOnce(4, func(int) error {
			_, err := d.ExportOrders(context.WithoutCancel(t.Context()), boss, "民政局", "410303", "")
			return err
		}))
		require.Equal(t, 2, won)
		for _, err := range others {
			require.ErrorIs(t, err, hotline.ErrExportsUsedUp)
		}
		_, err := d.s.Export(t.Context(), boss, hotline.ExportOrders, models.DateOf(start), models.DateOf(start))
		require.NoError(t, err, "files are counted by themselves")
		_, err = d.ExportOrders(t.Context(), hotline.Operator(), "民政局", "410303", "")
		require.NoError(t, err)
		d.s.clock.Advance(24 * time.Hour)
		_, err = d.ExportOrders(t.Context(), boss, "民政局", "410303", "")
		require.NoError(t, err, "a new day")
		refused, err := d.db.AuditTrail().SearchAudit(t.Context(), hotline.AuditQuery{StaffID: boss.ID, From: start.Add(-time.Hour), Until: start.Add(time.Hour), Limit: 100})
		require.NoError(t, err)
		n := 0
		for _, e := range refused {
			if e.Action == "hotline.export.refused" {
				n++
			}
		}
		require.Equal(t, 2, n)
	})
}
