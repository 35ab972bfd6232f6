package notice

import (
	"strings"
	"time"

	"onecard/models"
)

// ReplyWord is what a reply asks for. The text itself is a person's own words: it is read once and kept nowhere.
type ReplyWord string

// The words.
const (
	ReplyStop   ReplyWord = "stop"
	ReplyResume ReplyWord = "resume"
	ReplyOther  ReplyWord = "other" // not for us to understand: 12333 answers questions
)

// Reply is a text message that somebody sent back to our number.
type Reply struct {
	Vendor string
	Phone  models.Phone
	Word   ReplyWord
	At     time.Time // zero: not told
}

// replyWords are whole replies, as carriers teach people to write them, and their undoing [choice].
var replyWords = map[string]ReplyWord{
	"T": ReplyStop, "TD": ReplyStop, "R": ReplyStop, "退订": ReplyStop, "拒收": ReplyStop, "退订短信": ReplyStop,
	"恢复": ReplyResume, "恢复短信": ReplyResume, "HF": ReplyResume,
}

// ReadReply understands a reply that is one of the words, and nothing longer: "请不要退订" is no order.
func ReadReply(text string) ReplyWord {
	if len(text) > 64 {
		return ReplyOther
	}
	word := strings.ToUpper(strings.Map(narrow, text))
	word = strings.Trim(word, " \t\r\n.。!！,，\"'“”‘’【】[]()（）")
	if w, ok := replyWords[word]; ok {
		return w
	}
	return ReplyOther
}

// narrow turns full-width letters into plain ones.
func narrow(r rune) rune {
	if r >= 'Ａ' && r <= 'ｚ' {
		return r - 'Ａ' + 'A'
	}
	if r == '\u3000' {
		return ' '
	}
	return r
}
