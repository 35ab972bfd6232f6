package citizen

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"onecard/models"
)

// CodePurpose is what a code opens; a code for one thing is worthless for another.
type CodePurpose string

// The purposes.
const (
	CodeForBinding     CodePurpose = "bind"
	CodeForPhoneChange CodePurpose = "change_phone"
)

// The limits of R61. The day is a civil day.
const (
	CodeLife      = 5 * time.Minute
	CodeTries     = 5
	CodeGap       = 60 * time.Second
	CodesPerHour  = 5
	CodesPerDay   = 10
	SessionPerDay = 10
)

// Code is a six-digit code that was sent to a phone. Only a keyed digest of it is kept; it is bound to its purpose,
// the session that asked and the phone it went to.
type Code struct {
	ID         models.ID
	Purpose    CodePurpose
	SessionID  models.ID
	PersonID   models.ID // whom it binds to, or whose phone changes
	ObjectID   models.ID // the phone change it confirms; empty otherwise
	PhoneKey   []byte    // keyed digest of the phone, for counting
	Digest     []byte    // keyed digest of the six digits under this row's id
	Tries      int
	SentAt     time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time
	ReplacedAt time.Time // a newer code for the same purpose and session, or five wrong tries
}

// CodeSent is what the asker is told: nothing about the phone beyond what she typed.
type CodeSent struct {
	ID         models.ID
	ExpiresAt  time.Time
	RetryAfter time.Duration // until another may be asked for
}

// newDigits draws six digits, all equally likely.
func newDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return fmt.Sprintf("%06d", n)
}

// codeText ties the digits to their row, so that equal codes have different digests.
func codeText(id models.ID, digits string) string { return string(id) + ":" + digits }

// CodeUse is one count of what R61 limits. Over is how long until the limit opens again.
type CodeUse struct {
	LastSentAt  time.Time   // to this phone
	LastHour    []time.Time // sends to this phone within the hour, oldest first
	PhoneToday  int
	SessionDay  int
	EveryoneDay int
}

// refusal applies R61 to a count: nil when one more code may go out.
func (u CodeUse) refusal(now time.Time, budget int) error {
	switch {
	case !u.LastSentAt.IsZero() && now.Sub(u.LastSentAt) < CodeGap:
		return ErrCodeTooSoon.After(CodeGap - now.Sub(u.LastSentAt))
	case u.PhoneToday >= CodesPerDay, u.SessionDay >= SessionPerDay:
		return ErrCodeLimit.After(models.NextMidnight(now).Sub(now))
	case len(u.LastHour) >= CodesPerHour:
		return ErrCodeLimit.After(u.LastHour[len(u.LastHour)-CodesPerHour].Add(time.Hour).Sub(now))
	case u.EveryoneDay >= budget:
		return ErrCodeBudget.After(models.NextMidnight(now).Sub(now))
	}
	return nil
}
