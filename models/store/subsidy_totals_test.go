package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

func TestTotalsAreOneStatementAndCountOnlyWhatArrived(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"), p.paid("wang", "b2", of("P28")), p.paid("wang", "b3", sent), p.paid("wang", "b4", returnedFor("WRONG_BANK")),
			p.paid("wang", "b5", func(l *subsidy.Line) { l.State = subsidy.Recovered }), p.paid("wang", "b6", func(l *subsidy.Line) { l.State = subsidy.Unknown }),
			p.paid("wang", "b7", func(l *subsidy.Line) { l.Key.LedgerMonth = "2020-11" }), p.paid("wang", "b8", of("P23")), p.paid("zhao", "b9"))
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Len(t, years, 2)
		require.Equal(t, 2021, years[0].Year)
		require.Equal(t, 3, years[0].Count)
		require.Equal(t, models.Fen(3*33_800), years[0].AmountFen)
		others := map[subsidy.State]string{}
		for _, o := range years[0].Others {
			require.Equal(t, 1, o.Count)
			others[o.State] = o.Label
		}
		require.Equal(t, map[subsidy.State]string{subsidy.Sent: "已送银行,等待入账", subsidy.Returned: "银行退回", subsidy.Recovered: "已追回", subsidy.Unknown: "阶段待确认"}, others)
		for _, it := range years[0].Items {
			require.NotContains(t, it.Name, "艾滋")
			require.NotEqual(t, "P23", it.Programme)
		}

		years, _, err = p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{Year: 2020})
		require.NoError(t, err)
		require.Len(t, years, 1)
		years, _, err = p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{Programme: "P28"})
		require.NoError(t, err)
		require.Equal(t, 1, years[0].Count)
		_, _, err = p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{Programme: "P23"})
		require.Equal(t, models.Forbidden, models.KindOf(err), "that there is a sum would name it")
		_, _, err = p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{Programme: "P99"})
		require.ErrorIs(t, err, subsidy.ErrProgrammeNotFound)
		_, _, err = p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{Year: 1999})
		require.ErrorIs(t, err, subsidy.ErrYear)

		ctx, counts := p.db.CountStatements(t.Context())
		_, err = p.store.TotalsOf(ctx, p.ids["wang"], subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, 1, counts.Statements())
	})
}

func TestR15_LinesOfTheSameMoneyAreLinkedBothWaysWhoeverNamesTheOther(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		first := p.paid("wang", "b1", returnedFor("WRONG_BANK"))
		second := p.paid("wang", "b2", func(l *subsidy.Line) { l.Key.LedgerMonth, l.ReissueOf = "2022-01", first.Key.String() })
		other := p.paid("wang", "b3")
		strangers := p.paid("zhao", "b4", func(l *subsidy.Line) { l.ReissueOf = first.Key.String() })
		p.arrive(first, second, other, strangers) // the first line has not been told of its repeat yet
		d, err := p.Arrival(t.Context(), p.actor("wang"), first.Key.String())
		require.NoError(t, err)
		require.Len(t, d.Links, 1)
		require.Equal(t, subsidy.RelationRepeatedBy, d.Links[0].Relation)
		require.Equal(t, second.Key, d.Links[0].Payment.Key)
		require.Equal(t, "已到账", d.Links[0].Label)
		d, err = p.Arrival(t.Context(), p.actor("wang"), second.Key.String())
		require.NoError(t, err)
		require.Len(t, d.Links, 1)
		require.Equal(t, subsidy.RelationRepeats, d.Links[0].Relation)
		require.Equal(t, first.Key, d.Links[0].Payment.Key, "the first line never vanishes")
		d, err = p.Arrival(t.Context(), p.actor("wang"), other.Key.String())
		require.NoError(t, err)
		require.Empty(t, d.Links)
	})
}

func TestR8_APaymentSaysWhereItsListWasPostedAndWhoTakesObjections(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		posted, silent := p.paid("wang", "b1", of("P28")), p.paid("wang", "b2", of("P28"), func(l *subsidy.Line) { l.Period = "2021年11月" })
		p.arrive(posted, silent)
		told := subsidy.Declaration{Ref: "d1", PersonRef: "wang", Programme: "P28", Period: "2021年12月", District: "410303", Township: "410303001",
			State: subsidy.DeclaredYes, PostingPlace: "王城路街道公示栏", PostingFrom: "2021-11-20", PostingTo: "2021-11-27", Version: 1, ChangedAt: start}
		strangers := told
		strangers.Ref, strangers.PersonRef, strangers.Period = "d2", "zhao", "2021年11月"
		_, err := p.db.Explanations().SaveDeclarations(t.Context(), []subsidy.Declaration{told, strangers})
		require.NoError(t, err)
		d, err := p.Arrival(t.Context(), p.actor("wang"), posted.Key.String())
		require.NoError(t, err)
		require.Equal(t, "王城路街道公示栏", d.Posting.Place)
		require.Equal(t, models.Date("2021-11-27"), d.Posting.To)
		require.Equal(t, subsidy.Hotline, d.Posting.Office, "where no office is named")
		require.NoError(t, p.db.Explanations().SaveOffices(t.Context(), []subsidy.Office{
			{Ref: "o1", Programme: "P28", District: "410303", Township: "410303001", Name: "王城路街道民政所", Phone: "0379-00000000", Version: 1, ChangedAt: start}}))
		d, err = p.Arrival(t.Context(), p.actor("wang"), posted.Key.String())
		require.NoError(t, err)
		require.Equal(t, "王城路街道民政所", d.Posting.Office.Name)
		d, err = p.Arrival(t.Context(), p.actor("wang"), silent.Key.String())
		require.NoError(t, err)
		require.Empty(t, d.Posting)
	})
}
