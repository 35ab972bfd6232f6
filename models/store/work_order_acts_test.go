package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

func TestAnActRepeatedWithItsKeyIsOneAct(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		l := d.member("l", "民政局", "410303", hotline.RoleLiaison)
		ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "acceptWorkOrder", Key: "k1", BodyMAC: []byte("m")})
		for range 3 {
			got, err := d.AcceptOrder(ctx, l, o.ID)
			require.NoError(t, err)
			require.Equal(t, hotline.OrderAccepted, got.State)
		}
		steps, err := d.db.WorkOrders().StepsOf(t.Context(), o.ID)
		require.NoError(t, err)
		require.Len(t, steps, 2)
		entries, err := d.db.AuditOf(t.Context(), "work_orders", string(o.ID))
		require.NoError(t, err)
		require.Len(t, entries, 2, "opened and accepted, each once")
	})
}

func TestManySweepsGiveAnEnquiryOneOrder(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		require.NoError(t, d.db.OpenCase(t.Context(), "loss:1", "loss_unconfirmed", d.wang, "loss_reports", "r1"))
		require.NoError(t, d.db.OpenCase(t.Context(), "explanation:1", "subsidy_missing", d.wang, "programmes", "P23"))
		require.NoError(t, d.db.OpenCase(t.Context(), "explanation:2", "subsidy_missing", models.NewID(), "programmes", "no-such"))
		d.s.clock.Advance(time.Minute)
		for _, err := range atOnce(4, func(int) error { _, err := d.AdoptEnquiries(context.WithoutCancel(t.Context()), 10); return err }) {
			require.NoError(t, err)
		}
		list, err := d.WorkOrderQueue(t.Context(), d.agent, hotline.OrderQueue{}, false, false, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, list, 3)
		lost, high, odd := list[2], list[1], list[0]
		require.Equal(t, []any{hotline.OrderUrgent, models.DateOf(start), ""}, []any{lost.Type, models.DateOf(lost.DueAt), lost.Department})
		require.Equal(t, []string{"残联", "410303", ""}, []string{high.Department, high.District, high.Programme}, "the code of a High item is a name (R55)")
		require.Equal(t, []any{"", start}, []any{odd.Department, odd.OpenedAt}, "nobody pays it: the hotline's")
		entries, err := d.db.AuditOf(t.Context(), "work_orders", string(lost.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)

		require.NoError(t, d.SettleCase(t.Context(), "loss:1"))
		gone, err := d.ReadOrder(t.Context(), d.agent, lost.ID)
		require.NoError(t, err)
		require.Equal(t, hotline.OrderClosed, gone.Order.State)
		n, err := d.AdoptEnquiries(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// brokenRoutes cannot say whose one programme is.
type brokenRoutes struct{ orderRules }

func (brokenRoutes) PayingDepartment(ctx context.Context, programme string) (string, string, bool, error) {
	if programme == "P23" {
		return "", "", false, models.ErrUnavailable
	}
	return orderRules{}.PayingDepartment(ctx, programme)
}

// An enquiry from before the mark, or of an older release, has its order: it is marked and not looked at again. One that cannot be
// given an order keeps no other waiting.
func TestTheSweepMarksWhatHasItsOrderAndPassesByWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		old := d.subsidyOrder()
		_, err := d.db.SQL().ExecContext(t.Context(), "UPDATE enquiries SET ordered = false")
		require.NoError(t, err)
		require.NoError(t, d.db.OpenCase(t.Context(), "explanation:1", "subsidy_missing", d.wang, "programmes", "P23"))
		require.NoError(t, d.db.OpenCase(t.Context(), "loss:1", "loss_unconfirmed", d.wang, "loss_reports", "r1"))
		waiting, err := d.db.WorkOrders().EnquiriesWithoutOrder(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, waiting, 2, "those without an order alone")
		d.Routes = brokenRoutes{}
		n, err := d.AdoptEnquiries(t.Context(), 10)
		require.ErrorIs(t, err, models.ErrUnavailable)
		require.Equal(t, 1, n)
		var ordered bool
		require.NoError(t, d.db.SQL().QueryRowContext(t.Context(), "SELECT ordered FROM enquiries WHERE id = '"+string(old.ID)+"'").Scan(&ordered))
		require.True(t, ordered)
		d.Routes = orderRules{}
		n, err = d.AdoptEnquiries(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestAnEnquiryIsAnsweredWhereItsOrderStands(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := t.Context()
		o := d.subsidyOrder()
		_, err := d.AnswerEnquiry(ctx, d.agent, o.ID, "已核实")
		require.ErrorIs(t, err, hotline.ErrOrderNotYours, "the department's")
		own, opened, err := d.OpenOrder(ctx, d.agent, mustCall(t, d), hotline.OpenOrderInput{Type: hotline.OrderAdvice, Text: "咨询异地就医"})
		require.NoError(t, err)
		require.True(t, opened)
		_, err = d.CloseEnquiry(ctx, d.agent, own.ID)
		require.ErrorIs(t, err, hotline.ErrCallBackFirst)
		e, err := d.AnswerEnquiry(ctx, d.agent, own.ID, "可在线备案")
		require.NoError(t, err)
		require.Equal(t, hotline.EnquiryAnswered, e.State)
		_, err = d.CloseEnquiry(ctx, d.agent, own.ID)
		require.ErrorIs(t, err, hotline.ErrCallBackFirst)

		// Not settled, says the call back: open again, and her own re-opening is not used up.
		again, err := d.CallBackOrder(ctx, d.agent, own.ID, hotline.CallBackNotSettled, "")
		require.NoError(t, err)
		require.Equal(t, []any{hotline.OrderReopened, models.ID("")}, []any{again.State, again.Owner})
		_, err = d.ReopenMyEnquiry(ctx, d.citizen(), own.ID, "还没有解决")
		require.ErrorIs(t, err, hotline.ErrEnquiryOpen)
		_, err = d.AcceptOrder(ctx, d.agent, own.ID)
		require.NoError(t, err)
		_, err = d.AnswerOrder(ctx, d.agent, own.ID, "explained", "已电话说明")
		require.NoError(t, err)
		_, err = d.CallBackOrder(ctx, d.agent, own.ID, hotline.CallBackSettled, "")
		require.NoError(t, err)
		_, err = d.CloseOrder(ctx, d.agent, own.ID)
		require.NoError(t, err)
		stranger := d.citizen()
		stranger.ID, stranger.Subject = models.NewID(), models.NewID()
		_, err = d.ReopenMyEnquiry(ctx, stranger, own.ID, "还没有解决")
		require.ErrorIs(t, err, models.ErrNotFound)
		won, others := countWins(atOnce(4, func(int) error {
			_, err := d.ReopenMyEnquiry(context.WithoutCancel(ctx), d.citizen(), own.ID, "还没有解决")
			return err
		}))
		require.Equal(t, 1, won)
		for _, err := range others {
			require.Equal(t, models.Conflict, models.KindOf(err), err)
		}
		require.NoError(t, d.CloseOwnCase(ctx, models.System(), own.ID))
		_, err = d.ReopenMyEnquiry(ctx, d.citizen(), own.ID, "还没有解决")
		require.ErrorIs(t, err, hotline.ErrReopenOver, "once")
		d.s.clock.Advance(16 * 24 * time.Hour)
		require.NoError(t, d.CloseOwnCase(ctx, models.System(), o.ID))
		d.s.clock.Advance(16 * 24 * time.Hour)
		_, err = d.ReopenMyEnquiry(ctx, d.citizen(), o.ID, "还没有解决")
		require.ErrorIs(t, err, hotline.ErrReopenOver, "after the days of the setting")
	})
}

func TestAnEnquiryThatEndsWhileItIsAdoptedLeavesNoOrder(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := context.WithoutCancel(t.Context())
		require.NoError(t, d.db.OpenCase(ctx, "loss:1", "loss_unconfirmed", d.wang, "loss_reports", "r1"))
		found, err := d.db.WorkOrders().EnquiriesWithoutOrder(ctx, 10)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.NoError(t, d.SettleCase(ctx, "loss:1")) // between the list and the adoption
		adopted, err := d.db.WorkOrders().AdoptOrder(ctx, hotline.WorkOrder{
			ID: found[0].ID, Type: hotline.OrderUrgent, State: hotline.OrderNew, OpenedAt: start, AcceptBy: start, DueAt: start, EscalateAt: start, Version: 1,
		})
		require.NoError(t, err)
		require.False(t, adopted)
		_, err = d.db.WorkOrders().OrderByID(ctx, found[0].ID, hotline.OrderReader{})
		require.ErrorIs(t, err, models.ErrNotFound)
		for i := range 4 {
			cause := "loss:race" + string(rune('a'+i))
			require.NoError(t, d.db.OpenCase(ctx, cause, "loss_unconfirmed", d.wang, "loss_reports", cause))
			for _, err := range atOnce(2, func(n int) error {
				if n == 0 {
					return d.SettleCase(ctx, cause)
				}
				_, err := d.AdoptEnquiries(ctx, 10)
				return err
			}) {
				require.NoError(t, err)
			}
			e, err := d.db.Enquiries().EnquiryByCause(ctx, cause)
			require.NoError(t, err)
			o, err := d.db.WorkOrders().OrderByID(ctx, e.ID, hotline.OrderReader{})
			require.True(t, err != nil || o.State == hotline.OrderClosed, "%s", o.State)
		}
	})
}

func TestR68_AComplaintStaysWithTheHotline(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := t.Context()
		o, opened, err := d.OpenOrder(ctx, d.agent, d.inCall(d.agent), hotline.OpenOrderInput{Type: hotline.OrderComplaint, Programme: "P28", Text: "民政局工作人员态度恶劣"})
		require.NoError(t, err)
		require.True(t, opened)
		require.Empty(t, o.Department)
		liaison := d.member("l", "民政局", "410303", hotline.RoleLiaison)
		_, err = d.ReadOrder(ctx, liaison, o.ID)
		require.ErrorIs(t, err, models.ErrNotFound)
		boss := d.member("boss", "", "", hotline.RoleSupervisor)
		_, err = d.TransferOrder(ctx, boss, o.ID, hotline.TransferInput{Programme: "P28", Reason: "paying_department", Note: "转给民政局"})
		require.ErrorIs(t, err, hotline.ErrComplaintStays)
		_, err = d.ReadOrder(ctx, liaison, o.ID)
		require.ErrorIs(t, err, models.ErrNotFound)
		own, err := d.TransferOrder(ctx, boss, o.ID, hotline.TransferInput{Reason: "other", Note: "由班长承办"})
		require.NoError(t, err)
		require.Empty(t, own.Department)
	})
}

func TestR55_NoOrderNamesASensitiveProgrammeToTheHotline(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := t.Context()
		call := d.inCall(d.agent)
		o, _, err := d.OpenOrder(ctx, d.agent, call, hotline.OpenOrderInput{Type: hotline.OrderSubsidy, Programme: "P23", Object: "programmes", ObjectID: "P23", Text: "补贴三个月没有到账"})
		require.NoError(t, err)
		require.NoError(t, d.db.OpenCase(ctx, "explanation:1", "subsidy_missing", d.wang, "programmes", "P23"))
		got := []hotline.WorkOrder{o}
		list, err := d.WorkOrderQueue(ctx, d.agent, hotline.OrderQueue{}, false, false, hotline.Page{Limit: 10})
		require.NoError(t, err)
		got = append(got, list...)
		list, err = d.OrdersInCall(ctx, d.agent, call, hotline.Page{Limit: 10})
		require.NoError(t, err)
		got = append(got, list...)
		v, err := d.ReadOrder(ctx, d.agent, o.ID)
		require.NoError(t, err)
		urged, err := d.UrgeOrder(ctx, d.agent, o.ID)
		require.NoError(t, err)
		got = append(got, v.Order, urged)
		require.Len(t, got, 5)
		for _, g := range got {
			require.Equal(t, []string{"", ""}, []string{g.Programme, g.ObjectID})
		}
		waiting, err := d.OpenEnquiries(ctx, d.agent, hotline.EnquiryReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		require.Equal(t, []string{"", ""}, []string{waiting[0].ObjectID, waiting[1].ObjectID})

		pays := d.member("pays", "残联", "", hotline.RoleLiaison)
		v, err = d.ReadOrder(ctx, pays, o.ID)
		require.NoError(t, err)
		require.Equal(t, "P23", v.Order.ObjectID, "whoever pays it knows it")
		f, err := d.ExportOrders(ctx, hotline.Operator(), "残联", "410303", "")
		require.NoError(t, err)
		require.Empty(t, f.Lines[0].Order.ObjectID, "the file goes through hands of the hotline's")
		normal, _, err := d.OpenOrder(ctx, d.agent, call, hotline.OpenOrderInput{Type: hotline.OrderSubsidy, Programme: "P28", Object: "programmes", ObjectID: "P28", Text: "补贴三个月没有到账"})
		require.NoError(t, err)
		require.Equal(t, []string{"P28", "P28"}, []string{normal.Programme, normal.ObjectID})
	})
}

func TestAnAnswerFromTheListOfEnquiriesIsCheckedAndTold(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := t.Context()
		told := func(kind notice.Kind) int {
			list, err := d.db.Notices().NoticesOf(ctx, d.wang, "", 50)
			require.NoError(t, err)
			n := 0
			for _, got := range list {
				if got.Kind == kind {
					n++
				}
			}
			return n
		}
		require.NoError(t, d.db.OpenCase(ctx, "explanation:1", "advice", d.wang, "", ""))
		waiting, err := d.OpenEnquiries(ctx, d.agent, hotline.EnquiryReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		id := waiting[0].ID
		for _, text := range []string{" ", "见www.abc.com", "请打13800001234", "证件410303198001010015已核对"} {
			_, err := d.AnswerEnquiry(ctx, d.agent, id, text)
			require.Equal(t, models.Invalid, models.KindOf(err), text)
		}
		_, err = d.CloseEnquiry(ctx, d.agent, id)
		require.ErrorIs(t, err, hotline.ErrCallBackFirst, "somebody waits for an answer")
		e, err := d.AnswerEnquiry(ctx, d.agent, id, "可在线备案")
		require.NoError(t, err)
		require.Equal(t, []any{hotline.EnquiryAnswered, "可在线备案", d.agent.ID}, []any{e.State, e.Answer, e.AnsweredBy})
		require.Equal(t, 1, told(notice.EnquiryAnswered))
		_, err = d.AnswerEnquiry(ctx, d.agent, id, "再次答复")
		require.Equal(t, models.Conflict, models.KindOf(err))
		_, err = d.CloseEnquiry(ctx, d.agent, id)
		require.ErrorIs(t, err, hotline.ErrCallBackFirst)
		_, err = d.CallBackOrder(ctx, d.agent, id, hotline.CallBackSettled, "")
		require.NoError(t, err)
		e, err = d.CloseEnquiry(ctx, d.agent, id)
		require.NoError(t, err)
		require.Equal(t, hotline.EnquiryClosed, e.State)
		require.Equal(t, 1, told(notice.EnquiryClosed))
		_, err = d.CloseEnquiry(ctx, d.agent, id)
		require.Equal(t, models.Conflict, models.KindOf(err))

		// Who said "this was not me" is told so in its own words, once; nobody is told of the system's own cases.
		require.NoError(t, d.db.OpenCase(ctx, "not_me:1", notice.CaseNotMe+"bound", d.wang, "notices", "n1"))
		require.NoError(t, d.db.OpenCase(ctx, "loss:1", "loss_unconfirmed", d.wang, "loss_reports", "r1"))
		waiting, err = d.OpenEnquiries(ctx, d.agent, hotline.EnquiryReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		for _, w := range waiting {
			_, err = d.AnswerEnquiry(ctx, d.agent, w.ID, "已核实处理")
			require.NoError(t, err)
		}
		require.Equal(t, []int{1, 1}, []int{told(notice.ReportAnswered), told(notice.EnquiryAnswered)})
		require.NoError(t, d.db.OpenCase(ctx, "loss:2", "loss_unconfirmed", d.wang, "loss_reports", "r2"))
		waiting, err = d.OpenEnquiries(ctx, d.agent, hotline.EnquiryReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		e, err = d.CloseEnquiry(ctx, d.agent, waiting[0].ID)
		require.NoError(t, err)
		require.Equal(t, hotline.EnquiryClosed, e.State)
		require.Equal(t, 1, told(notice.EnquiryClosed))
	})
}

// mustCall is a further call of the agent, the one before being over.
func mustCall(t *testing.T, d *orderDesk) models.ID {
	t.Helper()
	old, err := d.db.Calls().OpenCallOf(t.Context(), d.agent.ID)
	require.NoError(t, err)
	_, err = d.CloseCall(t.Context(), d.agent, old.ID)
	require.NoError(t, err)
	return d.inCall(d.agent)
}

func TestOfTwoWhoImportAtOnceOneTakesTheLine(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		f, err := d.ExportOrders(t.Context(), hotline.Operator(), "民政局", "410303", "")
		require.NoError(t, err)
		require.Equal(t, []any{1, 1, "operator"}, []any{f.Number, len(f.Lines), f.MadeBy})
		answers := hotline.AnswerFile{Department: "民政局", District: "410303", Lines: []hotline.AnswerLine{
			{File: f.ID, Line: 1, Order: o.Number, ReasonCode: "paid", Answer: "已补发到卡"}, {File: f.ID, Line: 2, Order: o.Number, ReasonCode: "paid", Answer: "已补发到卡"},
			{File: "no id", Line: 1, Order: o.Number, ReasonCode: "paid", Answer: "已补发到卡"},
		}}
		taken := 0
		var reports [4][]hotline.LineReport
		for _, err := range atOnce(len(reports), func(i int) error {
			var err error
			reports[i], err = d.ImportAnswers(context.WithoutCancel(t.Context()), hotline.Operator(), answers)
			return err
		}) {
			require.NoError(t, err)
		}
		for _, r := range reports {
			if r[0].Verdict == hotline.LineTaken {
				taken++
			}
			require.Equal(t, []hotline.LineVerdict{hotline.LineForeign, hotline.LineForeign}, []hotline.LineVerdict{r[1].Verdict, r[2].Verdict})
		}
		require.Equal(t, 1, taken)
		_, err = d.ExportOrders(t.Context(), d.agent, "民政局", "410303", "")
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
		_, err = d.ExportOrders(t.Context(), hotline.Operator(), "民政局", "410303", "")
		require.ErrorIs(t, err, hotline.ErrNoOrders)
	})
}
