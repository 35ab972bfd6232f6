package models

import "fmt"

// Fen is money: hundredths of a yuan.
type Fen int64

// Yuan writes f as people and Alipay do: two decimals, no currency sign, "16.00".
func (f Fen) Yuan() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(f)/100, int64(f)%100)
}
