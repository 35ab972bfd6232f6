package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

var noon = time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)

func TestSettingsAreKeptInOrderAndNeverChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := db.Policies()
		first := policy.Row{
			ID: models.NewID(), Key: policy.FeeRoute, Scope: policy.Everywhere, Value: "merchant", ValidFrom: noon,
			Basis: "洛人社〔2021〕1号", SetBy: "cli", SetAt: noon,
		}
		second := first
		second.ID, second.Value, second.SetAt = models.NewID(), "non_tax", noon.Add(time.Microsecond)
		require.NoError(t, p.AddSetting(t.Context(), second))
		require.NoError(t, p.AddSetting(t.Context(), first))
		rows, err := p.Settings(t.Context())
		require.NoError(t, err)
		require.Equal(t, []policy.Row{first, second}, rows)
		require.ErrorIs(t, p.AddSetting(t.Context(), first), models.ErrConflict)
		for _, change := range []string{"UPDATE policy_settings SET value = 'x'", "DELETE FROM policy_settings"} {
			_, err := db.SQL().ExecContext(t.Context(), change)
			require.ErrorContains(t, err, "insert-only", change)
		}
	})
}

func TestPolicyIsSetWithItsAuditRow(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(noon)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := policy.New(db.Policies(), clock)
		row, err := s.Set(t.Context(), models.System(), policy.SetInput{Key: policy.CodesPerDay, Value: "10", Basis: "b", SetBy: "cli"})
		require.NoError(t, err)
		n, err := s.CodesPerDay(t.Context(), noon)
		require.NoError(t, err)
		require.Equal(t, 10, n)
		entries, err := db.AuditOf(t.Context(), "policy_settings", string(row.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "policy.set", entries[0].Action)
	})
}

func TestR16_BankIsReplacedWholeByANewerVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := db.Policies()
		b := policy.Bank{
			Code: "313LY", Name: "洛阳银行", ShortName: "洛阳银行", Phone: "0379-1", ValidFrom: "2019-01-01", Version: 2, ChangedAt: noon,
			Services: []policy.BankService{{Kind: policy.CardService, Area: "410300", From: "2019-01-01"}, {Kind: policy.Paying, Area: "410303", From: "2019-01-01"}},
		}
		saved, err := p.SaveBank(t.Context(), b, noon)
		require.NoError(t, err)
		require.True(t, saved)
		old := b
		old.Version, old.Name, old.Services = 1, "旧名", nil
		for _, version := range []int64{1, 2} {
			old.Version = version
			saved, err = p.SaveBank(t.Context(), old, noon)
			require.NoError(t, err)
			require.False(t, saved)
		}
		banks, err := p.Banks(t.Context())
		require.NoError(t, err)
		require.Equal(t, []policy.Bank{b}, banks)

		b.Version, b.ValidTo, b.Successor = 3, "2022-05-31", "313ZY"
		b.Services = []policy.BankService{{Kind: policy.CardService, Area: "410300", From: "2019-01-01", To: "2022-05-31"}}
		saved, err = p.SaveBank(t.Context(), b, noon)
		require.NoError(t, err)
		require.True(t, saved)
		banks, err = p.Banks(t.Context())
		require.NoError(t, err)
		require.Equal(t, []policy.Bank{b}, banks)
	})
}

func TestR19_OutletsAreFoundByDistrictKindBankAndName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := db.Policies()
		o := policy.Outlet{
			Ref: "o2", Name: "中国农业银行西工区支行", Kind: policy.BankOutlet, BankCode: "103", District: "410303", Town: "410303001",
			Address: "洛阳市西工区中州中路1号", Phone: "0379-65000001", Hours: "周一至周日 09:00-17:00", Services: []string{"apply", "collect"},
			Opening:   []policy.Opening{{On: []policy.DayKind{policy.Workday, policy.Weekend}, From: "09:00", To: "17:00"}},
			Longitude: 112.4321, Latitude: 34.6543, Open: true, Version: 1, ChangedAt: noon,
		}
		hall := o
		hall.Ref, hall.Name, hall.Kind, hall.BankCode, hall.Services, hall.Opening = "o1", "西工区人社局100%大厅", policy.HRSSOutlet, "", []string{}, []policy.Opening{}
		closed := o
		closed.Ref, closed.Open, closed.Successor = "o3", false, "o2"
		for _, one := range []policy.Outlet{o, hall, closed} {
			saved, err := p.SaveOutlet(t.Context(), one, noon)
			require.NoError(t, err)
			require.True(t, saved)
		}
		older := o
		older.Name = "旧名"
		saved, err := p.SaveOutlet(t.Context(), older, noon)
		require.NoError(t, err)
		require.False(t, saved, "the same version changes nothing")

		for name, tc := range map[string]struct {
			f    policy.OutletFilter
			want []policy.Outlet
		}{
			"all open":       {policy.OutletFilter{}, []policy.Outlet{hall, o}},
			"the next page":  {policy.OutletFilter{After: "o1"}, []policy.Outlet{o}},
			"district":       {policy.OutletFilter{District: "410302"}, []policy.Outlet{}},
			"kind":           {policy.OutletFilter{District: "410303", Kinds: []policy.OutletKind{policy.HRSSOutlet}}, []policy.Outlet{hall}},
			"bank":           {policy.OutletFilter{Banks: []string{"999", "103"}}, []policy.Outlet{o}},
			"address":        {policy.OutletFilter{Name: "中州中路"}, []policy.Outlet{hall, o}},
			"a percent sign": {policy.OutletFilter{Name: "100%"}, []policy.Outlet{hall}},
			"a wild card":    {policy.OutletFilter{Name: "西%支"}, []policy.Outlet{}},
		} {
			tc.f.Limit = 10
			found, err := p.Outlets(t.Context(), tc.f)
			require.NoError(t, err, name)
			require.Equal(t, tc.want, found, name)
		}
		found, err := p.Outlet(t.Context(), "o3")
		require.NoError(t, err, "a closed outlet is still found by its ref: a card may wait there")
		require.Equal(t, closed, found)
		_, err = p.Outlet(t.Context(), "o9")
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}
