package notice

import (
	"context"
	"time"

	"onecard/models"
)

// Refusals of what comes to the addresses of our accounts on platforms. Their readers are the platforms' consoles and
// our operators.
var (
	ErrMessageForged = models.NewError(models.Unauthenticated, "PLATFORM_MESSAGE_NOT_VERIFIED",
		"消息的来源未通过核验。请核对平台后台的服务器配置;如有疑问请拨打12333。")
	ErrMessagePlain = models.NewError(models.Unauthenticated, "PLATFORM_MESSAGE_NOT_ENCRYPTED",
		"只接收加密的消息。请在平台后台选择安全模式;如有疑问请拨打12333。")
	ErrMessageStale = models.NewError(models.Unauthenticated, "PLATFORM_MESSAGE_STALE",
		"消息的时间与当前时间相差过大,没有处理。请核对服务器时间;如有疑问请拨打12333。")
	ErrMessageReplayed = models.NewError(models.Conflict, "PLATFORM_MESSAGE_REPLAYED",
		"这条消息已经收到过,没有重复处理。如有疑问请拨打12333。")
	ErrMessageMalformed = models.NewError(models.Invalid, "PLATFORM_MESSAGE_MALFORMED",
		"消息的格式无法识别。请在平台后台选择XML格式;如有疑问请拨打12333。")
	ErrMessageBusy = models.NewError(models.Unavailable, "PLATFORM_MESSAGE_NOT_TAKEN",
		"消息还没有处理完,请稍后再发送;急需办理请拨打12333。")
)

// MessageKind says what a platform tells.
type MessageKind string

// The kinds of message.
const (
	MessageFollowed   MessageKind = "followed"
	MessageUnfollowed MessageKind = "unfollowed"
	MessageAsked      MessageKind = "asked"     // she wrote something
	MessageTapped     MessageKind = "tapped"    // a menu button that is a word of ours
	MessageViewed     MessageKind = "viewed"    // a menu button that opened a page
	MessageScanned    MessageKind = "scanned"   // a code of ours, by somebody who follows us
	MessageUnread     MessageKind = "unread"    // a picture, a voice, a place: nothing we read
	MessageConsented  MessageKind = "consented" // what she answered to a request for subscription messages
	MessageSettled    MessageKind = "settled"   // what became of a message we sent
	MessageIgnored    MessageKind = "ignored"   // an event of no use to us
)

// Changes reports whether a message of this kind leaves a row behind, so that it may not be acknowledged before that.
func (k MessageKind) Changes() bool {
	return k == MessageFollowed || k == MessageUnfollowed || k == MessageConsented || k == MessageSettled
}

// PlatformMessage is one message from a platform's server to one of our accounts, verified and read.
type PlatformMessage struct {
	Kind     MessageKind
	Channel  Channel
	App      string // the account's id at its platform
	From     string // the open id: never logged
	UserID   string // an older id of the same person, where the platform tells one: never logged
	At       time.Time
	Text     string // of asked. It may hold an ID number: it is answered, and neither logged nor kept
	Word     string // of tapped: the menu's word
	Scene    string // of followed and scanned: what the scanned code says
	Consents []PlatformConsent
	Receipts []PlatformReceipt
}

// PlatformConsent is what she answered about one template.
type PlatformConsent struct {
	Template string
	Answer   string // the platform's word: accept, reject
	Standing bool   // changed in the platform's own settings, for all future messages
}

// PlatformReceipt is what became of one message, in the platform's words.
type PlatformReceipt struct {
	VendorID string
	Template string
	Status   string
}

// Received is a message as an adapter hands it over, with its way back.
type Received struct {
	PlatformMessage
	// Again: a copy of one that was taken. It is acknowledged, and nothing is done.
	Again bool
	// Wait is how long the request may wait for what leaves a row behind; zero: the front's budget.
	Wait time.Duration
	// Settle ends the work on it: a message that was not taken may come again. It is called once.
	Settle func(ctx context.Context, taken bool)
	// Answer is the body to answer with; an empty text is the platform's plain acknowledgement.
	Answer func(text string) (mediaType string, body []byte)
	// Say sends the answer where the platform takes none in its own request; nil elsewhere.
	Say func(ctx context.Context, text string) error
}
