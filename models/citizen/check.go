package citizen

import (
	"strings"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// CheckPurpose is what a real-person check is for.
type CheckPurpose string

// The purposes.
const (
	CheckToBind   CheckPurpose = "bind"
	CheckAgain    CheckPurpose = "recheck" // a bound session becomes fresh
	CheckToBorrow CheckPurpose = "borrow"  // R67: the holder on anyone's phone
)

// CheckState is the life of a real-person check.
type CheckState string

// The states. Only the platform's server moves a check out of begun.
const (
	CheckBegun  CheckState = "begun"
	CheckPassed CheckState = "passed"
	CheckFailed CheckState = "failed"
)

// CheckEvent moves a check.
type CheckEvent string

// The events.
const (
	PlatformPassed CheckEvent = "platform_passed"
	PlatformFailed CheckEvent = "platform_failed"
)

// CheckFlow is the state table of a check.
var CheckFlow = flow.New("identity check", CheckBegun,
	flow.Edge[CheckState, CheckEvent]{From: CheckBegun, On: PlatformPassed, To: CheckPassed},
	flow.Edge[CheckState, CheckEvent]{From: CheckBegun, On: PlatformFailed, To: CheckFailed},
)

// CheckLife is how long a check may stay open, whatever the platform allows.
const CheckLife = 30 * time.Minute

// Check is one real-person check that we began. Its outcome counts once, in the session that began it.
type Check struct {
	ID         models.ID
	Purpose    CheckPurpose
	SessionID  models.ID
	AccountID  models.ID
	PersonID   models.ID
	Platform   models.Channel
	AppID      string
	Ref        string // the platform's, set once it answered
	State      CheckState
	BegunAt    time.Time
	ExpiresAt  time.Time
	FinishedAt time.Time
}

// RequestID is the check's name on the platforms: 32 hex characters.
func (c Check) RequestID() string { return strings.ReplaceAll(string(c.ID), "-", "") }

// CheckedAt is the instant the check counts from: its beginning. The platforms do not say when the face was seen, so
// the earliest moment is taken; a result fetched late is never fresher than the face (R35).
func (c Check) CheckedAt() time.Time { return c.BegunAt }

// CheckTicket is what the client needs to show the check.
type CheckTicket struct {
	CheckID   models.ID
	Ref       string
	URL       string
	ExpiresAt time.Time
}
