package policy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// luoyang is the list of banks that matters here: 洛阳银行 is taken over by 中原银行 on 2022-06-01.
func luoyang(t *testing.T) rig {
	t.Helper()
	r := setup(t)
	for _, b := range []Bank{
		{Code: "103", Name: "中国农业银行", Phone: "95599", Services: []BankService{
			{CardService, "410300", "2019-01-01", ""}, {Paying, "410303", "2019-01-01", ""},
		}},
		{Code: "301", Name: "交通银行", Phone: "95559", Services: []BankService{{CardService, "410300", "2019-01-01", ""}}},
		{Code: "313LY", Name: "洛阳银行", Phone: "0379-1", ValidTo: "2022-05-31", Successor: "313ZY", Services: []BankService{
			{CardService, "410300", "2019-01-01", "2022-05-31"}, {Paying, "410303", "2019-01-01", "2022-05-31"},
		}},
		{Code: "313ZY", Name: "中原银行", Phone: "0371-2", Services: []BankService{
			{CardService, "410300", "2019-01-01", ""}, {Paying, "410303", "2022-06-01", ""},
		}},
		{Code: "313ZZ", Name: "郑州银行", Phone: "0371-3", Services: []BankService{{Paying, "410329", "2019-01-01", ""}}},
	} {
		b.Version = 1
		require.NoError(t, r.ApplyBank(t.Context(), b))
	}
	return r
}

func names(banks []ShownBank) (out []string) {
	for _, b := range banks {
		out = append(out, b.Name)
	}
	return out
}

var afterMerger = models.Date("2022-06-01").Start()

func TestR16_TwoDatedListsOfBanks(t *testing.T) {
	t.Parallel()
	r := luoyang(t)
	now := r.clock.Now()
	paying, err := r.BanksOf(t.Context(), Paying, "410303", now)
	require.NoError(t, err)
	require.Equal(t, []string{"中国农业银行", "洛阳银行"}, names(paying))
	paying, err = r.BanksOf(t.Context(), Paying, "410303", afterMerger)
	require.NoError(t, err)
	require.Equal(t, []string{"中国农业银行", "中原银行"}, names(paying))

	require.NoError(t, r.CheckCardBank(t.Context(), "301", "410303", now), "a card-service bank that pays nobody is accepted")
	require.ErrorIs(t, r.CheckCardBank(t.Context(), "313ZZ", "410303", now), ErrBankNotAvailable)
	require.ErrorIs(t, r.CheckCardBank(t.Context(), "999", "410303", now), ErrBankNotAvailable)
	require.ErrorIs(t, r.CheckCardBank(t.Context(), "301", "410105", now), ErrBankNotAvailable, "another city's applicant")
	require.NoError(t, r.CheckCardBank(t.Context(), "313LY", "410303", now))
	require.ErrorIs(t, r.CheckCardBank(t.Context(), "313LY", "410303", afterMerger), ErrBankNotAvailable)
}

func TestR16_SuccessorIsShownWithTheNameOnTheCard(t *testing.T) {
	t.Parallel()
	r := luoyang(t)
	b, err := r.BankOn(t.Context(), "313LY", r.clock.Now())
	require.NoError(t, err)
	require.Equal(t, ShownBank{"313LY", "洛阳银行", "0379-1"}, b)
	b, err = r.BankOn(t.Context(), "313LY", afterMerger.Add(-time.Second))
	require.NoError(t, err)
	require.Equal(t, "洛阳银行", b.Name, "the last day is a whole day in Shanghai")
	b, err = r.BankOn(t.Context(), "313LY", afterMerger)
	require.NoError(t, err)
	require.Equal(t, ShownBank{"313ZY", "中原银行(卡面:洛阳银行)", "0371-2"}, b)
	_, err = r.BankOn(t.Context(), "999", afterMerger)
	require.ErrorIs(t, err, ErrBankUnknown)

	require.NoError(t, r.ApplyBank(t.Context(), Bank{Code: "313ZY", Name: "中原银行", ValidTo: "2022-12-31", Successor: "313LY", Version: 2}))
	_, err = r.BankOn(t.Context(), "313LY", afterMerger.AddDate(2, 0, 0))
	require.NoError(t, err, "a list that runs in a circle still gets an answer")
}

func TestOlderFactsAboutABankChangeNothing(t *testing.T) {
	t.Parallel()
	r := luoyang(t)
	require.NoError(t, r.ApplyBank(t.Context(), Bank{Code: "103", Name: "别的名字", Version: 1}))
	b, err := r.BankOn(t.Context(), "103", r.clock.Now())
	require.NoError(t, err)
	require.Equal(t, "中国农业银行", b.Name)
}

func outletsOf(t *testing.T) rig {
	t.Helper()
	r := luoyang(t)
	for _, o := range []Outlet{
		{Ref: "o1", Name: "西工区人社局大厅", Kind: HRSSOutlet, District: "410303"},
		{Ref: "o2", Name: "农业银行西工支行", Kind: BankOutlet, BankCode: "103", District: "410303"},
		{Ref: "o3", Name: "洛阳银行西工支行", Kind: BankOutlet, BankCode: "313LY", District: "410303"},
		{Ref: "o4", Name: "中原银行西工支行", Kind: BankOutlet, BankCode: "313ZY", District: "410303"},
		{Ref: "o5", Name: "农业银行老城支行", Kind: BankOutlet, BankCode: "103", District: "410302"},
	} {
		o.Open, o.Version = true, 1
		require.NoError(t, r.ApplyOutlet(t.Context(), o))
	}
	return r
}

func refs(found FoundOutlets) (out []string) {
	for _, o := range found.Items {
		out = append(out, o.Ref)
	}
	return out
}

func TestR18_BothKindsOfWindow(t *testing.T) {
	t.Parallel()
	r := outletsOf(t)
	for kind, want := range map[OutletKind][]string{HRSSOutlet: {"o1"}, BankOutlet: {"o2", "o3", "o4", "o5"}} {
		found, err := r.FindOutlets(t.Context(), FindOutletsInput{Kind: kind, Limit: 20})
		require.NoError(t, err)
		require.Equal(t, want, refs(found))
	}
}

func TestR19_OutletsOfADistrict(t *testing.T) {
	t.Parallel()
	r := outletsOf(t)
	found, err := r.FindOutlets(t.Context(), FindOutletsInput{District: "410303", Limit: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"o1", "o2", "o3"}, refs(found))
	require.Equal(t, "中国农业银行", found.Items[1].Bank.Name, "bank outlets show the bank")
	found, err = r.FindOutlets(t.Context(), FindOutletsInput{District: "410303", Limit: 3, After: found.Next})
	require.NoError(t, err)
	require.Equal(t, []string{"o4"}, refs(found))
	require.Empty(t, found.Next)
	found, err = r.FindOutlets(t.Context(), FindOutletsInput{Name: "老城", Limit: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"o5"}, refs(found))
}

func TestR30_OutletsOfTheBankOnTheCardOrItsSuccessor(t *testing.T) {
	t.Parallel()
	r := outletsOf(t)
	find := func() []string {
		found, err := r.FindOutlets(t.Context(), FindOutletsInput{Bank: "313LY", Limit: 20})
		require.NoError(t, err)
		return refs(found)
	}
	require.Equal(t, []string{"o3"}, find())
	r.clock.Set(afterMerger)
	require.Equal(t, []string{"o3", "o4"}, find())
	_, err := r.OutletByRef(t.Context(), "o9")
	require.ErrorIs(t, err, ErrOutletUnknown)
}
