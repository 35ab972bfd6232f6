package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// Each read of a citizen costs the same few statements however long the list of programmes is: the process knows it.
func TestWhatACitizenReadsCostsAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.withPrinter()
		d.payday.HouseholdPolicy = see(subsidy.MembersSeeNotice)
		d.arrive(d.paid("wang", "b1"), d.paid("zhao", "b2", land))
		d.declare(declared("d1", "wang", subsidy.DeclaredYes, 1))
		key := d.paid("wang", "b1").Key.String()
		_, err := d.PrintStatement(t.Context(), d.actor("wang"), 2021)
		require.NoError(t, err)
		reads := []struct {
			name string
			want int
			read func(ctx context.Context) error
		}{
			{"list", 1, func(ctx context.Context) error {
				_, err := d.Arrivals(ctx, d.actor("wang"), subsidy.ListQuery{Limit: 20})
				return err
			}},
			{"detail", 4, func(ctx context.Context) error { // the payment, its links, its posting, her answer
				_, err := d.Arrival(ctx, d.actor("wang"), key)
				return err
			}},
			{"summary", 1, func(ctx context.Context) error {
				_, _, err := d.Summary(ctx, d.actor("wang"), subsidy.SummaryQuery{})
				return err
			}},
			{"household", 2, func(ctx context.Context) error { // its people, their payments
				_, err := d.HouseholdArrivals(ctx, d.actor("zhao"), subsidy.HouseholdAsk{Year: 2021, Limit: 20})
				return err
			}},
			{"statement", 3, func(ctx context.Context) error { // the year, the holder, the row that was kept
				_, err := d.PrintStatement(ctx, d.actor("wang"), 2021)
				return err
			}},
			{"readiness", 4, func(ctx context.Context) error { // see Standing
				_, err := d.Readiness(ctx, d.actor("wang"))
				return err
			}},
			{"explanation of a payment", 7, func(ctx context.Context) error { // the standing, the payment, places on lists, offices
				_, err := d.Explanation(ctx, d.actor("wang"), subsidy.ExplainQuery{Arrival: key})
				return err
			}},
			{"explanation of what did not come", 10, func(ctx context.Context) error {
				_, err := d.Explanation(ctx, d.actor("wang"), subsidy.ExplainQuery{Programme: "P41", Period: "2022年"})
				return err
			}},
			{"public list", 0, func(ctx context.Context) error {
				_, err := d.Programmes(ctx, subsidy.CatalogueQuery{})
				return err
			}},
			{"one programme", 0, func(ctx context.Context) error {
				_, _, err := d.Programme(ctx, "P41", "")
				return err
			}},
			{"history", 0, func(ctx context.Context) error {
				_, _, err := d.ProgrammeHistory(ctx, "P41")
				return err
			}},
		}
		count := func() {
			t.Helper()
			require.NoError(t, d.Refresh(t.Context()))
			for _, r := range reads {
				ctx, cost := d.db.CountStatements(t.Context())
				require.NoError(t, r.read(ctx), r.name)
				require.Equal(t, r.want, cost.Statements(), r.name)
			}
		}
		count()
		more := make([]subsidy.Programme, 300)
		for i := range more {
			more[i] = listed(fmt.Sprintf("L410303-%03d", i+100), 0, fmt.Sprintf("本地补贴%d", i), subsidy.SensitivityNormal)
		}
		d.list(more...)
		count()
	})
}

// Another replica names nothing in full after its next look at the catalogue, and never what it has not heard of.
func TestR55_ATightenedProgrammeIsNamedNowhereAfterTheNextLook(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		out := d.withPrinter()
		d.payday.HouseholdPolicy = see(subsidy.MembersSeeAmounts)
		d.arrive(d.paid("wang", "b1"), d.paid("zhao", "b2", land))
		other := &subsidy.Service{Store: d.store, Gate: d.payday.Gate, Banks: d.Service.Banks, Clock: d.payday.clock, Log: d.Log, Printer: out,
			HouseholdPolicy: d.payday.HouseholdPolicy}
		explains := *d.Explainer
		explains.Catalogue = other
		named := func(by models.Actor, key string) (says []string) {
			ctx := t.Context()
			note := func(name string, err error) {
				if says = append(says, name); err != nil {
					require.Equal(t, models.Forbidden, models.KindOf(err))
				}
			}
			page, err := other.Arrivals(ctx, by, subsidy.ListQuery{Limit: 1})
			note(page.Items[0].Code+page.Items[0].Name, err)
			one, err := other.Arrival(ctx, by, key)
			note(one.Name, err)
			sums, _, err := other.Summary(ctx, by, subsidy.SummaryQuery{})
			note(sums[0].Items[0].Programme+sums[0].Items[0].Name, err)
			home, err := other.HouseholdArrivals(ctx, d.actor("zhao"), subsidy.HouseholdAsk{Year: 2021, Limit: 20})
			note(home.Items[0].Name, err)
			_, err = other.PrintStatement(ctx, by, 2021)
			note(out.last.Rows[0][2], err)
			why, err := explains.Explanation(ctx, by, subsidy.ExplainQuery{Arrival: key})
			note(why.Code+why.Name, err)
			return says
		}
		key := d.paid("wang", "b1").Key.String()
		const open, hidden = "就业补助", "一项补贴"
		require.Equal(t, []string{"P41" + open, open, "P41" + open, "耕地地力保护补贴", open + "(尾号1234)", "P41" + open}, named(d.actor("wang"), key))
		secret, field := listed("P41", 41, open, subsidy.SensitivityHigh), listed("P02", 2, "耕地地力保护补贴", subsidy.SensitivityHigh)
		secret.Version, field.Version = 2, 2
		d.list(secret, field)
		require.NoError(t, other.Refresh(t.Context()))
		require.Equal(t, []string{hidden, "", hidden, hidden, hidden + "(尾号1234)", hidden}, named(d.actor("wang"), key))

		// Paid under what this replica has not heard of: lists name nothing, who asks for the payment itself has it read.
		d.list(listed("L410303-77", 0, "新项目", subsidy.SensitivityHigh))
		d.arrive(d.paid("zhao-wife", "b7", of("L410303-77")))
		key = d.paid("zhao-wife", "b7").Key.String()
		unheard := named(d.actor("zhao-wife"), key)
		require.Equal(t, hidden, unheard[0])
		require.Empty(t, unheard[1])
		one, err := other.Arrival(t.Context(), d.fresh("zhao-wife"), key)
		require.NoError(t, err)
		require.Equal(t, "新项目", one.Name)
	})
}

// A payment that is newer than the copy of the catalogue is named all the same where it is opened.
func TestAPaymentUnderANewEditionHasItReadAgain(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		other := &subsidy.Service{Store: d.store, Gate: d.payday.Gate, Banks: d.Service.Banks, Clock: d.payday.clock, Log: d.Log}
		require.NoError(t, other.Refresh(t.Context()))
		second := listed("P41", 41, "就业创业补助", subsidy.SensitivityNormal)
		second.Edition = 2
		d.list(second)
		line := d.paid("wang", "b1", func(l *subsidy.Line) { l.Edition = 2 })
		d.arrive(line)
		page, err := other.Arrivals(t.Context(), d.actor("wang"), subsidy.ListQuery{Limit: 1})
		require.NoError(t, err)
		require.Empty(t, page.Items[0].Code, "of an edition that is not known here nobody can say how sensitive it is")
		one, err := other.Arrival(t.Context(), d.actor("wang"), line.Key.String())
		require.NoError(t, err)
		require.Equal(t, "就业创业补助", one.Name)
	})
}
