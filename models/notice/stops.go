package notice

import (
	"context"
	"strings"
	"time"

	"onecard/models"
)

// StopReason says why a number gets no text messages.
type StopReason string

// The reasons.
const (
	NotStopped  StopReason = ""
	StopAsked   StopReason = "asked"       // whoever holds it answered 退订
	StopNoOwner StopReason = "dead_number" // the carrier says that there is no such number
)

// Stops is asked before a text message is handed over.
type Stops interface {
	// StoppedOf gives, of each number that is stopped, the reason that withholds most.
	StoppedOf(ctx context.Context, phones []models.Phone) (map[models.Phone]StopReason, error)
}

// StopList keeps the stops. A word counts only if it is younger than what stands there for the same reason: pushes come
// twice and in any order. Its methods give the id of the stop that changed, empty where none did.
type StopList interface {
	Stops
	Stop(ctx context.Context, phone models.Phone, reason StopReason, vendor string, at time.Time) (models.ID, error)
	// Lift ends a stop; what was counted of strikes is forgotten.
	Lift(ctx context.Context, phone models.Phone, reason StopReason, vendor string, at time.Time) (models.ID, error)
	// Strike counts a day on which the carrier said that the number may be dead, and stops it at the limit.
	Strike(ctx context.Context, phone models.Phone, vendor string, at time.Time, limit int) (models.ID, error)
	// Doubted picks the numbers that are stopped as dead or have strikes.
	Doubted(ctx context.Context, phones []models.Phone) ([]models.Phone, error)
}

// The reasons for which a notice's text message is withheld. They stand in the notice's row.
const (
	ReasonStoppedByHolder = "stopped_by_holder"
	ReasonDeadNumber      = "dead_number"
)

// Withheld reports whether a kind's text message stays behind for a stop, and why. Codes were asked for this minute, and
// a loss is told whatever happened before (R62), and so is what concerns the safety of an account. A number said to be dead
// is still tried with these: the carrier may be wrong, and what arrives there ends the stop. The inbox has every notice all the same.
func Withheld(k Kind, stopped StopReason) (reason string, withheld bool) {
	return withheldTopic(k.Topic(), stopped)
}

func withheldTopic(t Topic, stopped StopReason) (reason string, withheld bool) {
	switch {
	case stopped == NotStopped || !t.stoppable():
		return "", false
	case stopped == StopNoOwner:
		return ReasonDeadNumber, true
	}
	return ReasonStoppedByHolder, true
}

// stoppable reports whether a stop can keep a message of the topic back. A kind without a topic is a newer release's,
// which decides.
func (t Topic) stoppable() bool { return t != "" && t.Switchable() }

// Death is what a receipt's code says of the number.
type Death int

// The deaths.
const (
	Alive     Death = iota
	MaybeDead       // no such number, or only switched off: counts as a strike
	Dead            // no such number
)

// maxStrikes is on how many days a number may be called perhaps dead before it counts as dead [choice].
const maxStrikes = 3

// deathCodes are whole codes. Aliyun has one code for no such number, suspended, switched off and out of reach
// (https://help.aliyun.com/document_detail/101867.html): one of them proves nothing, on several days it does.
var deathCodes = map[string]Death{
	"MOBILE_NOT_ON_SERVICE": MaybeDead,
	"INVALID_NUMBER":        MaybeDead,
}

// mapUnknownSubscriber ends a carrier's code for a number that its register does not know (MK:0001, MN:0001, MI:0001:
// MAP user error 1, unknown subscriber, 3GPP TS 29.002; the letters say which part of the network answered) [gk].
const mapUnknownSubscriber = ":0001"

// DeathIn reads a failed receipt's code.
func DeathIn(code string) Death {
	if d, ok := deathCodes[code]; ok {
		return d
	}
	if len(code) == len("MK:0001") && strings.HasSuffix(code, mapUnknownSubscriber) {
		return Dead
	}
	return Alive
}
