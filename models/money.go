package models

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

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

// maxYuanDigits keeps what is read far from the end of an int64.
const maxYuanDigits = 12

var errNotYuan = errors.New("not an amount in yuan")

// ParseYuan reads an amount as payment platforms write it: digits, and at most two decimals behind a dot. No sign, no
// space, no float on the way.
func ParseYuan(s string) (Fen, error) {
	whole, part, dot := strings.Cut(s, ".")
	if whole == "" || len(whole) > maxYuanDigits || len(part) > 2 || dot && part == "" {
		return 0, errNotYuan
	}
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, errNotYuan
		}
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", 2-len(part)), 10, 64)
	return Fen(n), err
}
