package notice

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR60_AMessageCostsWhatItsPartsCost(t *testing.T) {
	t.Parallel()
	housing := CostCentre{Programme: "A10", Department: "住房保障中心"}
	spec, _ := SpecOf(Arrival)
	params := map[string]string{"programme": "住房补贴", "amount": "338.00", "tail": "1234", "date": "2021年11月8日"}
	c := Prices{"aliyun": 45}.Of("2021-12-20", SMS, "aliyun", spec, params, housing)
	parts := int64(Parts(Length(Signed(spec.Render(params)))))
	require.Equal(t, Cost{Day: "2021-12-20", Channel: SMS, Vendor: "aliyun", CostCentre: housing, Kind: Arrival, Messages: 1, Parts: parts, Milli: 45 * parts}, c)
	require.Equal(t, models.Fen(5), Cost{Milli: 45}.Fen(), "rounded up where it is read, never where it is added")

	free := Prices{"aliyun": 45}.Of("2021-12-20", WechatMini, "wechat_mini", spec, params, housing)
	require.Equal(t, []int64{1, 1, 0}, []int64{free.Messages, free.Parts, free.Milli})
}

func TestCostsOfOneSortAreOneRow(t *testing.T) {
	t.Parallel()
	a := Cost{Day: "2021-12-20", Channel: SMS, Vendor: "a", Kind: Arrival, Messages: 1, Parts: 2, Milli: 90}
	b := a
	b.Vendor = "b"
	sum := a
	sum.Messages, sum.Parts, sum.Milli = 2, 4, 180
	require.Equal(t, []Cost{sum, b}, Tally([]Cost{a, b, a}))
	require.Empty(t, Tally(nil))
}

func TestTheBudgetSpeaksAtFourFifthsAndAtAll(t *testing.T) {
	t.Parallel()
	for milli, share := range map[int64]int{0: 0, 7999: 0, 8000: 80, 9999: 80, 10000: 100, 50000: 100} {
		require.Equal(t, share, PassedShare(milli, 1000), milli)
	}
	require.Zero(t, PassedShare(1e9, 0), "no budget, no alarm")
}
