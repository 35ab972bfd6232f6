package registry

import (
	"fmt"
	"time"
)

// amountFen is what a person or household receives of an item each time; invented figures.
func amountFen(number int, p *Person) int64 {
	base := map[int]int64{2: 62_000, 3: 15_000, 8: 62_500, 9: 40_000, 20: 135_000, 21: 135_000, 23: 60_000, 26: 48_000, 28: 15_000, 29: 6_500,
		30: 7_500, 41: 110_000, 42: 82_000, 43: 1_250_000, 44: 2_700_000, 1: 380_000, 12: 2_000_000}
	fen, ok := base[number]
	if !ok {
		fen = int64(20_000 + number*1_700)
	}
	return fen + int64(p.BirthDate[9]-'0')*int64(number%7)*500
}

func periodName(cadence string, month time.Time) string {
	switch cadence {
	case monthly, once:
		return fmt.Sprintf("%d年%d月", month.Year(), int(month.Month()))
	case quarterly:
		return fmt.Sprintf("%d年第%s季度", month.Year(), []string{"一", "二", "三", "四"}[(int(month.Month())-1)/3])
	case termly:
		if month.Month() < 8 {
			return fmt.Sprintf("%d年春季学期", month.Year())
		}
		return fmt.Sprintf("%d年秋季学期", month.Year())
	}
	return fmt.Sprintf("%d年度", month.Year())
}

// payer is the bank that pays an item for a district on a day.
func (b *builder) payer(district string, number int, day string) string {
	banks := payingBanks(b.city.banks, district, day)
	if len(banks) == 0 {
		return ""
	}
	return banks[number%len(banks)].Code
}

func (b *builder) programme(code string) *Programme {
	for _, p := range b.city.programmes {
		if p.Code == code {
			return p
		}
	}
	return &Programme{}
}

func (b *builder) inSystemSet() map[string]bool {
	in := make(map[string]bool, len(b.city.payees))
	for _, y := range b.city.payees {
		in[y.PersonRef] = y.InSystem
	}
	b.inPlatform = in
	return in
}

func (b *builder) inSystem(ref string) bool { return b.inPlatform[ref] }
