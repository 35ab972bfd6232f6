package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func december2021() time.Time { return time.Date(2021, 12, 20, 9, 0, 0, 0, shanghai) }

// print is everything the registry publishes of a city.
func printed(t *testing.T, seed uint64, month time.Time) string {
	t.Helper()
	c := buildCity(seed, month)
	raw, err := json.Marshal([]any{c.banks, c.outlets, c.persons, c.cards, c.applications, c.programmes, c.payees, c.batches, c.lines})
	require.NoError(t, err)
	return string(raw)
}

func TestCityIsAFunctionOfSeedAndMonth(t *testing.T) {
	t.Parallel()
	first := printed(t, 7, december2021())
	require.Equal(t, first, printed(t, 7, time.Date(2021, 12, 1, 3, 0, 0, 0, shanghai)), "the day of the month does not count")
	require.NotEqual(t, first, printed(t, 8, december2021()))
	require.NotEqual(t, first, printed(t, 7, december2021().AddDate(0, 1, 0)))
}

func TestCityHoldsEverySituation(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		seed, month := uint64(i*i), december2021().AddDate(0, i*7, 0)
		t.Run(fmt.Sprintf("%d-%s", seed, month.Format("2006-01")), func(t *testing.T) {
			t.Parallel()
			checkCity(t, buildCity(seed, month))
		})
	}
}

func checkCity(t *testing.T, c *city) {
	t.Helper()
	require.GreaterOrEqual(t, len(c.persons), 2000)
	ids, refs, phones, districts, docs := map[string]bool{}, map[string]bool{}, map[string]string{}, map[string]int{}, map[string]int{}
	heads, minors, dotted, beyondBMP, oldForm := map[string]int{}, 0, 0, 0, 0
	for _, p := range c.persons {
		require.False(t, ids[p.IDNumber] || refs[p.Ref], "numbers and references are unique")
		ids[p.IDNumber], refs[p.Ref] = true, true
		if len(p.IDNumber) == 18 {
			require.Equal(t, checkDigit(p.IDNumber[:17]), p.IDNumber[17])
			require.Equal(t, strings.ReplaceAll(p.BirthDate, "-", ""), p.IDNumber[6:14])
		} else {
			require.Len(t, p.IDNumber, 15)
			oldForm++
		}
		require.Less(t, p.BirthDate, dayOf(c.start), "born before the start")
		if p.Phone != "" {
			require.Regexp(t, `^1[3-9]\d{9}$`, p.Phone)
			if home, ok := phones[p.Phone]; ok {
				require.Equal(t, home, p.HouseholdRef, "a phone is shared in a household only")
			}
			phones[p.Phone] = p.HouseholdRef
		}
		districts[p.District]++
		docs[p.DocumentType]++
		if p.IsHead {
			heads[p.HouseholdRef]++
		} else if _, ok := heads[p.HouseholdRef]; !ok {
			heads[p.HouseholdRef] = 0
		}
		if len(p.GuardianRefs) > 0 {
			minors++
		}
		if strings.ContainsRune(p.Name, '·') {
			dotted++
		}
		for _, r := range p.Name {
			if r > 0xffff {
				beyondBMP++
			}
		}
	}
	for home, n := range heads {
		require.Equal(t, 1, n, "household %s has one head", home)
	}
	require.Len(t, districts, 14)
	require.Greater(t, minors, 100)
	require.Positive(t, dotted)
	require.Positive(t, beyondBMP)
	require.Positive(t, oldForm)
	for _, d := range []string{"01", "04", "05", "06", "07"} {
		require.Positive(t, docs[d], "document type %s", d)
	}
	checkCards(t, c)
	checkPayments(t, c)
}

func checkCards(t *testing.T, c *city) {
	t.Helper()
	social, financial, status, ends, live := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, k := range c.cards {
		social[k.AAZ502]++
		financial[k.FinancialState]++
		status[k.PersonStatus]++
		require.Equal(t, k.AAZ502 == "2" || k.AAZ502 == "4", k.Loss != nil)
		require.Equal(t, k.AAZ502 == "9", k.End != nil)
		if k.End != nil {
			ends[k.End.Kind]++
		} else {
			live[k.PersonRef]++
		}
	}
	for person, n := range live {
		require.Equal(t, 1, n, "person %s has one card that has not ended", person)
	}
	require.Less(t, len(live), len(c.persons)-20, "some people have no card")
	for _, s := range []string{"0", "1", "2", "3", "4", "9"} {
		require.Positive(t, social[s], "AAZ502 %s", s)
	}
	for _, s := range []string{"not_opened", "opened_inactive", "active", "loss", "frozen", "closed", "unknown"} {
		require.Positive(t, financial[s], "money account %s", s)
	}
	for _, s := range []string{"01", "02", "03", "04", "05", "06", "09"} {
		require.Positive(t, status[s], "person status %s", s)
	}
	require.Positive(t, ends["void"])
	require.Positive(t, ends["cancelled"])
	require.NotEmpty(t, c.applications)
}

func checkPayments(t *testing.T, c *city) {
	t.Helper()
	require.Len(t, c.programmes, 46)
	lines := map[string][]*PaymentLine{}
	byProgramme, states, byKey := map[string]int{}, map[string]int{}, map[LineKey]*PaymentLine{}
	credits := map[string]bool{}
	for _, l := range c.lines {
		lines[l.BatchID] = append(lines[l.BatchID], l)
		byProgramme[l.Programme]++
		states[l.State]++
		byKey[l.LineKey] = l
		require.Equal(t, l.State == "credited", l.CreditNo != "")
		if l.CreditNo != "" {
			require.False(t, credits[l.CreditNo], "credit numbers are unique")
			credits[l.CreditNo] = true
		}
	}
	for _, p := range c.programmes {
		if p.Number > 0 || !c.start.Before(at(2021, 12, 1, 0, 0)) {
			require.Positive(t, byProgramme[p.Code], "payments of %s", p.Code)
		}
	}
	for _, s := range []string{"planned", "publicised", "approved", "sent", "credited", "returned", "reissued"} {
		require.Positive(t, states[s], "state %s", s)
	}
	for _, b := range c.batches {
		ls := lines[b.ID]
		var total int64
		for i, l := range ls {
			total += l.AmountFen
			require.Equal(t, i+1, l.LineNo)
			require.Positive(t, l.AmountFen)
		}
		require.Len(t, ls, b.Count)
		require.Equal(t, b.TotalFen, total)
		require.Equal(t, b.DigestSM3, digest(ls))
	}
	for _, l := range c.lines {
		if l.State == "reissued" {
			again := byKey[*l.ReissuedAs]
			require.Equal(t, l.LineKey, *again.ReissueOf)
			require.Equal(t, l.AmountFen, again.AmountFen)
		}
	}
	months := map[string]bool{}
	for _, l := range c.lines {
		months[l.LedgerMonth] = true
	}
	for m := range historyMonths {
		month := c.start.In(shanghai).AddDate(0, m-historyMonths, 0).Format("2006-01")
		require.True(t, months[month], "arrivals in %s", month)
	}
}

func TestR10_PilotPayments(t *testing.T) {
	t.Parallel()
	c := buildCity(1, december2021())
	type pilot struct {
		day, bank, programme string
		count                int
		total                int64
	}
	var found []pilot
	for _, b := range c.batches {
		if b.PayingUnit == "区住房保障和房产服务中心" || b.LedgerMonth == "2021-12" {
			for _, l := range c.lines {
				if l.BatchID == b.ID {
					found = append(found, pilot{dayOf(*l.CreditedAt), b.PayingBank, b.Programme, b.Count, b.TotalFen})
					break
				}
			}
		}
	}
	require.Equal(t, []pilot{
		{"2021-11-08", "313LY", localHousing, 26, 870_000},
		{"2021-12-05", "103", "P20", 16, 2_440_000},
		{"2021-12-07", "", localHousing, 27, 910_000},
	}, found)
}

func TestR16_BankOfLuoyangHasASuccessor(t *testing.T) {
	t.Parallel()
	banks := buildBanks(december2021())
	names := func(day string) (out []string) {
		for _, b := range payingBanks(banks, "410303", day) {
			out = append(out, b.ShortName)
		}
		return out
	}
	require.Equal(t, []string{"农业银行", "洛阳银行"}, names("2021-12-20"))
	require.Equal(t, []string{"农业银行", "中原银行"}, names("2022-06-01"))
}

func TestNamedCitizens(t *testing.T) {
	t.Parallel()
	r := newRegistry(t, Options{})
	want := map[string]string{"wang": ruleA, "li": "", "zhang": "", "zhao": "", "chen": "", "child": ruleB}
	keys := []string{}
	for _, c := range r.Citizens(0) {
		keys = append(keys, c.Key)
		require.Regexp(t, `^138037901\d\d$`, c.Phone)
		if want[c.Key] != "" {
			require.Equal(t, want[c.Key], c.IDNumber)
		}
	}
	require.Equal(t, []string{"wang", "li", "zhang", "zhao", "chen", "child"}, keys)
	require.Empty(t, r.CardsOf("li"))
	require.Empty(t, r.CardsOf("child"))
	for _, k := range []string{"wang", "zhang", "zhao", "chen"} {
		require.Equal(t, "1", r.CardsOf(k)[0].AAZ502)
		require.Equal(t, "active", r.CardsOf(k)[0].FinancialState)
	}
	require.Greater(t, len(r.Lines("wang")), 20)
	require.NotEmpty(t, r.Lines("zhang"))
	require.NotEmpty(t, r.Lines("zhao"))
}

func TestASharedCityIsNotChangedByItsRegistries(t *testing.T) {
	t.Parallel()
	month := time.Date(2023, 5, 1, 0, 0, 0, 0, shanghai)
	g := newRig(t, Options{StartMonth: month})
	g.command(g.about("loss", "request-1", "wang", 1))
	for _, h := range []Happening{{Kind: "return", Citizen: "wang"}, {Kind: "reissue", Citizen: "wang"}, {Kind: "merge", Citizen: "zhao", Into: "wang"},
		{Kind: "replace", Citizen: "chen"}, {Kind: "rename_programme", Programme: "28", Name: "高龄老人津贴", ValidFrom: "2023-06-01"},
		{Kind: "trim_feed", Target: "cards"}} {
		g.happen(h)
	}
	c := cityOf(1, month)
	raw, err := json.Marshal([]any{c.banks, c.outlets, c.persons, c.cards, c.applications, c.programmes, c.payees, c.batches, c.lines})
	require.NoError(t, err)
	require.Equal(t, printed(t, 1, month), string(raw))
}

func BenchmarkCity(b *testing.B) {
	for b.Loop() {
		buildCity(1, december2021())
	}
}
