package notice

import (
	"strings"
	"unicode"
)

// looksPersonal reports whether a text may hold an ID number, a phone, a card number or a one-time code: eleven digits
// or more in a row, however they are spaced and written, or a message that is nothing but four to eight digits. To warn
// once too often costs nothing.
func looksPersonal(text string) bool {
	run, longest, others := 0, 0, 0
	for _, r := range text {
		switch {
		case digitOf(r) || run >= 14 && strings.ContainsRune("xX\uFF58\uFF38", r): // the last of an ID number may be an X
			run++
			longest = max(longest, run)
		case unicode.IsSpace(r) || strings.ContainsRune("-\u2014\u2013_.\u00b7,\uff0c\u3001/():\uff1a\uff08\uff09", r):
		default:
			run = 0
			others++
		}
	}
	return longest >= 11 || others == 0 && longest >= 4 && longest <= 8
}

const spokenDigits = "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"

// digitOf accepts digits of every script, and Chinese ones, in which people also write their numbers.
func digitOf(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune(spokenDigits, r) }
