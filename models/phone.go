package models

import (
	"log/slog"
	"strings"
)

// Phone is a mainland mobile number. Printing, logging or marshalling it shows only the mask.
type Phone struct{ digits string }

// ErrPhoneForm is a number that cannot receive an SMS.
var ErrPhoneForm = NewError(Invalid, "PHONE_FORMAT", "手机号码的格式不正确,请填写11位大陆手机号;如有疑问请拨打12333。")

// ParsePhone accepts 11 digits, with +86, 0086 or blanks and dashes between, and strips them.
func ParsePhone(s string) (Phone, error) {
	s = strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+86"), "0086")
	if len(s) != 11 || !allDigits(s) || s[0] != '1' || s[1] < '3' {
		return Phone{}, ErrPhoneForm
	}
	return Phone{s}, nil
}

// Reveal gives the whole number. Every call site is a place a reviewer looks at.
func (p Phone) Reveal() string { return p.digits }

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p.digits == "" }

// String shows first three and last four.
func (p Phone) String() string { return mask(p.digits, 3, 4) }

// LogValue masks the number in logs.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText masks the number in JSON and text.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// GoString masks the number under %#v.
func (p Phone) GoString() string { return p.String() }
