package registry

import "time"

const city410300 = "410300"

// bankSeed is one line of the registry's own list of banks. All telephone numbers are invented.
type bankSeed struct {
	code, name, short, phone string
	validTo, successor       string
	cardService              bool
	paysFor                  []string // districts; "*" all but those that name others
}

var bankSeeds = []bankSeed{
	{"102", "中国工商银行", "工商银行", "0379-60001102", "", "", true, []string{"410302", "410305", "410311"}},
	{"103", "中国农业银行", "农业银行", "0379-60001103", "", "", true, []string{"410303", "410307", "410325", "410327"}},
	{"104", "中国银行", "中国银行", "0379-60001104", "", "", true, []string{"410304"}},
	{"105", "中国建设银行", "建设银行", "0379-60001105", "", "", true, []string{"410305", "410308"}},
	{"301", "交通银行", "交通银行", "0379-60001301", "", "", true, nil},
	{"403", "中国邮政储蓄银行", "邮储银行", "0379-60001403", "", "", true, []string{"410324", "410326", "410328"}},
	{"402", "河南省农村信用社", "河南农信", "0379-60001402", "", "", true, []string{"410323", "410324", "410325", "410326", "410327", "410328", "410329"}},
	{"313ZY", "中原银行", "中原银行", "0379-60001313", "", "", true, []string{"410302", "410304"}},
	{"313LY", "洛阳银行", "洛阳银行", "0379-60001314", "2022-05-31", "313ZY", true, []string{"410303", "410311"}},
	{"313ZZ", "郑州银行", "郑州银行", "0379-60001315", "", "", false, []string{"410329"}},
	{"313PD", "平顶山银行", "平顶山银行", "0379-60001316", "", "", false, nil},
	{"313JZ", "焦作中旅银行", "中旅银行", "0379-60001317", "", "", false, nil},
}

const bankListFrom = "2019-01-01"

// buildBanks makes the two dated lists: who serves cards in the city, who pays for which district. The payments of a
// bank that ends go on at its successor.
func buildBanks(at time.Time) []*Bank {
	out := make([]*Bank, 0, len(bankSeeds))
	byCode := map[string]*Bank{}
	for _, s := range bankSeeds {
		b := &Bank{Code: s.code, Name: s.name, ShortName: s.short, Phone: s.phone, ValidFrom: bankListFrom, ValidTo: s.validTo,
			Successor: s.successor, Version: 1, ChangedAt: at}
		if s.cardService {
			b.CardService = []Period{{city410300, bankListFrom, s.validTo}}
		}
		for _, d := range s.paysFor {
			b.Paying = append(b.Paying, Period{d, bankListFrom, s.validTo})
		}
		out = append(out, b)
		byCode[s.code] = b
	}
	for _, s := range bankSeeds {
		if s.successor == "" {
			continue
		}
		next := byCode[s.successor]
		from := nextDay(s.validTo)
		for _, d := range s.paysFor {
			next.Paying = append(next.Paying, Period{d, from, ""})
		}
	}
	return out
}

// covers reports whether day lies in a period of the area.
func covers(ps []Period, area, day string) bool {
	for _, p := range ps {
		if p.Area == area && day >= p.From && (p.To == "" || day <= p.To) {
			return true
		}
	}
	return false
}

// payingBanks are the banks that pay for a district on a day, in list order.
func payingBanks(banks []*Bank, district, day string) []*Bank {
	var out []*Bank
	for _, b := range banks {
		if covers(b.Paying, district, day) {
			out = append(out, b)
		}
	}
	return out
}
