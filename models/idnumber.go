package models

import (
	"log/slog"
	"strings"
	"time"
)

// IDNumber is an identity number that people hold: the 18 characters of GB 11643 (citizens, residence permits
// 81/82/83, foreigners' cards from 2023 beginning with 9), or the older 15-character foreigner's card.
// Printing, logging or marshalling it shows only the mask.
type IDNumber struct{ digits string }

// ID number errors (R50). The value is never repeated.
var (
	ErrIDForm     = NewError(Invalid, "ID_FORMAT", "证件号码的格式不正确,请核对证件后重新填写;如有疑问请拨打12333。")
	ErrIDDate     = NewError(Invalid, "ID_DATE", "证件号码中的出生日期不正确,请核对证件后重新填写;如有疑问请拨打12333。")
	ErrIDChecksum = NewError(Invalid, "ID_CHECKSUM", "证件号码的校验码不正确,请核对证件后重新填写;如有疑问请拨打12333。")
)

// ParseIDNumber checks form, calendar date and check digit. It upper-cases a trailing x and does not ask whether
// the area still exists: people keep the codes they were given.
func ParseIDNumber(s string, now time.Time) (IDNumber, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if oldForeigner(s) {
		return IDNumber{s}, nil
	}
	if len(s) != 18 || !allDigits(s[:17]) || !(s[17] == 'X' || s[17] >= '0' && s[17] <= '9') || s[0] == '0' {
		return IDNumber{}, ErrIDForm
	}
	birth, err := time.ParseInLocation("20060102", s[6:14], Shanghai)
	if err != nil || birth.After(now) || Date(birth.Format(time.DateOnly)).AgeAt(now) > 130 {
		return IDNumber{}, ErrIDDate
	}
	if s[17] != idCheckDigit(s[:17]) {
		return IDNumber{}, ErrIDChecksum
	}
	return IDNumber{s}, nil
}

// oldForeigner is three letters and twelve digits (domain 2.5); it carries no check digit.
func oldForeigner(s string) bool {
	if len(s) != 15 || !allDigits(s[3:]) {
		return false
	}
	return strings.Trim(s[:3], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func idCheckDigit(first17 string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(first17[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// UpgradeIDNumber turns a 15-digit number of before 1999 into its 18-character form, as a search key only:
// some people were renumbered, so it is never proof of identity.
func UpgradeIDNumber(s string) (string, bool) {
	if len(s) != 15 || !allDigits(s) {
		return "", false
	}
	body := s[:6] + "19" + s[6:]
	return body + string(idCheckDigit(body)), true
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Reveal gives the whole number. Every call site is a place a reviewer looks at.
func (n IDNumber) Reveal() string { return n.digits }

// IsZero reports whether there is no number.
func (n IDNumber) IsZero() bool { return n.digits == "" }

// Birth is the birth date in the number; unknown for a foreigner's old card.
func (n IDNumber) Birth() Date {
	if len(n.digits) != 18 {
		return ""
	}
	return Date(n.digits[6:10] + "-" + n.digits[10:12] + "-" + n.digits[12:14])
}

// Last6 is what a caller is asked for on the phone (R58).
func (n IDNumber) Last6() string {
	if len(n.digits) < 6 {
		return ""
	}
	return n.digits[len(n.digits)-6:]
}

// String shows first three and last four (R54).
func (n IDNumber) String() string { return mask(n.digits, 3, 4) }

// LogValue masks the number in logs.
func (n IDNumber) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText masks the number in JSON and text.
func (n IDNumber) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// GoString masks the number under %#v.
func (n IDNumber) GoString() string { return n.String() }

// mask keeps head and tail characters and stars the rest; a value too short is all stars.
func mask(s string, head, tail int) string {
	r := []rune(s)
	if len(r) <= head+tail {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
