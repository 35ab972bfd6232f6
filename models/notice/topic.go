package notice

import "slices"

// Topic is what a citizen can switch: a group of kinds that she knows by one word.
type Topic string

// The topics.
const (
	TopicCodes      Topic = "codes"      // one-time codes: asked for at this moment, never switched off
	TopicLoss       Topic = "loss"       // losses and releases: the SMS always goes (R62)
	TopicAccount    Topic = "account"    // bindings, phone numbers, who may act for her: safety, the SMS always goes
	TopicArrivals   Topic = "arrivals"   // arrivals and their corrections; only the holder switches the SMS off (R12)
	TopicPayday     Topic = "payday"     // a subsidy is coming and something is missing (R5)
	TopicProgress   Topic = "progress"   // applications and replacements
	TopicFees       Topic = "fees"       // the fee of a replacement
	TopicAnswers    Topic = "answers"    // answers to what she asked or reported
	TopicDependants Topic = "dependants" // steps of a child's card
	TopicCampaigns  Topic = "campaigns"  // reminders sent to many at once
)

// Topics lists the topics in the order in which they are shown.
var Topics = []Topic{
	TopicCodes, TopicLoss, TopicAccount, TopicArrivals, TopicPayday, TopicProgress, TopicFees, TopicAnswers, TopicDependants,
	TopicCampaigns,
}

// Switchable reports whether a citizen may switch the topic's SMS off. Platform messages may always be switched off.
func (t Topic) Switchable() bool {
	return !slices.Contains([]Topic{TopicCodes, TopicLoss, TopicAccount}, t)
}

// Limited reports whether the topic's text messages count towards a person's day: the bulk. Money that goes back, answers to
// what she asked and steps of her child do not.
func (t Topic) Limited() bool {
	return slices.Contains([]Topic{TopicArrivals, TopicPayday, TopicProgress, TopicCampaigns}, t)
}

var topics = map[Topic][]Kind{
	TopicCodes: {Code, CodePhoneChange, CodeCall},
	TopicLoss: {
		LossEffective, LossElsewhere, LossRefused, LossReleased, LossRenewed, LossLapsed, LossExpiring, ReleaseRefused, ReleaseExpired,
		CardVoided, GuardianLoss, GuardianLossStep,
	},
	TopicAccount: {
		PhoneChangeOld, PhoneChanged, PhoneChangeCancelled, Bound, Unbound, TextsOff, GuardianProved, GuardianRefused, GuardianAdded, GuardianForYou,
		GuardianOver, OfAge, HelperNamed, HelperActive, HelperActed, RelationEnded,
	},
	TopicArrivals: {Arrival, ArrivalReversed, ArrivalReturned, ArrivalWithdrawn},
	TopicPayday:   {PaydayAccount, PaydayCard},
	TopicProgress: {
		ApplicationAccepted, ApplicationRefused, ApplicationBankFailed, ApplicationProducing, ApplicationReady, ApplicationCollected,
		ApplicationReturned, ApplicationUncollected, ApplicationWithdrawn, ApplicationNotWithdrawn, ReplacementAccepted, ReplacementRefused,
		ReplacementBankFailed, ReplacementReady, ReplacementUncollected, ReplacementCompleted, ReplacementActivate, ReplacementReturned,
		ReplacementWithdrawn, ReplacementNotWithdrawn, ReplacementLapsed,
	},
	TopicFees:       {FeePaid, FeeRefunded, FeeReceipt},
	TopicAnswers:    {ReportAnswered, EnquiryAnswered, EnquiryExtended, EnquiryClosed, GuideSlip, OutletSlip, AgentTask},
	TopicDependants: {GuardianProgress},
	TopicCampaigns:  {CampaignRenewal, CampaignCertification},
}

var topicOf = func() map[Kind]Topic {
	m := map[Kind]Topic{}
	for t, kinds := range topics {
		for _, k := range kinds {
			m[k] = t
		}
	}
	return m
}()

// Kinds are the kinds of the topic.
func (t Topic) Kinds() []Kind { return slices.Clone(topics[t]) }

// Topic is the kind's topic. A kind of a newer release has none, and is switched off by nobody.
func (k Kind) Topic() Topic { return topicOf[k] }
