package citizen

import (
	"crypto/rand"
	"strings"
	"time"

	"onecard/models"
)

// SlipPurpose is what a slip opens; one for one thing is worthless for the other.
type SlipPurpose string

// The purposes.
const (
	SlipToBind    SlipPurpose = "bind"
	SlipForHelper SlipPurpose = "helper" // the holder names whoever redeems it her helper
)

// SlipLife is how long a printed slip may be used.
const SlipLife = 72 * time.Hour

// Slip is the one-time code a window prints for someone whose papers it saw. It stands for that real-person check:
// redeemed within ten minutes of printing it is even fresh. Only the hash of the code is kept.
type Slip struct {
	ID        models.ID
	PersonID  models.ID
	Purpose   SlipPurpose
	CodeHash  string
	IssuedBy  models.ID // staff; empty for the command line
	OutletID  string
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	UsedBy    models.ID // the platform account, or the session of a borrowed phone
}

// slipAlphabet leaves out what people confuse: 0 O 1 I L.
const slipAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newSlipCode draws twelve characters (59 bits) in groups of four, e.g. 7KQ2-M9XD-3RTB.
func newSlipCode() string {
	var b strings.Builder
	for i := range 12 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(slipAlphabet[randomBelow(len(slipAlphabet))])
	}
	return b.String()
}

// randomBelow draws evenly from 0 to n-1, n at most 256.
func randomBelow(n int) int {
	one := make([]byte, 1)
	for {
		_, _ = rand.Read(one)
		if v := int(one[0]); v < 256-256%n {
			return v % n
		}
	}
}

// normalSlip forgives what typing does to a code: case, blanks and dashes.
func normalSlip(s string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(strings.TrimSpace(s)))
}
