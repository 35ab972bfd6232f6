package card

import (
	"slices"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// CommandKind is what the registry is told.
type CommandKind string

// The kinds of command.
const (
	CommandLoss        CommandKind = "loss"
	CommandRelease     CommandKind = "release"
	CommandApplication CommandKind = "application"
	CommandCorrection  CommandKind = "correction" // a returned application, put right
	CommandWithdrawal  CommandKind = "withdrawal" // an application is taken back

	CommandReplacement           CommandKind = "replacement"
	CommandReplacementCorrection CommandKind = "replacement_correction" // a returned one, put right
	CommandReplacementWithdrawal CommandKind = "replacement_withdrawal"
)

// ApplicationCommands are those of first applications. They stand outside the order of a card's commands.
var ApplicationCommands = []CommandKind{CommandApplication, CommandCorrection, CommandWithdrawal}

func (k CommandKind) ofApplication() bool { return slices.Contains(ApplicationCommands, k) }

// ReplacementCommands are those of replacements. They name the old card, and stand outside the order of its commands.
var ReplacementCommands = []CommandKind{CommandReplacement, CommandReplacementCorrection, CommandReplacementWithdrawal}

func (k CommandKind) ofReplacement() bool { return slices.Contains(ReplacementCommands, k) }

// CommandState is the state of a command. The row is the queue.
type CommandState string

// The states of a command (design 7).
const (
	CommandRequested  CommandState = "requested" // surely not sent
	CommandSending    CommandState = "sending"   // an attempt holds the lease
	CommandUnknown    CommandState = "unknown"   // asked, no answer
	CommandConfirmed  CommandState = "confirmed"
	CommandRefused    CommandState = "refused"
	CommandWithdrawn  CommandState = "withdrawn"  // never sent, taken back
	CommandExpired    CommandState = "expired"    // the registry must not act on it any more
	CommandSuperseded CommandState = "superseded" // a newer command of the card stands in its place
)

// CommandEvent is what happens to a command.
type CommandEvent string

// The events of a command.
const (
	CommandLeased         CommandEvent = "leased"
	CommandNotSent        CommandEvent = "surely_not_sent"
	CommandAnswerMissing  CommandEvent = "answer_missing"
	CommandAnsweredDone   CommandEvent = "answered_done"
	CommandAnsweredNo     CommandEvent = "answered_no"
	CommandTakenBack      CommandEvent = "taken_back"
	CommandTimePassed     CommandEvent = "not_after_passed"
	CommandReplacedByNext CommandEvent = "replaced_by_next"
)

// CommandFlow is the table of design 7.
var CommandFlow = flow.New("registry command", CommandRequested,
	flow.Edge[CommandState, CommandEvent]{From: CommandRequested, On: CommandLeased, To: CommandSending},
	flow.Edge[CommandState, CommandEvent]{From: CommandRequested, On: CommandTakenBack, To: CommandWithdrawn},
	flow.Edge[CommandState, CommandEvent]{From: CommandRequested, On: CommandTimePassed, To: CommandExpired},
	flow.Edge[CommandState, CommandEvent]{From: CommandRequested, On: CommandReplacedByNext, To: CommandSuperseded},
	flow.Edge[CommandState, CommandEvent]{From: CommandSending, On: CommandNotSent, To: CommandRequested},
	flow.Edge[CommandState, CommandEvent]{From: CommandSending, On: CommandAnswerMissing, To: CommandUnknown},
	flow.Edge[CommandState, CommandEvent]{From: CommandSending, On: CommandAnsweredDone, To: CommandConfirmed},
	flow.Edge[CommandState, CommandEvent]{From: CommandSending, On: CommandAnsweredNo, To: CommandRefused},
	flow.Edge[CommandState, CommandEvent]{From: CommandSending, On: CommandReplacedByNext, To: CommandSuperseded},
	flow.Edge[CommandState, CommandEvent]{From: CommandUnknown, On: CommandLeased, To: CommandSending},
	flow.Edge[CommandState, CommandEvent]{From: CommandUnknown, On: CommandAnsweredDone, To: CommandConfirmed},
	flow.Edge[CommandState, CommandEvent]{From: CommandUnknown, On: CommandAnsweredNo, To: CommandRefused},
	flow.Edge[CommandState, CommandEvent]{From: CommandUnknown, On: CommandTimePassed, To: CommandExpired},
	flow.Edge[CommandState, CommandEvent]{From: CommandUnknown, On: CommandReplacedByNext, To: CommandSuperseded},
)

// Command is one thing to tell the registry, until it is settled.
type Command struct {
	ID        models.ID // also the request id at the registry
	Kind      CommandKind
	PersonID  models.ID
	PersonRef models.PersonRef
	CardID    models.ID // empty for a first application; of a replacement the old card
	CardRef   models.CardRef
	SubjectID models.ID // the loss report, application or replacement it serves
	CardSeq   int64     // orders loss and release of one card; 0 for others
	LossKind  LossKind
	Channel   models.Channel
	State     CommandState
	Attempt   int
	NotAfter  time.Time // the registry refuses it later
	LeaseEnds time.Time
	DueAt     time.Time
	CreatedAt time.Time
	SettledAt time.Time
	Reference string // the registry's
	Code      string // the registry's answer code or reason
}

// Unfinished reports whether the registry may still act on it.
func (c Command) Unfinished() bool {
	return c.State == CommandRequested || c.State == CommandSending || c.State == CommandUnknown
}

// InFlight reports whether some attempt may have reached the registry.
func (c Command) InFlight() bool { return c.State == CommandSending || c.State == CommandUnknown }

// Outcome is the registry's verdict on a command.
type Outcome string

// The outcomes.
const (
	OutcomeDone     Outcome = "done"     // code 00
	OutcomeAlready  Outcome = "already"  // code 01: in force, origin unknown
	OutcomeAccepted Outcome = "accepted" // an application, its correction, or a replacement is in work
	OutcomeRefused  Outcome = "refused"
)

// Answer is what the registry said to one command.
type Answer struct {
	Outcome     Outcome
	Code        string // 00, 01, or a reason code
	Reference   string
	EffectiveAt time.Time
	ExpiresAt   time.Time
	CardVersion int64
	// ApplicationVersion is that of the application's fact after the command; 0 where the source does not say.
	ApplicationVersion int64
}
