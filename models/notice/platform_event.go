package notice

import (
	"regexp"
	"time"

	"onecard/models"
)

// PlatformEventKind says what a platform tells about messages without being asked.
type PlatformEventKind string

// The kinds of event.
const (
	ConsentAsked   PlatformEventKind = "consent_asked"   // what its pop-up was answered (subscribe_msg_popup_event)
	ConsentChanged PlatformEventKind = "consent_changed" // what she set in its own pages (subscribe_msg_change_event)
	MessageEnded   PlatformEventKind = "message_ended"   // subscribe_msg_sent_event, TEMPLATESENDJOBFINISH
	Followed       PlatformEventKind = "followed"        // she follows the service account or the life account
	Unfollowed     PlatformEventKind = "unfollowed"
)

// PlatformEvent is one event, already believed. It may come twice, late or for an account that is not ours: what it
// leads to is the same each time.
type PlatformEvent struct {
	Channel Channel
	App     string // the app's id at its platform
	OpenID  string // never logged
	Kind    PlatformEventKind
	At      time.Time // the platform's
	Items   []PlatformEventItem
}

// PlatformEventItem is one template of a consent, or one message that ended.
type PlatformEventItem struct {
	TemplateID string // empty where the platform does not say
	Answer     Answered
	MessageID  string // the platform's, as Handed.ID
	Delivered  bool
	Code       string // the platform's word for a message that did not arrive
}

// Answered is a citizen's answer to a platform's pop-up about one template.
type Answered string

// The answers.
const (
	AnsweredAccept Answered = "accept"
	AnsweredReject Answered = "reject"
	AnsweredBan    Answered = "ban"    // the platform itself stopped the template
	AnsweredFilter Answered = "filter" // the platform did not show it, for its title is another's too: nothing was answered
	AnsweredAlways Answered = "always" // a standing consent, which only long-term templates know
)

// MessageCodes of a message that the platform took and then did not show.
const (
	CodeUserBlock  = "user_block"  // she takes none of the account's messages
	CodeUserRefuse = "user_refuse" // she takes none of this template
)

// ConsentTold is what an event says of one topic.
type ConsentTold struct {
	Topic  Topic // empty: the account as a whole (following)
	Answer Answered
	Reason OffReason // with reject and ban
}

// Consents are the changes of consents in the event, by the topics of the app's templates; templates of nobody's are
// left out.
func (e PlatformEvent) Consents(topicOf func(templateID string) (Topic, bool)) []ConsentTold {
	switch e.Kind {
	case Followed:
		return []ConsentTold{{Answer: AnsweredAccept}}
	case Unfollowed:
		return []ConsentTold{{Answer: AnsweredReject, Reason: OffUnfollowed}}
	}
	var out []ConsentTold
	for _, item := range e.Items {
		if reason := e.refusesAll(item); reason != "" {
			out = append(out, ConsentTold{Answer: AnsweredReject, Reason: reason})
			continue
		}
		topic, ours := topicOf(item.TemplateID)
		if !ours {
			continue
		}
		switch told := (ConsentTold{Topic: topic, Answer: item.Answer}); {
		case e.Kind == MessageEnded && item.Code == CodeUserRefuse:
			told.Answer, told.Reason = AnsweredReject, OffRefused
			out = append(out, told)
		case e.Kind == MessageEnded:
		case item.Answer == AnsweredReject && e.Kind == ConsentChanged:
			told.Reason = OffSwitched
			out = append(out, told)
		case item.Answer == AnsweredReject:
			told.Reason = OffRejected
			out = append(out, told)
		case item.Answer == AnsweredBan:
			told.Reason = OffBanned
			out = append(out, told)
		case item.Answer == AnsweredAccept || item.Answer == AnsweredAlways:
			out = append(out, told)
		}
	}
	return out
}

// refusesAll says why a message's end tells that the account takes none at all: a follower has no consents to topics.
func (e PlatformEvent) refusesAll(item PlatformEventItem) OffReason {
	switch {
	case e.Kind == MessageEnded && item.Code == CodeUserBlock:
		return OffBlocked
	case e.Kind == MessageEnded && item.Code == CodeUserRefuse && e.Channel.Followed():
		return OffRefused
	}
	return ""
}

var receiptWord = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,60}$`)

// Receipts are the ends of messages in the event. The platform names a message by its own id only, under which Handed
// gave it: vendor is the channel.
func (e PlatformEvent) Receipts() []Receipt {
	if e.Kind != MessageEnded {
		return nil
	}
	var out []Receipt
	for _, item := range e.Items {
		if !receiptWord.MatchString(item.MessageID) {
			continue
		}
		r := Receipt{Vendor: string(e.Channel), VendorID: item.MessageID, Delivered: item.Delivered, At: models.Instant(e.At)}
		if !item.Delivered {
			if r.Code = item.Code; !receiptWord.MatchString(r.Code) {
				r.Code = "failed"
			}
		}
		out = append(out, r)
	}
	return out
}
