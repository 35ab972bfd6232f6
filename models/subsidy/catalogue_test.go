package subsidy

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// listed is a store that knows a catalogue and nothing else.
type listedStore struct {
	Store
	told []Programme
}

func (s listedStore) Programmes(context.Context) ([]Programme, error) { return s.told, nil }
func (s listedStore) Glance(context.Context) (Glance, error)          { return Glance{}, nil }

func catalogueOf(told ...Programme) *Service {
	return &Service{Store: listedStore{told: told}, Clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))}
}

func TestR6_TheListOfFortyFiveIsThereBeforeTheRegistryIsHeard(t *testing.T) {
	t.Parallel()
	c, err := catalogueOf().Programmes(t.Context(), CatalogueQuery{})
	require.NoError(t, err)
	require.True(t, c.Shipped)
	require.Len(t, c.Programmes, 45)
	require.Equal(t, models.Date("2021-12-20"), c.VersionDate)
	codes := map[string]bool{}
	for i, p := range c.Programmes {
		require.Equal(t, i+1, p.Number)
		for _, field := range []string{p.Name, p.ShortName, p.SMSName, p.Domain, p.Department, p.PolicyDoc, p.OfficialLink, string(p.ValidFrom)} {
			require.NotEmpty(t, field, p.Code)
		}
		require.NotEqual(t, p.Domain, p.DomainLabel(), "%s: %s has no words", p.Code, p.Domain)
		require.NotEqual(t, p.Cadence, p.CadenceLabel(), p.Code)
		require.NotEqual(t, p.PayeeKind, p.PayeeKindLabel(), p.Code)
		codes[p.Code] = true
	}
	require.Len(t, codes, 45)
	require.Equal(t, "艾滋病患者生活定量补助", c.Programmes[22].Name)
	require.Equal(t, "退役士兵待分配期间生活补助", c.Programmes[44].Name)

	local := Programme{Code: "L410303-01", Edition: 1, Name: "廉租住房补贴", ValidFrom: "2021-01-01"}
	c, err = catalogueOf(local).Programmes(t.Context(), CatalogueQuery{})
	require.NoError(t, err)
	require.Len(t, c.Programmes, 45, "a local item is not the list")
	require.Len(t, c.Local, 1, "R10")

	told := Programme{Code: "P01", Edition: 1, Number: 1, Name: "农机购置与应用补贴", ValidFrom: "2019-01-01", Version: 1}
	c, err = catalogueOf(told, local).Programmes(t.Context(), CatalogueQuery{})
	require.NoError(t, err)
	require.False(t, c.Shipped)
	require.Len(t, c.Programmes, 1, "the registry's list is the list")
	require.Equal(t, told.Name, c.Programmes[0].Name)
	s := catalogueOf()
	programmes, err := s.editions(t.Context())
	require.NoError(t, err)
	require.Empty(t, programmes, "what the registry has not told names no payment")
}

func TestR55_TheClassesAreTheUnionOfBothListsAndASourceMayOnlyTightenThem(t *testing.T) {
	t.Parallel()
	high := map[int]bool{23: true, 24: true, 25: true}
	medium := map[int]bool{}
	for _, n := range []int{4, 5, 8, 9, 10, 11, 12, 19, 20, 21, 22, 26, 27, 29, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40} {
		medium[n] = true
	}
	for _, p := range shipped() {
		want := SensitivityNormal
		if high[p.Number] {
			want = SensitivityHigh
		} else if medium[p.Number] {
			want = SensitivityMedium
		}
		require.Equal(t, want, p.Class(), p.Name)
		loosened := p
		loosened.Sensitivity = SensitivityNormal
		require.Equal(t, want, loosened.Class(), p.Name)
		if want != SensitivityNormal {
			require.Equal(t, neutral, loosened.NeutralName(), "a class that nobody gave has no name of its own")
		}
		tightened := p
		tightened.Sensitivity = SensitivityHigh
		require.Equal(t, SensitivityHigh, tightened.Class())
		unclassified := p
		unclassified.Sensitivity = "strange"
		require.NotEqual(t, SensitivityNormal, unclassified.Class())
	}
	require.Equal(t, SensitivityMedium, Programme{Code: "L1"}.Class(), "a new one counts as sensitive")
}

func TestR6_TheListIsSearchedInChineseByNameDomainAndDepartment(t *testing.T) {
	t.Parallel()
	s := catalogueOf()
	numbers := func(q CatalogueQuery) (out []int) {
		c, err := s.Programmes(t.Context(), q)
		require.NoError(t, err)
		for _, p := range c.Programmes {
			out = append(out, p.Number)
		}
		return out
	}
	require.Equal(t, []int{28}, numbers(CatalogueQuery{Text: "高龄"}))
	require.Equal(t, []int{41}, numbers(CatalogueQuery{Text: " 就业  人社 "}), "each word somewhere")
	require.Equal(t, []int{23}, numbers(CatalogueQuery{Text: "Ｐ23"}), "full width")
	require.Equal(t, []int{23}, numbers(CatalogueQuery{Text: "p23"}))
	require.Equal(t, []int{15, 16, 17, 18}, numbers(CatalogueQuery{Text: "林业"}))
	require.Equal(t, []int{25}, numbers(CatalogueQuery{Text: "民政 家庭"}))
	require.Equal(t, []int{6, 7, 8, 9, 10, 11}, numbers(CatalogueQuery{Domain: "education"}))
	require.Equal(t, []int{11, 41}, numbers(CatalogueQuery{Department: "人社局"}))
	require.Equal(t, []int{27, 34, 39}, numbers(CatalogueQuery{PayeeKind: "either"}))
	require.Equal(t, []int{39}, numbers(CatalogueQuery{PayeeKind: "either", Text: "困难"}))
	require.Empty(t, numbers(CatalogueQuery{Text: "%"}))
	require.Empty(t, numbers(CatalogueQuery{On: "2020-12-31"}), "before the first version")
	require.Len(t, numbers(CatalogueQuery{}), 45)
}

func TestR9_TheHistorySaysWhatEachVersionChangedAndWhen(t *testing.T) {
	t.Parallel()
	one := Programme{Code: "P28", Edition: 1, Number: 28, Name: "高龄津贴", ShortName: "高龄津贴", Domain: "civil_affairs", Department: "民政局",
		PayeeKind: ToIndividual, Cadence: "quarterly", Sensitivity: SensitivityNormal, PublishedOn: "2019-01-01", ValidFrom: "2019-01-01", ValidTo: "2021-12-31", Version: 2}
	two := one
	two.Edition, two.Name, two.Cadence, two.ValidFrom, two.ValidTo, two.PublishedOn, two.Version = 2, "高龄老人津贴", "monthly", "2022-01-01", "", "2021-12-25", 1
	three := two
	three.Edition, three.ValidFrom = 3, "2022-06-01"
	s := catalogueOf(three, one, two)
	h, _, err := s.ProgrammeHistory(t.Context(), "P28")
	require.NoError(t, err)
	require.Len(t, h, 3)
	require.Empty(t, h[0].Changes)
	require.Equal(t, []Change{{"name", "项目名称", "高龄津贴", "高龄老人津贴"}, {"cadence", "发放周期", "按季度", "按月"}}, h[1].Changes)
	require.Equal(t, models.Date("2022-01-01"), h[1].ValidFrom)
	require.Empty(t, h[2].Changes, "a version that says the same says so")

	for day, name := range map[models.Date]string{"2021-12-31": "高龄津贴", "2022-01-01": "高龄老人津贴", "": "高龄津贴"} {
		p, _, err := s.Programme(t.Context(), "P28", day)
		require.NoError(t, err)
		require.Equal(t, name, p.Name, day)
	}
	for _, code := range []string{"P29", "", "p28"} {
		_, _, err = s.Programme(t.Context(), code, "")
		require.ErrorIs(t, err, ErrProgrammeNotFound)
		_, _, err = s.ProgrammeHistory(t.Context(), code)
		require.ErrorIs(t, err, ErrProgrammeNotFound)
	}
	_, _, err = s.Programme(t.Context(), "P28", "2018-01-01")
	require.ErrorIs(t, err, ErrProgrammeNotFound)
	all, _, err := s.WholeCatalogue(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func TestACheckCodeIsTypedByPeople(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		code := NewCheckCode()
		require.False(t, seen[code])
		seen[code] = true
		shown := ShowCheckCode(code)
		require.Regexp(t, `^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$`, shown)
		for _, typed := range []string{shown, code, strings.ToLower(shown), " " + strings.ReplaceAll(shown, "-", " "), fullWidth(shown), strings.ReplaceAll(strings.ReplaceAll(code, "0", "o"), "1", "l")} {
			bare, ok := ParseCheckCode(typed)
			require.True(t, ok, typed)
			require.Equal(t, code, bare)
		}
		for i := range code { // any one slip shows
			for _, other := range codeAlphabet {
				if byte(other) != code[i] {
					_, ok := ParseCheckCode(code[:i] + string(other) + code[i+1:])
					require.False(t, ok)
				}
			}
			if i == 0 || code[i] == code[i-1] || strings.Contains("0Z Z0", code[i-1:i+1]) {
				continue
			}
			_, ok := ParseCheckCode(code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:])
			require.False(t, ok, "%s, %d and %d swapped", code, i-1, i)
		}
	}
	for _, bad := range []string{"", "-", "7KQ2", strings.Repeat("0", 17), "U000-0000-0000-0000", "汉字汉字汉字汉字", "\x00"} {
		_, ok := ParseCheckCode(bad)
		require.False(t, ok, bad)
	}
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

// The ground of a list changes with the ledger month of Luoyang, at its first instant, without a word from the database.
func TestAListStandsOnItsMonth(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(time.Date(2021, 12, 31, 15, 59, 59, 0, time.UTC))
	s := &Service{Store: listedStore{}, Clock: clock}
	mark := func() string {
		g, err := s.GroundOfList(t.Context())
		require.NoError(t, err)
		return g.Mark
	}
	require.Equal(t, "|2021-12", mark())
	clock.Advance(time.Second)
	require.Equal(t, "|2022-01", mark())
	clock.Advance(31 * 24 * time.Hour)
	require.Equal(t, "|2022-02", mark())
	clock.Advance(-time.Second)
	require.Equal(t, "|2022-01", mark(), "a clock may be set back")
}
