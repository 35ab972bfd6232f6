package citizen

import (
	"time"

	"onecard/models"
)

// LivingStatus is the registry's AAC060 in words (domain 2.2).
type LivingStatus string

// The values of AAC060.
const (
	Alive      LivingStatus = "alive"
	Deceased   LivingStatus = "deceased"
	Imprisoned LivingStatus = "imprisoned"
	Missing    LivingStatus = "missing"
	Undefined  LivingStatus = "undefined"
)

// PersonFact is what the registry says about one person, by match, by reference or by feed. Version grows with every
// change at the registry and guards our copy: an older fact never overwrites a newer one.
type PersonFact struct {
	Ref          models.PersonRef
	Name         models.Name
	IDNumber     models.IDNumber
	Phone        models.Phone // zero: the registry holds none
	BirthDate    models.Date
	District     string // GB/T 2260, six digits
	HouseholdRef string
	Guardians    []models.PersonRef // of a minor, as the registry names them; not kept in our copy
	IsHead       bool
	LivingStatus LivingStatus
	Version      int64
	ChangedAt    time.Time        // the registry's instant
	MergedInto   models.PersonRef // the person this one turned out to be; empty for nearly everyone
	// Partial: of a source that tells neither household nor merges; what we know of them stands.
	Partial bool
}

// Person is our dated copy of a fact, with what is ours: the id, the handle of ready answers (design 9) and the
// phone the person asked us to use instead of the registry's.
type Person struct {
	PersonFact
	ID           models.ID
	Handle       string
	ContactPhone models.Phone // zero: use the registry's
	ReceivedAt   time.Time
}

// ReachedAt is the phone messages go to. Codes for binding never go here: they go to PersonFact.Phone, the phone the
// registry holds (R52).
func (p Person) ReachedAt() models.Phone {
	if !p.ContactPhone.IsZero() {
		return p.ContactPhone
	}
	return p.Phone
}

// MayActOnline says whether a session may stand for this person: not for the dead, nor for a record that was merged
// into another.
func (p Person) MayActOnline() bool { return p.LivingStatus != Deceased && p.MergedInto == "" }
