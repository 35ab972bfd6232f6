package notice

import (
	"slices"

	"onecard/models"
)

// Ladder says over which channels a topic is told (R62); it is policy.
type Ladder string

// The ladders.
const (
	LadderSMS      Ladder = "sms"
	LadderBoth     Ladder = "sms_and_platform"  // the SMS always, a platform's message in addition
	LadderPlatform Ladder = "platform_else_sms" // a platform's message where there is a consent, else the SMS
	LadderInbox    Ladder = "inbox"             // the inbox only
)

// LadderChoices are the ladders a topic may have, the default first. Codes are not among them: they go by SMS.
var LadderChoices = map[Topic][]Ladder{
	TopicLoss:       {LadderBoth, LadderSMS},
	TopicAccount:    {LadderSMS, LadderBoth}, // a stranger's account may be the one that was bound: the SMS never waits for it
	TopicArrivals:   {LadderBoth, LadderSMS},
	TopicPayday:     {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
	TopicProgress:   {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
	TopicFees:       {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
	TopicAnswers:    {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
	TopicDependants: {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
	TopicCampaigns:  {LadderPlatform, LadderBoth, LadderSMS, LadderInbox},
}

// DefaultLadder is a topic's ladder where policy says nothing.
func DefaultLadder(t Topic) Ladder {
	if choices := LadderChoices[t]; len(choices) > 0 {
		return choices[0]
	}
	return LadderSMS
}

// Wishes is what is known of the one who is told when her notice is planned.
type Wishes struct {
	Accounts []Hop     // accounts that take a message on this topic, the one used last first
	Off      []Channel // channels she switched off for this topic
}

// Plan says over which ways a notice goes. Each route is tried on its own; within a route the next way is tried when
// the one before surely did not reach her. What goes to a certain phone, and a code, goes there by SMS and nowhere else.
func Plan(d Draft, ladder Ladder, w Wishes) [][]Hop {
	topic, sms := d.Kind.Topic(), []Hop{{Channel: SMS}}
	if topic == TopicCodes || d.To != ToRegistryPhone || d.ToRef != "" || d.PersonID == "" {
		return [][]Hop{sms}
	}
	if topic.Switchable() && slices.Contains(w.Off, SMS) {
		sms = nil
	}
	var platforms []Hop
	for _, channel := range Platforms {
		at := slices.IndexFunc(w.Accounts, func(h Hop) bool { return h.Channel == channel && h.AccountID != "" })
		if at >= 0 && !slices.Contains(w.Off, channel) {
			platforms = append(platforms, w.Accounts[at])
		}
	}
	switch ladder {
	case LadderInbox:
		return nil
	case LadderSMS:
		return routes(sms)
	case LadderBoth:
		return routes(sms, platforms)
	default:
		return routes(append(platforms, sms...))
	}
}

func routes(list ...[]Hop) [][]Hop {
	return slices.DeleteFunc(list, func(r []Hop) bool { return len(r) == 0 })
}

// AboutOf is whose notices a wish counts for: the child's a guardian is told of, else one's own.
func (d Draft) AboutOf() models.ID { return aboutOf(d.PersonID, d.About) }

func aboutOf(person, about models.ID) models.ID {
	if about != "" {
		return about
	}
	return person
}
