package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// crowd moves n people in and pays each of them.
func (p *payday) crowd(n int, batch, district string, change ...func(*subsidy.Line)) {
	p.t.Helper()
	var people []citizen.PersonFact
	var lines []subsidy.Line
	for i := range n {
		ref := models.PersonRef(fmt.Sprintf("%s-%d", batch, i))
		people = append(people, citizen.PersonFact{Ref: ref})
		l := p.paid(ref, batch, change...)
		l.Key.Line, l.District, l.CreditNo = i+1, district, fmt.Sprintf("%s-%d", batch, i)
		lines = append(lines, l)
	}
	p.moveIn(people...)
	require.Empty(p.t, p.arrive(lines...))
}

func (p *payday) countAll() {
	p.t.Helper()
	for more := true; more; {
		var err error
		more, err = p.CountTotals(p.t.Context())
		require.NoError(p.t, err)
	}
}

func (p *payday) totals(q subsidy.TotalsQuery) map[string]subsidy.PublicTotal {
	p.t.Helper()
	sheet, err := p.PublicTotals(p.t.Context(), q)
	require.NoError(p.t, err)
	out := map[string]subsidy.PublicTotal{}
	for _, c := range sheet.Items {
		out[c.LedgerMonth+" "+c.Programme+" "+c.District] = c
	}
	return out
}

func TestR68_PublicTotalsSuppressSmallCells(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.crowd(6, "b1", "410303")
		p.crowd(3, "b2", "410325")
		p.crowd(7, "b3", "410303", of("P23"))
		p.crowd(9, "b4", "410303", of("P28"), sent)
		p.countAll()
		all := p.totals(subsidy.TotalsQuery{})
		require.Equal(t, subsidy.PublicTotal{LedgerMonth: "2021-12", Programme: "P41", District: "410303", Shown: true, People: 6, Payments: 6, TotalFen: 6 * 33_800},
			all["2021-12 P41 410303"])
		require.Equal(t, subsidy.PublicTotal{LedgerMonth: "2021-12", Programme: "P41", District: "410325"}, all["2021-12 P41 410325"], "three people")
		require.False(t, all["2021-12 P41 *"].Shown, "the sum would tell the three")
		require.NotContains(t, all, "2021-12 P23 410303", "R55")
		require.EqualValues(t, 7, all["2021-12 P23 *"].People)
		require.Empty(t, p.totals(subsidy.TotalsQuery{Programme: "P28"}), "what is not credited is not counted")
		require.Len(t, p.totals(subsidy.TotalsQuery{Period: "2021-12", District: "410325"}), 1)
		require.Empty(t, p.totals(subsidy.TotalsQuery{Period: "2020"}))
		_, err := p.PublicTotals(t.Context(), subsidy.TotalsQuery{Period: "2021-13"})
		require.ErrorIs(t, err, subsidy.ErrPeriod)
		_, err = p.PublicTotals(t.Context(), subsidy.TotalsQuery{Programme: "P99"})
		require.ErrorIs(t, err, subsidy.ErrProgrammeNotFound)
		require.Zero(t, p.count("SELECT count(*) FROM public_totals WHERE NOT shown AND people + payments + total_fen > 0"), "what is not printed is not kept")

		counting, cost := p.db.CountStatements(t.Context())
		_, err = p.PublicTotals(counting, subsidy.TotalsQuery{})
		require.NoError(t, err)
		require.Equal(t, 1, cost.Statements(), "one small statement")
		first, err := p.PublicTotals(t.Context(), subsidy.TotalsQuery{Limit: 2})
		require.NoError(t, err)
		require.True(t, first.More)
		last := first.Items[1]
		rest, err := p.PublicTotals(t.Context(), subsidy.TotalsQuery{Limit: 2, After: subsidy.TotalPlace{Month: last.LedgerMonth, Programme: last.Programme, District: last.District}})
		require.NoError(t, err)
		require.False(t, rest.More)
		require.Len(t, append(first.Items, rest.Items...), len(all))
	})
}

func TestPublicTotalsAreCountedWhenPaymentsChangedAndNotElse(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.crowd(6, "b1", "410303")
		p.countAll()
		more, err := p.CountTotals(t.Context())
		require.NoError(t, err)
		require.False(t, more, "nothing changed")
		p.crowd(6, "b2", "410303")
		p.countAll()
		require.EqualValues(t, 6, p.totals(subsidy.TotalsQuery{})["2021-12 P41 410303"].People, "a month whose lines come one by one is counted every few minutes")
		p.clock.Advance(11 * time.Minute)
		p.countAll()
		require.EqualValues(t, 12, p.totals(subsidy.TotalsQuery{})["2021-12 P41 410303"].People)
		p.crowd(1, "b3", "410303")
		p.clock.Advance(11 * time.Minute)
		p.countAll()
		require.EqualValues(t, 12, p.totals(subsidy.TotalsQuery{})["2021-12 P41 410303"].People, "the difference would be one person's money")

		src := p.streaming()
		batch := p.lines("s1", 8)
		for i := range batch {
			ref := models.PersonRef(fmt.Sprintf("s1-%d", i))
			p.moveIn(citizen.PersonFact{Ref: ref})
			batch[i].PayeeRef, batch[i].BeneficiaryRef = ref, ref
		}
		b := p.announce(src, batch)
		p.takeAll()
		p.countAll()
		require.EqualValues(t, 21, p.totals(subsidy.TotalsQuery{})["2021-12 P41 410303"].People, "a batch is counted at once")
		b.Version, b.Withdrawn = 2, true
		p.hear(b)
		p.takeAll()
		p.countAll()
		require.EqualValues(t, 13, p.totals(subsidy.TotalsQuery{})["2021-12 P41 410303"].People, "and one taken back")
	})
}

func TestOfManyReplicasOneCountsAMonth(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.crowd(6, "b1", "410303")
		now := p.clock.Now()
		won := winners(8, func() error {
			_, due, err := p.store.TakeTotalsDue(t.Context(), 5, now, now.Add(time.Minute))
			if err == nil && !due {
				err = models.ErrConflict
			}
			return err
		})
		require.Equal(t, 1, won)
		p.countAll()
		require.Empty(t, p.totals(subsidy.TotalsQuery{}))
		p.clock.Advance(2 * time.Minute) // whoever took it has died
		p.countAll()
		require.NotEmpty(t, p.totals(subsidy.TotalsQuery{}))
	})
}

func TestR08_PostingsArePublicWithoutPersons(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		posted := func(id, programme string, change ...func(*subsidy.Batch)) subsidy.Batch {
			b := subsidy.Batch{ID: id, LedgerMonth: "2021-12", Programme: programme, Edition: 1, District: "410303", Department: "民政局", Period: "2021年12月",
				AnnouncedAt: start, Version: 1, ChangedAt: start, Posting: subsidy.Posting{Place: "王城路街道公示栏", From: "2021-12-15", To: "2021-12-22",
					Office: subsidy.Office{Name: "西工区民政局", Phone: "0379-63000001"}}}
			for _, f := range change {
				f(&b)
			}
			return b
		}
		p.hear(posted("b1", "P28"), posted("b2", "P23"), posted("b3", "P41", func(b *subsidy.Batch) { b.District = "410325"; b.Posting.Office = subsidy.Office{} }),
			posted("b4", "P28", func(b *subsidy.Batch) { b.Posting.To = "2021-12-18" }), posted("b5", "P28", func(b *subsidy.Batch) { b.Withdrawn = true }))
		list := func(q subsidy.PostingQuery) []string {
			q.Limit = 20
			found, err := p.Postings(t.Context(), q)
			require.NoError(t, err)
			var out []string
			for _, l := range found.Items {
				out = append(out, l.BatchID+" "+l.Programme.Name+" "+l.Posting.Office.Name)
			}
			return out
		}
		require.Equal(t, []string{"b1 高龄津贴 西工区民政局", "b3 就业补助 " + subsidy.Hotline.Name}, list(subsidy.PostingQuery{}), "High ones are not told (R55)")
		require.Equal(t, []string{"b4 高龄津贴 西工区民政局", "b1 高龄津贴 西工区民政局", "b3 就业补助 " + subsidy.Hotline.Name}, list(subsidy.PostingQuery{On: "2021-12-16"}))
		require.Len(t, list(subsidy.PostingQuery{District: "410325"}), 1)
		require.Empty(t, list(subsidy.PostingQuery{Programme: "P23"}))
		require.Empty(t, list(subsidy.PostingQuery{On: "2021-12-23"}))
		page, err := p.Postings(t.Context(), subsidy.PostingQuery{Limit: 1})
		require.NoError(t, err)
		next, err := p.Postings(t.Context(), subsidy.PostingQuery{Limit: 1, After: page.Next})
		require.NoError(t, err)
		require.Equal(t, "b3", next.Items[0].BatchID)
		require.Empty(t, next.Next.Batch)
		p.hear(posted("b1", "P28", func(b *subsidy.Batch) { b.Version, b.Posting.Place = 2, "新公示栏" }))
		page, err = p.Postings(t.Context(), subsidy.PostingQuery{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "新公示栏", page.Items[0].Posting.Place)

		line := p.paid("wang", "b1", of("P28"), sent, func(l *subsidy.Line) { l.State, l.SentAt, l.PublicisedAt = subsidy.Publicised, time.Time{}, start })
		p.arrive(line)
		d, err := p.Arrival(t.Context(), p.actor("wang"), line.Key.String())
		require.NoError(t, err)
		require.Equal(t, "新公示栏", d.Posting.Place, "the payment says where while it is posted")
		require.Equal(t, "西工区民政局", d.Posting.Office.Name)
	})
}
