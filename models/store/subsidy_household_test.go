package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// see is a policy that says one thing.
type see string

func (s see) MembersSee(context.Context, string, time.Time) (string, error) { return string(s), nil }

// home is the household view as one of the street sees it.
func (p *payday) home(ref models.PersonRef, ask subsidy.HouseholdAsk) subsidy.HouseholdView {
	p.t.Helper()
	ask.Limit = max(ask.Limit, 2)
	view, err := p.HouseholdArrivals(p.t.Context(), p.actor(ref), ask)
	require.NoError(p.t, err)
	return view
}

// land is a payment of an item that nobody minds being seen, to zhao's household.
func land(l *subsidy.Line) {
	l.Programme, l.PayeeKind, l.HouseholdRef, l.BeneficiaryRef = "P02", subsidy.ToHousehold, "home", "zhao"
}

func TestR4_TheHeadSeesTheHouseholdsPaymentsAndMembersThatTheHeadWasPaid(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.HouseholdPolicy = see(subsidy.MembersSeeNotice)
		p.moveIn(citizen.PersonFact{Ref: "zhao-son", HouseholdRef: "home"})
		toHead := p.paid("zhao", "b1", land)
		waiting := p.paid("zhao", "b2", land, sent)
		toWife := p.paid("zhao-wife", "b3", land, func(l *subsidy.Line) { l.ExceptionWhy, l.ExceptionBy = "head_absent", "乡镇财政所" })
		own := p.paid("zhao-wife", "b4")       // hers alone (R3)
		held := p.paid("zhao-son", "b5", land) // not to the head, and nobody said why
		strangers := p.paid("wang", "b6", land, func(l *subsidy.Line) { l.BeneficiaryRef, l.HouseholdRef = "wang", "elsewhere" })
		p.arrive(toHead, waiting, toWife, own, held, strangers)

		head := p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Limit: 10})
		require.Equal(t, subsidy.RoleHead, head.Role)
		require.Len(t, head.Members, 3)
		require.True(t, head.Members[0].IsHead && head.Members[0].Self)
		require.Equal(t, []string{"b3", "b2", "b1"}, batches(head.Items))
		require.Equal(t, "耕地地力保护补贴", head.Items[0].Name)
		require.Equal(t, "已送银行,等待入账", head.Items[1].Label)
		for _, it := range head.Items {
			require.True(t, it.Amount)
			require.False(t, it.ToTheHead)
		}
		require.False(t, head.Items[0].Openable, "it is in her own list, not in his")
		require.True(t, head.Items[2].Openable)

		wife := p.home("zhao-wife", subsidy.HouseholdAsk{Year: 2021, Limit: 10})
		require.Equal(t, subsidy.RoleMember, wife.Role)
		require.Equal(t, []string{"b3", "b1"}, batches(wife.Items), "what is on its way is the head's matter")
		require.True(t, wife.Items[0].Amount && wife.Items[0].Openable, "paid to herself")
		require.Equal(t, "已发给户主", wife.Items[1].Label)
		require.True(t, wife.Items[1].ToTheHead)
		require.False(t, wife.Items[1].Amount || wife.Items[1].Openable)

		p.HouseholdPolicy = see(subsidy.MembersSeeAmounts)
		son := p.home("zhao-son", subsidy.HouseholdAsk{Year: 2021, Limit: 10})
		require.Equal(t, []string{"b1"}, batches(son.Items), "what went to the wife by an exception did not go to the head")
		require.True(t, son.Items[0].Amount)
		p.HouseholdPolicy = see(subsidy.MembersSeeNothing)
		none := p.home("zhao-son", subsidy.HouseholdAsk{Year: 2021, Limit: 10})
		require.Empty(t, none.Items)
		require.Empty(t, none.Members)
		require.Contains(t, none.Note, "12333")
		require.Len(t, p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Limit: 10}).Items, 3, "the head's view is no matter of that policy")

		alone := p.home("wang", subsidy.HouseholdAsk{Year: 2021})
		require.Equal(t, subsidy.RoleNoHousehold, alone.Role)
		require.Empty(t, alone.Items)
		require.Contains(t, alone.Note, "12333")
	})
}

func batches(items []subsidy.HouseholdItem) (out []string) {
	for _, it := range items {
		out = append(out, it.Payment.Key.BatchID)
	}
	return out
}

func TestR4_WhoIsHeadIsNeverGuessed(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.HouseholdPolicy = see(subsidy.MembersSeeAmounts)
		p.arrive(p.paid("zhao", "b1", land))
		p.moveIn(citizen.PersonFact{Ref: "zhao-wife", HouseholdRef: "home", IsHead: true, Version: 2})
		for _, ref := range []models.PersonRef{"zhao", "zhao-wife"} {
			view := p.home(ref, subsidy.HouseholdAsk{Year: 2021})
			require.Equal(t, subsidy.RoleUnclear, view.Role)
			require.Empty(t, view.Items)
			require.Empty(t, view.Members)
			require.Contains(t, view.Note, "不止一位户主")
		}
		p.moveIn(citizen.PersonFact{Ref: "zhao-wife", HouseholdRef: "home", Version: 3}, citizen.PersonFact{Ref: "zhao", HouseholdRef: "home", Version: 3})
		view := p.home("zhao", subsidy.HouseholdAsk{Year: 2021})
		require.Equal(t, subsidy.RoleUnclear, view.Role)
		require.Contains(t, view.Note, "没有户主")
		require.Len(t, p.shown("zhao", 2021).Items, 1, "one's own list does not depend on it")
	})
}

func TestR55_ASensitiveHouseholdItemIsForTheOneItIsFor(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.HouseholdPolicy = see(subsidy.MembersSeeAmounts)
		p.arrive(p.paid("zhao", "b1", household), p.paid("zhao", "b2", land))
		head := p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Limit: 10})
		require.Equal(t, []string{"b2", "b1"}, batches(head.Items))
		require.NotContains(t, head.Items[1].Name, "低")
		require.NotContains(t, head.Items[1].Name, "保障")
		require.Equal(t, []string{"b2"}, batches(p.home("zhao-wife", subsidy.HouseholdAsk{Year: 2021, Limit: 10}).Items))
	})
}

func TestAShortPageOfTheHouseholdViewCostsAFewStatements(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.HouseholdPolicy = see(subsidy.MembersSeeNotice)
		lines := []subsidy.Line{p.paid("zhao", "b0", land)}
		for i := range 30 { // all passed over for the wife
			lines = append(lines, p.paid("zhao", fmt.Sprintf("c%02d", i), household))
		}
		p.arrive(lines...)
		ctx, s := p.db.CountStatements(t.Context())
		view, err := p.HouseholdArrivals(ctx, p.actor("zhao-wife"), subsidy.HouseholdAsk{Year: 2021, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, []string{"b0"}, batches(view.Items))
		require.False(t, view.More)
		require.LessOrEqual(t, s.Statements(), 4)
	})
}

func TestTheHouseholdViewIsReadByPagesAndByPerson(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.HouseholdPolicy = see(subsidy.MembersSeeNotice)
		excepted := func(l *subsidy.Line) { l.ExceptionWhy, l.ExceptionBy = "head_absent", "乡镇财政所" }
		p.arrive(p.paid("zhao", "b1", land), p.paid("zhao-wife", "b2", land, excepted), p.paid("zhao", "b3", household), p.paid("zhao", "b4", household),
			p.paid("zhao", "b5", land), p.paid("zhao", "b6", land, func(l *subsidy.Line) { l.Key.LedgerMonth = "2020-12" }))
		first := p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Limit: 2})
		require.Equal(t, []string{"b5", "b4"}, batches(first.Items))
		require.True(t, first.More)
		second := p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Limit: 3, After: first.Items[1].Payment.Key})
		require.Equal(t, []string{"b3", "b2", "b1"}, batches(second.Items))
		require.False(t, second.More)
		// The wife's pages pass over what is not hers to see, and lose nothing.
		wife := p.home("zhao-wife", subsidy.HouseholdAsk{Year: 2021, Limit: 2})
		require.Equal(t, []string{"b5", "b2"}, batches(wife.Items))
		require.True(t, wife.More)
		require.Equal(t, []string{"b1"}, batches(p.home("zhao-wife", subsidy.HouseholdAsk{Year: 2021, After: wife.Items[1].Payment.Key}).Items))

		for _, m := range first.Members {
			want := map[bool][]string{true: {"b5", "b4", "b3", "b1"}, false: {"b2"}}[m.IsHead]
			require.Equal(t, want, batches(p.home("zhao", subsidy.HouseholdAsk{Year: 2021, Member: m.ID, Limit: 10}).Items))
			_, err := p.HouseholdArrivals(t.Context(), p.actor("zhao-wife"), subsidy.HouseholdAsk{Year: 2021, Member: m.ID, Limit: 10})
			require.ErrorIs(t, err, subsidy.ErrMemberNotFound, "an id is for one person's eyes")
		}
		for _, year := range []int{1999, 2023} {
			_, err := p.HouseholdArrivals(t.Context(), p.actor("zhao"), subsidy.HouseholdAsk{Year: year, Limit: 2})
			require.ErrorIs(t, err, subsidy.ErrYear)
		}
		low := p.actor("zhao")
		low.Level = models.LevelPhone
		_, err := p.HouseholdArrivals(t.Context(), low, subsidy.HouseholdAsk{Year: 2021, Limit: 2})
		require.Equal(t, models.Forbidden, models.KindOf(err))
	})
}
