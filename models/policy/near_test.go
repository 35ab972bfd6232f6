package policy

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR19_PositionsOfABrowserAreMovedToTheMapsOfChina(t *testing.T) {
	t.Parallel()
	// The example of the public coordtransform description: 116.404, 39.915.
	p := toGCJ02(Position{116.404, 39.915})
	require.InDelta(t, 116.41024449916938, p.Longitude, 1e-6)
	require.InDelta(t, 39.91640428150164, p.Latitude, 1e-6)
	require.InDelta(t, 500, metres(Position{112.43, 34.66}, toGCJ02(Position{112.43, 34.66})), 400, "some hundred metres in Luoyang")
}

func TestR19_DistanceIsTheWayOverTheGround(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 111_195, metres(Position{112, 34}, Position{112, 35}), 1, "a degree of latitude")
	require.InDelta(t, 111_195*math.Cos(radians(34.66)), metres(Position{112, 34.66}, Position{113, 34.66}), 10)
	require.Zero(t, metres(Position{112, 34}, Position{112, 34}))
}

// placed is a city of outlets with places, hours and services.
func placed(t *testing.T) rig {
	t.Helper()
	r := luoyang(t)
	workdays := []Opening{{[]DayKind{Workday}, "09:00", "12:00"}, {[]DayKind{Workday}, "13:00", "17:00"}}
	daily := []Opening{{[]DayKind{Workday, Weekend, Holiday}, "09:00", "17:00"}}
	social, bank := []string{"release", "activate_social_security"}, []string{"release", "activate_social_security", "activate_financial", "financial_loss", "financial_release"}
	for _, o := range []Outlet{
		{Ref: "o1", Name: "西工区人社局大厅", Kind: HRSSOutlet, District: "410303", Services: social, Opening: workdays, Longitude: 112.430, Latitude: 34.660},
		{Ref: "o2", Name: "农业银行西工支行", Kind: BankOutlet, BankCode: "103", District: "410303", Services: bank, Opening: daily, Longitude: 112.440, Latitude: 34.660, Phone: "0379-60000002"},
		{Ref: "o3", Name: "洛阳银行西工支行", Kind: BankOutlet, BankCode: "313LY", District: "410303", Services: bank, Opening: daily, Longitude: 112.450, Latitude: 34.660},
		{Ref: "o4", Name: "中原银行西工支行", Kind: BankOutlet, BankCode: "313ZY", District: "410303", Services: bank, Hours: "工作时间", Longitude: 112.460, Latitude: 34.660},
		{Ref: "o5", Name: "农业银行老城支行", Kind: BankOutlet, BankCode: "103", District: "410302", Services: bank, Opening: daily},
		{Ref: "o6", Name: "西工区人民医院", Kind: HospitalOutlet, District: "410303", Services: []string{"activate_social_security"}, Opening: daily, Longitude: 112.4305, Latitude: 34.660},
		{Ref: "o7", Name: "旧大厅", Kind: HRSSOutlet, District: "410303", Services: social, Longitude: 112.430, Latitude: 34.660, Successor: "o8"},
		{Ref: "o8", Name: "新旧之间的大厅", Kind: HRSSOutlet, District: "410303", Services: social, Successor: "o1"},
	} {
		o.Open, o.Version = o.Successor == "", 1
		require.NoError(t, r.ApplyOutlet(t.Context(), o))
	}
	return r
}

func TestR19_TheNearestComesFirstAndEveryPageFollows(t *testing.T) {
	t.Parallel()
	r := placed(t)
	in := FindNearInput{FindOutletsInput: FindOutletsInput{District: "410303", Limit: 2}, At: Position{112.45, 34.66}}
	found, err := r.FindNear(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, []string{"o3", "o2"}, refs(found), "o4 is as far as o2, and comes after it")
	require.Zero(t, found.Items[0].Distance)
	require.Equal(t, 910, found.Items[1].Distance)
	in.After = found.Next
	found, err = r.FindNear(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, []string{"o4", "o1"}, refs(found))
	require.Empty(t, found.Next)

	in = FindNearInput{FindOutletsInput: FindOutletsInput{Limit: 20}, At: Position{112.45004, 34.66049}}
	rounded, err := r.FindNear(t.Context(), in)
	require.NoError(t, err)
	in.At = Position{112.45, 34.66}
	exact, err := r.FindNear(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, exact, rounded, "nothing finer than a thousandth of a degree is used")
	require.NotContains(t, refs(exact), "o5", "no place known")
	in.Datum = WGS84
	shifted, err := r.FindNear(t.Context(), in)
	require.NoError(t, err)
	require.NotEqual(t, exact.Items[0].Distance, shifted.Items[0].Distance)
}

func TestR19_OutletsByServiceAndHours(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in    FindOutletsInput
		clock string // of 2021-12-20, a Monday
		want  []string
	}{
		"card windows":             {FindOutletsInput{District: "410303"}, "10:00", []string{"o1", "o2", "o3", "o4"}},
		"R29 also medical places":  {FindOutletsInput{District: "410303", Service: WindowActivateSocial}, "10:00", []string{"o1", "o2", "o3", "o4", "o6"}},
		"hospitals":                {FindOutletsInput{Kind: HospitalOutlet}, "10:00", []string{"o6"}},
		"R30 service of a bank":    {FindOutletsInput{Bank: "103", Service: WindowActivateFinancial}, "10:00", []string{"o2", "o5"}},
		"open now":                 {FindOutletsInput{District: "410303", OpenNow: true}, "10:00", []string{"o1", "o2", "o3"}},
		"open at noon":             {FindOutletsInput{District: "410303", OpenNow: true}, "12:30", []string{"o2", "o3"}},
		"open at night":            {FindOutletsInput{OpenNow: true}, "20:00", nil},
		"on a Saturday":            {FindOutletsInput{District: "410303", OpenOn: "2021-12-25"}, "10:00", []string{"o2", "o3"}},
		"on a Saturday worked":     {FindOutletsInput{District: "410303", OpenOn: "2022-01-29"}, "10:00", []string{"o1", "o2", "o3"}},
		"on a Monday, day off":     {FindOutletsInput{District: "410303", OpenOn: "2022-01-03", Kind: HRSSOutlet}, "10:00", nil},
		"what nobody offers":       {FindOutletsInput{Service: WindowBindingSlip}, "10:00", nil},
		"a closed one is not here": {FindOutletsInput{Name: "旧"}, "10:00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := placed(t)
			r.clock.Set(models.Date("2021-12-20").Start().Add(clockOf(t, tc.clock)))
			tc.in.Limit = 20
			found, err := r.FindOutlets(t.Context(), tc.in)
			require.NoError(t, err)
			require.Equal(t, tc.want, refs(found))
		})
	}
}

// A narrow search turns pages as any other, however few of the rows it reads fit.
func TestANarrowSearchTurnsPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var want []string
	for i := range 3*scanWidth + 7 {
		o := Outlet{Ref: fmt.Sprintf("o%05d", i), Kind: HRSSOutlet, Open: true, Services: []string{"apply"}}
		if i%250 == 17 {
			o.Services, want = []string{"release"}, append(want, o.Ref)
		}
		require.NoError(t, r.ApplyOutlet(t.Context(), o))
	}
	var got []string
	in := FindOutletsInput{Service: WindowRelease, Limit: 1}
	for range len(want) + 1 {
		found, err := r.FindOutlets(t.Context(), in)
		require.NoError(t, err)
		got = append(got, refs(found)...)
		if in.After = found.Next; in.After == "" {
			break
		}
	}
	require.Equal(t, want, got)
	require.Len(t, want, 3)
}

func TestR19_AClosedOutletShowsWhoTookOver(t *testing.T) {
	t.Parallel()
	r := placed(t)
	o, err := r.ShowOutlet(t.Context(), "o7")
	require.NoError(t, err)
	require.False(t, o.Open)
	require.Equal(t, "o1", o.Successor.Ref, "over one that is closed too")
	open, err := r.ShowOutlet(t.Context(), "o1")
	require.NoError(t, err)
	require.Empty(t, open.Successor.Ref)
	_, err = r.ShowOutlet(t.Context(), "o99")
	require.ErrorIs(t, err, ErrOutletUnknown)

	require.NoError(t, r.ApplyOutlet(t.Context(), Outlet{Ref: "o8", Kind: HRSSOutlet, Successor: "o7", Version: 2}))
	o, err = r.ShowOutlet(t.Context(), "o7")
	require.NoError(t, err, "two that name one another lead nowhere, and hide nothing")
	require.Empty(t, o.Successor.Ref)
}
