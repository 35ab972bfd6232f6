package models

import "time"

// ActorKind says who acts.
type ActorKind string

// The kinds of actor.
const (
	CitizenActor ActorKind = "citizen"
	AgentActor   ActorKind = "agent"
	SystemActor  ActorKind = "system"
)

// Channel says through which door an act came. It is written into audit rows and told to the registry.
type Channel string

// The channels of design 4.
const (
	WechatMini Channel = "wechat_mini"
	WechatOA   Channel = "wechat_oa"
	AlipayMini Channel = "alipay_mini"
	AlipayLife Channel = "alipay_life"
	Phone12333 Channel = "phone"
	Registry   Channel = "registry"
	JobChannel Channel = "job"
	Console    Channel = "console"
)

// CitizenChannels are the doors citizens use themselves.
var CitizenChannels = []Channel{WechatMini, WechatOA, AlipayMini, AlipayLife}

// Level says how surely we know who is in front of us (design 4). Levels are ordered.
type Level int

// The levels, weakest first.
const (
	LevelGuest    Level = iota // no login
	LevelPlatform              // logged in on WeChat or Alipay
	LevelPhone                 // a code to the phone the registry holds
	LevelReal                  // a real-person check
	LevelFresh                 // a real-person check at most ten minutes ago
)

var levelWords = [...]string{"guest", "platform", "phone", "real", "fresh"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelWords) {
		return "unknown"
	}
	return levelWords[l]
}

// ParseLevel reads the word of a level.
func ParseLevel(s string) (Level, bool) {
	for i, w := range levelWords {
		if w == s {
			return Level(i), true
		}
	}
	return 0, false
}

// FreshFor is how long a real-person check counts as fresh (R35).
const FreshFor = 10 * time.Minute

// Capacity says by what right a citizen acts for somebody else than herself.
type Capacity string

// The capacities. Powers differ by capacity and by act: policy's gate holds the table.
const (
	AsSelf     Capacity = ""
	AsGuardian Capacity = "guardian" // of a person under 16 (监护人, R23)
	AsHelper   Capacity = "helper"   // named by an adult (亲属协助)
)

// Actor is passed to every use case: who acts, for whom, through which door, how surely known.
type Actor struct {
	Kind      ActorKind
	ID        ID      // person, agent, or empty for the system
	Channel   Channel //
	Subject   ID      // the person acted for: self, a dependant, one who asked for help; empty before binding
	As        Capacity
	Relation  ID    // the guardianship or naming behind As; looked at again where something is decided
	CallID    ID    // agents: the open call
	SessionID ID    // citizens and agents: the session that authenticated
	AccountID ID    // citizens: the platform account behind the session
	Level     Level // LevelPlatform…LevelReal; LevelFresh is computed by LevelAt
	CheckedAt time.Time
}

// LevelAt is the actor's level at t: real becomes fresh while the check is young enough.
func (a Actor) LevelAt(t time.Time) Level {
	if a.Level >= LevelReal && !a.CheckedAt.IsZero() && !t.Before(a.CheckedAt) && t.Sub(a.CheckedAt) <= FreshFor {
		return LevelFresh
	}
	return min(a.Level, LevelReal)
}

// ForSelf reports whether a citizen acts for herself.
func (a Actor) ForSelf() bool { return a.Kind == CitizenActor && a.ID != "" && a.ID == a.Subject }

// System is the actor of sweeps and jobs.
func System() Actor { return Actor{Kind: SystemActor, Channel: JobChannel} }

// FromRegistry is the actor of what the registry told us.
func FromRegistry() Actor { return Actor{Kind: SystemActor, Channel: Registry} }
