package citizen

import (
	"time"

	"onecard/models"
)

// MaxOpenID is the longest platform identifier we keep (R52): open ids have no fixed length.
const MaxOpenID = 128

// PlatformIdentity is who a platform says has logged in. Only (platform, app id, open id) names an account; the
// others are kept for joining and never trusted as a key.
type PlatformIdentity struct {
	OpenID  string
	UnionID string
	UserID  string // Alipay's old 2088… number, where it still comes
}

// Account is one platform account: a WeChat or Alipay user as one of our apps sees it. It binds at most one person;
// a person may bind several.
type Account struct {
	ID       models.ID
	Platform models.Channel
	AppID    string
	OpenID   string
	UnionID  string
	UserID   string
	Handle   string       // names ready data of an account not yet bound
	PersonID models.ID    // empty before binding
	Level    models.Level // LevelPhone or LevelReal once bound: how surely it was bound
	BoundAt  time.Time    // R35: an account bound after a loss waits 24 h
	BoundBy  BindMethod
	MadeAt   time.Time
	SeenAt   time.Time // the last log-in
}

// Bound reports whether the account stands for a person.
func (a Account) Bound() bool { return a.PersonID != "" }

// BindMethod says how an account came to stand for a person.
type BindMethod string

// The ways to bind (R52). Name, ID number and one's own phone are not among them.
const (
	ByRegistryPhone BindMethod = "registry_phone" // a code to the phone the registry holds: level phone
	ByRealPerson    BindMethod = "real_person"    // the platform's real-person check: level real
	BySlip          BindMethod = "slip"           // a one-time slip from a window: level real
)

// Level is how surely the method knows the person. A code to a phone proves only the phone.
func (m BindMethod) Level() models.Level {
	switch m {
	case ByRealPerson, BySlip:
		return models.LevelReal
	case ByRegistryPhone:
		return models.LevelPhone
	}
	return models.LevelPlatform
}
