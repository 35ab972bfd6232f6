package citizen

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// PhoneChangeState is the life of a change of phone.
type PhoneChangeState string

// The states.
const (
	PhoneChangeRequested  PhoneChangeState = "requested"  // the code went to the new phone
	PhoneChangeWaiting    PhoneChangeState = "waiting"    // the new phone is proven, the old one was told; it counts after 24 h
	PhoneChangeEffective  PhoneChangeState = "effective"  // messages go to the new phone
	PhoneChangeCancelled  PhoneChangeState = "cancelled"  // by the person
	PhoneChangeSuperseded PhoneChangeState = "superseded" // the registry changed the phone itself
	PhoneChangeExpired    PhoneChangeState = "expired"    // the code was never entered
)

// PhoneChangeEvent moves a change.
type PhoneChangeEvent string

// The events.
const (
	NewPhoneProven   PhoneChangeEvent = "new_phone_proven"
	WaitOver         PhoneChangeEvent = "wait_over"
	CancelledByOwner PhoneChangeEvent = "cancelled_by_owner"
	RegistryChanged  PhoneChangeEvent = "registry_changed"
	NeverProven      PhoneChangeEvent = "never_proven"
)

type phoneEdge = flow.Edge[PhoneChangeState, PhoneChangeEvent]

// PhoneChangeFlow is the state table of a change.
var PhoneChangeFlow = flow.New("phone change", PhoneChangeRequested,
	phoneEdge{From: PhoneChangeRequested, On: NewPhoneProven, To: PhoneChangeWaiting},
	phoneEdge{From: PhoneChangeRequested, On: CancelledByOwner, To: PhoneChangeCancelled},
	phoneEdge{From: PhoneChangeRequested, On: RegistryChanged, To: PhoneChangeSuperseded},
	phoneEdge{From: PhoneChangeRequested, On: NeverProven, To: PhoneChangeExpired},
	phoneEdge{From: PhoneChangeWaiting, On: WaitOver, To: PhoneChangeEffective},
	phoneEdge{From: PhoneChangeWaiting, On: CancelledByOwner, To: PhoneChangeCancelled},
	phoneEdge{From: PhoneChangeWaiting, On: RegistryChanged, To: PhoneChangeSuperseded},
)

// PhoneChangeWait is the time the owner of the old phone has to object.
const PhoneChangeWait = 24 * time.Hour

// PhoneChange is a request with its own life: it changes the phone our messages go to, never the phone the registry
// holds, and so never who may bind. A person has at most one open change.
type PhoneChange struct {
	ID          models.ID
	PersonID    models.ID
	NewPhone    models.Phone
	State       PhoneChangeState
	RequestedAt time.Time
	CountsAt    time.Time // set when the new phone is proven
	EndedAt     time.Time
	Version     int
}

// Open reports whether the change may still come about.
func (c PhoneChange) Open() bool { return !PhoneChangeFlow.Final(c.State) }

// After is the change after an event; pure.
func (c PhoneChange) After(on PhoneChangeEvent, at time.Time) (PhoneChange, error) {
	to, err := PhoneChangeFlow.Next(c.State, on)
	if err != nil {
		return c, ErrPhoneChangeOver.Because(err)
	}
	c.State = to
	if to == PhoneChangeWaiting {
		c.CountsAt = at.Add(PhoneChangeWait)
	}
	if PhoneChangeFlow.Final(to) {
		c.EndedAt = at
	}
	return c, nil
}
