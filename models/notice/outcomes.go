package notice

import "strings"

// CountedAs is what became of one message on one channel, as it is counted.
type CountedAs string

// The outcomes.
const (
	CountedQueued    CountedAs = "queued"    // it waits for this channel
	CountedSent      CountedAs = "sent"      // taken
	CountedDelivered CountedAs = "delivered" // the receipt says so
	CountedFailed    CountedAs = "failed"    // for good, on this channel
	CountedUnknown   CountedAs = "unknown"
	CountedWithheld  CountedAs = "withheld" // by the citizen's wish, by the bank's sending, by a dead number
)

// Counter counts messages for operators. It must be quick and cannot fail.
type Counter interface {
	MessageCounted(channel Channel, vendor string, lane Lane, what CountedAs, reason string)
}

// reasonClasses fold codes of carriers, vendors and ours into a few words: a figure has few labels.
var reasonClasses = []struct {
	class string
	codes []string // each a part of the code
}{
	{"number", []string{"MOBILE_NUMBER_ILLEGAL", "MOBILE_NOT_ON_SERVICE", "NO_ROUTE", "BLACKLIST", "BLACK", "PhoneNumberInvalid", "InvalidParameterValue.IncorrectPhoneNumber", "MK:0001", "MK:0000", "MK:0004", "no_phone", "dead_number"}},
	{"phone", []string{"MOBILE_ACCOUNT_ABNORMAL", "MOBILE_SEND_LIMIT", "MOBILE_TERMINAL_ERROR", "UNDELIV", "EXPIRED", "MK:"}},
	{"limit", []string{"LIMIT_CONTROL", "LimitExceeded", "Throttling", "RequestLimitExceeded", "vendor_cap", ReasonTooMany, reasonOthersFirst}},
	{"text", []string{"TEMPLATE", "Template", "CONTENT", "Content", "PARAM", "SIGN", "Sign", "SensitiveWords", "template_not_set", ReasonNotApproved, reasonBookUnread, "params", "REJECT"}},
	{"account", []string{"AMOUNT_NOT_ENOUGH", "OUT_OF_SERVICE", "AccessKey", "PRODUCT_UN_SUBSCRIPT", "ACCOUNT_", "AuthFailure", "UnauthorizedOperation", "InsufficientBalance"}},
	{"reach", []string{"not_connected", "no_answer", "answer_not_understood", "vendor_rests", "isp."}},
	{"wish", []string{"stopped_by_holder", "switched_off", "sent_by_bank"}},
	{"time", []string{"expired", "code_is_gone", "replaced"}},
}

// ReasonClass is the class of a reason: empty for none, "other" for one that is not known.
func ReasonClass(code string) string {
	if code == "" {
		return ""
	}
	for _, c := range reasonClasses {
		for _, part := range c.codes {
			if strings.Contains(code, part) {
				return c.class
			}
		}
	}
	return "other"
}
