package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

func TestR55_ASensitiveProgrammeIsNamedOnlyInTheDetailPageAfterAFreshCheck(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		unclassified := listed("P40", 40, "残疾人机动车燃油补贴", "")
		p.list(unclassified)
		high, medium, unknown := p.paid("wang", "b1", of("P23")), p.paid("wang", "b2", of("P26")), p.paid("wang", "b3", of("P40"))
		p.arrive(high, medium, unknown)
		for _, n := range p.notices("wang") {
			said := text(t, n) + p.cause(n)
			for _, never := range []string{"艾滋", "定量", "低保", "最低生活", "残疾", "P23", "P26", "P40"} {
				require.NotContains(t, said, never)
			}
			require.NotContains(t, n.Params["programme"], "艾滋")
		}
		for _, it := range p.shown("wang", 2021).Items {
			require.Equal(t, "一项补贴", it.Name)
			require.NotEqual(t, "P23", it.Code, "the catalogue is public: the code is the name")
		}
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		for _, it := range years[0].Items {
			require.Equal(t, "一项补贴", it.Name)
			require.NotEqual(t, "P23", it.Programme)
		}

		recheck := &models.Error{Code: "RECHECK_REQUIRED"}
		_, err = p.Arrival(t.Context(), p.actor("wang"), high.Key.String())
		require.ErrorIs(t, err, recheck)
		_, err = p.Arrivals(t.Context(), p.actor("zhao"), subsidy.ListQuery{Programme: "P23", Limit: 20})
		require.ErrorIs(t, err, recheck, "asking for one programme alone would name it")
		_, err = p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{Programme: "P99", Limit: 20})
		require.ErrorIs(t, err, subsidy.ErrProgrammeNotFound)

		d, err := p.Arrival(t.Context(), p.fresh("wang"), high.Key.String())
		require.NoError(t, err)
		require.Equal(t, "艾滋病患者生活定量补助", d.Name)
		d, err = p.Arrival(t.Context(), p.actor("wang"), medium.Key.String())
		require.NoError(t, err, "the middle class opens at the level of the list")
		require.Equal(t, "城乡居民最低生活保障", d.Name)
		page, err := p.Arrivals(t.Context(), p.fresh("wang"), subsidy.ListQuery{Programme: "P23", Limit: 20})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.NotContains(t, p.log.String(), "艾滋")
	})
}

func TestR3_PaymentsAreTheirPayeesAlone(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := p.paid("wang", "b1")
		p.arrive(line)
		_, err := p.Arrival(t.Context(), p.fresh("zhao"), line.Key.String())
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		low := p.actor("wang")
		low.Level = models.LevelPhone
		for _, ask := range []func(context.Context) error{
			func(ctx context.Context) error {
				_, err := p.Arrivals(ctx, low, subsidy.ListQuery{Limit: 20})
				return err
			},
			func(ctx context.Context) error { _, _, err := p.Summary(ctx, low, subsidy.SummaryQuery{}); return err },
			func(ctx context.Context) error { _, err := p.Arrival(ctx, low, line.Key.String()); return err },
		} {
			require.ErrorIs(t, ask(t.Context()), &models.Error{Code: "RECHECK_REQUIRED"})
		}
		for _, id := range []string{"", "x", "2021-12~b1", "2021-12~b1~01", "2021-12~b1~+1", "2021-12~b1~99999999999", "2021-13~b1~1", "2021-12~\x00~1",
			"2021-12~b'1~1", "2021-12~~1", "2021-12~b1~1~1", "2021-12~b1~-1"} {
			_, err := p.Arrival(t.Context(), p.fresh("wang"), id)
			require.ErrorIs(t, err, subsidy.ErrArrivalNotFound, "%q", id)
		}
	})
}
