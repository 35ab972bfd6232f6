package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// orderDesk is the work orders over a real store: every weekday is worked, and P28 is the civil affairs bureau's.
type orderDesk struct {
	*hotline.Orders
	t      *testing.T
	s      *seat
	db     *store.DB
	alarms *alarms
	agent  models.Actor
	wang   models.ID
}

type orderRules struct{}

func (orderRules) Workday(_ context.Context, day models.Date) (bool, error) {
	w := day.Start().In(models.Shanghai).Weekday()
	return w != time.Saturday && w != time.Sunday, nil
}

func (orderRules) OrderTerms(context.Context, time.Time) (hotline.OrderTerms, error) {
	return hotline.OrderTerms{
		Days:       map[hotline.OrderType]int{hotline.OrderAdvice: 3, hotline.OrderSubsidy: 10, hotline.OrderLowRating: 15},
		AcceptDays: 1, ExtensionDays: 5, EscalateDays: 5, ReopenDays: 15, CallBackTries: 3, ExchangeDays: 30,
	}, nil
}

func (orderRules) LeastPeople(context.Context, time.Time) (int64, error) { return 5, nil }

func (orderRules) PayingDepartment(_ context.Context, programme string) (string, string, bool, error) {
	return map[string]string{"P28": "民政局", "P23": "残联"}[programme], map[string]string{"P28": "P28"}[programme], programme == "P28" || programme == "P23", nil
}

func (orderRules) NormalProgrammes(context.Context) (map[string]bool, error) {
	return map[string]bool{"P28": true}, nil
}

func (orderRules) FinishedCase(context.Context, models.Actor, string, models.ID) error {
	return models.ErrNotFound
}

func eachOrderDesk(t *testing.T, fn func(t *testing.T, d *orderDesk)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T, ...storetest.Option) *store.DB{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			db := open(t, storetest.WithClock(clock))
			d := &orderDesk{t: t, db: db, s: newSeat(t, db, clock), alarms: &alarms{}}
			d.s.WorkOrders, d.s.Notices = db.WorkOrders(), db
			d.Orders = &hotline.Orders{
				Service: d.s.Service, Lists: db.WorkOrders(), Ratings: db.Ratings(), Files: db.OrderFiles(), Rated: orderRules{}, Policy: orderRules{}, Routes: orderRules{},
				Colleagues: db.Staff(), Alarms: d.alarms, Log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)),
			}
			d.agent = d.member("agent-one", "", "", hotline.RoleAgent)
			p, err := db.Persons().PersonByRef(t.Context(), "p1")
			require.NoError(t, err)
			d.wang = p.ID
			fn(t, d)
		})
	}
}

func (d *orderDesk) member(login, department, district string, roles ...hotline.Role) models.Actor {
	d.t.Helper()
	m := staffMember(d.t, login, roles...)
	m.Department, m.District = department, district
	require.NoError(d.t, d.db.Staff().CreateStaff(d.t.Context(), m))
	return models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333}
}

func (d *orderDesk) citizen() models.Actor {
	return models.Actor{Kind: models.CitizenActor, ID: d.wang, Subject: d.wang, Channel: models.WechatMini, Level: models.LevelReal}
}

// inCall is the agent with the verified caller Wang on the line, in a call of her own.
func (d *orderDesk) inCall(by models.Actor) models.ID {
	d.t.Helper()
	call := openCall(by.ID)
	call.PersonID, call.Level = d.wang, hotline.LevelBasic
	require.NoError(d.t, d.db.Calls().CreateCall(d.t.Context(), call))
	return call.ID
}

// subsidyOrder opens an order about P28 for Wang.
func (d *orderDesk) subsidyOrder() hotline.WorkOrder {
	d.t.Helper()
	o, opened, err := d.OpenOrder(d.t.Context(), d.agent, d.inCall(d.agent), hotline.OpenOrderInput{Type: hotline.OrderSubsidy, Programme: "P28", Text: "高龄津贴三个月没有到账"})
	require.NoError(d.t, err)
	require.True(d.t, opened)
	return o
}

func TestR65_TwoWhoAcceptAtOnceAreOne(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		require.Equal(t, []string{"民政局", "410303", "P28"}, []string{o.Department, o.District, o.Programme})
		var by [6]models.Actor
		for i := range by {
			by[i] = d.member("liaison-"+string(rune('a'+i)), "民政局", "410303", hotline.RoleLiaison)
		}
		won, others := countWins(atOnce(len(by), func(i int) error {
			_, err := d.AcceptOrder(context.WithoutCancel(t.Context()), by[i], o.ID)
			return err
		}))
		require.Equal(t, 1, won)
		for _, err := range others {
			require.Equal(t, models.Conflict, models.KindOf(err), err)
		}
		steps, err := d.db.WorkOrders().StepsOf(t.Context(), o.ID)
		require.NoError(t, err)
		require.Len(t, steps, 2, "opened, and accepted once")
	})
}

func TestALiaisonSeesTheOwnDepartmentAndDistrictOnly(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		for name, c := range map[string]struct {
			department, district string
			sees                 int
		}{
			"own": {"民政局", "410303", 1}, "of the city": {"民政局", "", 1}, "other district": {"民政局", "410304", 0},
			"other department": {"残联", "410303", 0}, "a longer name": {"西工区民政局", "410303", 0},
		} {
			by := d.member("l"+string(models.NewID())[24:], c.department, c.district, hotline.RoleLiaison)
			list, err := d.WorkOrderQueue(t.Context(), by, hotline.OrderQueue{}, false, false, hotline.Page{Limit: 10})
			require.NoError(t, err)
			require.Len(t, list, c.sees, name)
			_, err = d.ReadOrder(t.Context(), by, o.ID)
			_, touched := d.ReturnOrder(t.Context(), by, o.ID, []string{"缺少发放批次"})
			if c.sees == 0 {
				require.ErrorIs(t, err, models.ErrNotFound, name)
				require.ErrorIs(t, touched, models.ErrNotFound, name)
			} else {
				require.NoError(t, err, name)
				require.NoError(t, touched, name)
				_, err = d.TransferOrder(t.Context(), d.agent, o.ID, hotline.TransferInput{Programme: "P28", Reason: "completed", Note: "已补充批次"})
				require.NoError(t, err, name)
			}
		}
		none := d.member("homeless", "", "", hotline.RoleLiaison)
		_, err := d.WorkOrderQueue(t.Context(), none, hotline.OrderQueue{}, false, false, hotline.Page{Limit: 10})
		require.ErrorIs(t, err, hotline.ErrNotPermitted, "no department is not every department")
		auditor := d.member("auditor", "", "", hotline.RoleAuditor)
		_, err = d.WorkOrderQueue(t.Context(), auditor, hotline.OrderQueue{}, false, false, hotline.Page{Limit: 10})
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
	})
}

func TestTheSameMatterOfAPersonIsOneOrderUntilItIsOver(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		in := hotline.OpenOrderInput{Type: hotline.OrderAdvice, Text: "咨询社保卡异地使用"}
		const n = 5
		var by [n]models.Actor
		var calls, ids [n]models.ID
		for i := range n {
			by[i] = d.member("agent-"+string(rune('a'+i)), "", "", hotline.RoleAgent)
			calls[i] = d.inCall(by[i])
		}
		for _, err := range atOnce(n, func(i int) error {
			o, _, err := d.OpenOrder(context.WithoutCancel(t.Context()), by[i], calls[i], in)
			ids[i] = o.ID
			return err
		}) {
			require.NoError(t, err)
		}
		for i := range n {
			require.Equal(t, ids[0], ids[i])
		}
		steps, err := d.db.WorkOrders().StepsOf(t.Context(), ids[0])
		require.NoError(t, err)
		require.Len(t, steps, n, "what each of the others wrote down is kept")
		for _, st := range steps[1:] {
			require.Equal(t, []string{string(hotline.OrderAdd), "咨询社保卡异地使用"}, []string{string(st.Act), st.Note})
		}
		looks := 0
		for i := range n {
			one, err := d.db.CallChecks().LookUpsSince(t.Context(), by[i].ID, start.Add(-time.Hour))
			require.NoError(t, err)
			looks += one
		}
		require.Equal(t, n-1, looks, "whoever is told of an order that was there has looked (R59)")
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "openWorkOrder", Key: "k1", BodyMAC: []byte("m")})
		for range 2 { // its answer was lost
			o, opened, err := d.OpenOrder(keyed, by[1], calls[1], in)
			require.NoError(t, err)
			require.Equal(t, ids[0], o.ID)
			require.False(t, opened && o.OpenedBy != by[1].ID)
		}
		require.NoError(t, d.CloseOwnCase(t.Context(), models.System(), ids[0]))
		again, opened, err := d.OpenOrder(t.Context(), by[0], calls[0], in)
		require.NoError(t, err)
		require.True(t, opened)
		require.NotEqual(t, ids[0], again.ID)
	})
}

func TestR64_OfManyRatingsOneCounts(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := context.WithoutCancel(t.Context())
		call := d.inCall(d.agent)
		_, err := d.RateCase(ctx, d.citizen(), "calls", call, 1)
		require.ErrorIs(t, err, hotline.ErrNotFinished)
		_, err = d.RateCall(ctx, models.NewID(), 1)
		require.ErrorIs(t, err, models.ErrNotFound)
		_, err = d.CloseCall(ctx, d.agent, call)
		require.NoError(t, err)
		for _, level := range []int{0, 6, -1} {
			_, err = d.RateCall(ctx, call, level)
			require.Equal(t, models.Invalid, models.KindOf(err))
		}
		won, others := countWins(atOnce(6, func(i int) error {
			if i%2 == 0 { // by the keys of the telephone and in the app
				_, err := d.RateCall(ctx, call, 1)
				return err
			}
			_, err := d.RateCase(ctx, d.citizen(), "calls", call, 2)
			return err
		}))
		require.Equal(t, 1, won)
		for _, err := range others {
			require.ErrorIs(t, err, hotline.ErrAlreadyRated)
		}
		low, err := d.WorkOrderQueue(ctx, d.agent, hotline.OrderQueue{Type: hotline.OrderLowRating}, false, false, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, low, 1)
		want, err := time.Parse(time.RFC3339, "2022-01-10T15:59:59Z")
		require.NoError(t, err)
		require.Equal(t, want, low[0].DueAt.Truncate(time.Second), "fifteen working days, the call back included")
		stranger := d.citizen()
		stranger.ID, stranger.Subject = models.NewID(), models.NewID()
		_, err = d.RateCase(ctx, stranger, "calls", call, 5)
		require.ErrorIs(t, err, models.ErrNotFound)

		boss := d.member("boss", "", "", hotline.RoleSupervisor)
		figures, err := d.RatingFigures(ctx, boss, "2021-12", "2021-12")
		require.NoError(t, err)
		require.Len(t, figures, 1)
		require.Equal(t, []int64{1, 1}, []int64{figures[0].Count, figures[0].Low})
		public, err := d.PublicRatings(ctx, "2021-12", "2021-12")
		require.NoError(t, err)
		require.Equal(t, []hotline.RatingFigure{{Month: "2021-12", Kind: "call", Suppressed: true}}, public)
		_, err = d.RatingFigures(ctx, d.agent, "2021-12", "2021-12")
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
	})
}

func TestR65_WhatIsOverdueIsToldOnceByManySweeps(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		d.s.clock.Set(o.DueAt.Add(time.Second))
		for _, err := range atOnce(4, func(int) error { _, err := d.WatchOrders(context.WithoutCancel(t.Context()), 10); return err }) {
			require.NoError(t, err)
		}
		steps, err := d.db.WorkOrders().StepsOf(t.Context(), o.ID)
		require.NoError(t, err)
		require.Len(t, steps, 2)
		require.Equal(t, hotline.OrderRemind, steps[1].Act)
		_, err = d.ExtendOrder(t.Context(), d.agent, o.ID, 2, "other", "还需核实")
		require.ErrorIs(t, err, hotline.ErrOrderNotYours, "the paying department's")
		_, err = d.ExtendOrder(t.Context(), d.member("l", "民政局", "", hotline.RoleLiaison), o.ID, 2, "other", "还需核实")
		require.ErrorIs(t, err, hotline.ErrOrderExpired)
	})
}

func TestWhatIsWrittenAboutAnOrderIsSealed(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder()
		_, err := d.TransferOrder(t.Context(), d.agent, o.ID, hotline.TransferInput{Reason: "other", Note: "来电人很着急"})
		require.ErrorIs(t, err, hotline.ErrOrderNotYours, "it stands in the department's queue")
		l := d.member("l", "民政局", "410303", hotline.RoleLiaison)
		_, err = d.ReturnOrder(t.Context(), l, o.ID, []string{"缺少批次编号", "缺少发放月份"})
		require.NoError(t, err)
		for query, plain := range map[string]string{"SELECT text_sealed FROM work_orders": "高龄津贴", "SELECT note_sealed FROM work_order_steps WHERE act = 'return'": "批次"} {
			var cell []byte
			require.NoError(t, d.db.SQL().QueryRowContext(t.Context(), query).Scan(&cell))
			require.NotContains(t, string(cell), plain)
		}
		v, err := d.ReadOrder(t.Context(), d.agent, o.ID)
		require.NoError(t, err)
		require.Equal(t, "缺少批次编号;缺少发放月份", v.Steps[1].Note)
		require.Equal(t, "高龄津贴三个月没有到账", v.Order.Text)
		require.Equal(t, 1, v.Order.Returns)
	})
}
