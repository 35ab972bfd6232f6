package models

import (
	"log/slog"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Name is a person's name: 2 to 50 characters of any script, supplementary planes included (R51).
// Printing, logging or marshalling it shows only the mask.
type Name struct{ text string }

// ErrNameForm is a name with digits, signs or an impossible length.
var ErrNameForm = NewError(Invalid, "NAME_FORMAT", "姓名的格式不正确,请按证件上的姓名填写(2至50个字);如有疑问请拨打12333。")

var nameDots = strings.NewReplacer("•", "·", "・", "·", "．", "·", "‧", "·", ".", "·")

// ParseName normalises look-alike dots to U+00B7 and runs of blanks to one, and counts characters, not bytes.
func ParseName(s string) (Name, error) {
	s = nameDots.Replace(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
	runes := []rune(s)
	if len(runes) < 2 || len(runes) > 50 {
		return Name{}, ErrNameForm
	}
	for i, r := range runes {
		edge := i == 0 || i == len(runes)-1
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), r == '〇':
		case !edge && (r == '·' || r == ' ' || r == '-' || r == '\''):
		default:
			return Name{}, ErrNameForm
		}
	}
	return Name{s}, nil
}

// Reveal gives the whole name. Every call site is a place a reviewer looks at.
func (n Name) Reveal() string { return n.text }

// IsZero reports whether there is no name.
func (n Name) IsZero() bool { return n.text == "" }

// String masks by the convention of domain 6.5: *三, 王*明, 阿***.
func (n Name) String() string {
	r := []rune(n.text)
	switch {
	case len(r) == 0:
		return ""
	case strings.ContainsRune(n.text, '·'):
		return string(r[0]) + "***"
	case len(r) <= 2:
		return "*" + string(r[len(r)-1])
	default:
		return string(r[0]) + strings.Repeat("*", len(r)-2) + string(r[len(r)-1])
	}
}

// LogValue masks the name in logs.
func (n Name) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText masks the name in JSON and text.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// GoString masks the name under %#v.
func (n Name) GoString() string { return n.String() }
