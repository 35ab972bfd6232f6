package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// R55: the database itself is asked for nothing that a helper may not see, so pages are full and nothing shows a gap.
func TestR55_AFamilyHelpersListHoldsWhatIsNotSensitive(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		unclassified := listed("P40", 40, "残疾人机动车燃油补贴", "")
		p.list(unclassified)
		normal := p.paid("wang", "b4")
		high := p.paid("wang", "b1", of("P23"))
		p.arrive(high, p.paid("wang", "b2", of("P26")), p.paid("wang", "b3", of("P40")), normal)
		son := p.actor("zhao")
		son.Subject, son.As = p.ids["wang"], models.AsHelper

		page, err := p.Arrivals(t.Context(), son, subsidy.ListQuery{Year: 2021, Limit: 1})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, normal.Key, page.Items[0].Payment.Key)
		require.False(t, page.More, "nothing says that there is more")
		years, _, err := p.Summary(t.Context(), son, subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, 1, years[0].Count)
		_, err = p.Arrival(t.Context(), son, high.Key.String())
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		_, err = p.Arrival(t.Context(), son, normal.Key.String())
		require.NoError(t, err)
		for _, code := range []string{"P23", "P26", "P40"} {
			_, err = p.Arrivals(t.Context(), son, subsidy.ListQuery{Programme: code, Limit: 20})
			require.ErrorIs(t, err, models.ErrHelperMayNot, code)
		}
		mother := son
		mother.As = models.AsGuardian
		all, err := p.Arrivals(t.Context(), mother, subsidy.ListQuery{Year: 2021, Limit: 20})
		require.NoError(t, err)
		require.Len(t, all.Items, 4, "a guardian sees what the child would")
	})
}
