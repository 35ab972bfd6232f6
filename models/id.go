package models

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ID names a row of ours: a UUIDv7 in its lower-case text form, made before the insert.
type ID string

// NewID makes an ID that sorts by the time it was made.
func NewID() ID { return ID(uuid.Must(uuid.NewV7()).String()) }

// ParseID accepts the canonical text form only; anything else is an error that does not repeat the input.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil || u.String() != s {
		return "", fmt.Errorf("not an id in canonical form")
	}
	return ID(s), nil
}

// PersonRef is the registry's opaque name for a person. A person is unique by it, never by an ID number.
type PersonRef string

// CardRef is the registry's opaque name for a card; never the number printed on it.
type CardRef string

// ReceiptNumber is what people read aloud: civil date, eight digits, one check digit, e.g. 20211220-00000042-7.
// n is cut to eight digits; the check digit is Luhn over the sixteen digits before it.
func ReceiptNumber(at time.Time, n int64) string {
	body := fmt.Sprintf("%s%08d", at.In(Shanghai).Format("20060102"), n%100_000_000)
	return fmt.Sprintf("%s-%s-%d", body[:8], body[8:], luhn(body))
}

// ValidReceiptNumber reports whether s has the form and the check digit of ReceiptNumber.
func ValidReceiptNumber(s string) bool {
	if len(s) != 19 || s[8] != '-' || s[17] != '-' {
		return false
	}
	body := s[:8] + s[9:17]
	for _, c := range body {
		if c < '0' || c > '9' {
			return false
		}
	}
	return int(s[18]-'0') == luhn(body)
}

func luhn(digits string) int {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10 - sum%10) % 10
}
