package hotline

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
)

// mostNote is how long the note of a call may be, in characters.
const mostNote = 1000

// CallResult is what a call came to.
type CallResult string

// resultWords are the results, with what an agent reads behind 12333来电.
var resultWords = map[string]string{
	"answered": "(已答复)", "done": "(已办理)", "ordered": "(已登记工单)", "guided": "(已引导到网点或线上)", "cut_off": "(通话中断)",
	"not_verified": "(身份核验未通过)", "no_matter": "(无业务需求)",
}

// CallNote is what an agent writes down about a call. The text is free, sealed in the store, and kept for less long than the call.
type CallNote struct {
	Text   string
	Result CallResult
	At     time.Time
}

// NoteCall writes the note and the result of the agent's own call, while it is open and for a while after: again as often as
// is needed, the last one stands. The text is kept as it was typed, and shown as text. ErrNoteTooLong; ErrNoteHasNumber for
// what looks like an ID number or a bank card's; ErrResultUnknown; models.ErrNotFound for another's call; ErrNoActiveCall
// when it is too late.
func (s *Service) NoteCall(ctx context.Context, by models.Actor, callID models.ID, text string, result CallResult) (CallNote, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return CallNote{}, err
	}
	text = strings.TrimSpace(text)
	switch {
	case utf8.RuneCountInString(text) > mostNote:
		return CallNote{}, ErrNoteTooLong
	case holdsNumber(text):
		return CallNote{}, ErrNoteHasNumber
	case resultWords[string(result)] == "":
		return CallNote{}, ErrResultUnknown
	}
	note := CallNote{Text: text, Result: result, At: s.Clock.Now()}
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "calls", string(callID))
		if err != nil || prior != "" {
			return err
		}
		call, err := s.Calls.CallByID(ctx, callID)
		if err != nil {
			return err
		}
		if call.StaffID != by.ID {
			return models.ErrNotFound
		}
		if call.LeftAt(note.At) && (call.ClosedAt.IsZero() || note.At.Sub(call.ClosedAt) > s.limits().WrapUp) {
			return ErrNoActiveCall
		}
		if err := s.Calls.NoteCall(ctx, callID, note); err != nil {
			return err
		}
		by.CallID, by.Subject = callID, call.PersonID
		return s.record(ctx, by, "hotline.call.noted", "calls", string(callID), string(result))
	})
	return note, err
}

// NoteOf is the note of the agent's own call; models.ErrNotFound for another's.
func (s *Service) NoteOf(ctx context.Context, by models.Actor, callID models.ID) (CallNote, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return CallNote{}, err
	}
	call, err := s.Calls.CallByID(ctx, callID)
	if err != nil {
		return CallNote{}, err
	}
	if call.StaffID != by.ID {
		return CallNote{}, models.ErrNotFound
	}
	return s.Calls.NoteOf(ctx, callID)
}

// leastNumber is how many digits in a row look like an ID number (15, 18) or a bank card's (16 to 19), with room for one digit
// that was left out.
const leastNumber = 14

const (
	writtenDigits = "01234567890123456789〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖"
	betweenDigits = "-_.·*—  \t\n "
)

var receiptForm = regexp.MustCompile(`[0-9]{8}-[0-9]{8}-[0-9]`)

// holdsNumber reports whether a text holds an ID or bank number, however its digits are written and parted. Our own receipt
// numbers may be noted.
func holdsNumber(text string) bool {
	text = receiptForm.ReplaceAllStringFunc(text, func(number string) string {
		if models.ValidReceiptNumber(number) {
			return "号"
		}
		return number
	})
	var run strings.Builder
	looks := func() bool {
		n := run.Len()
		run.Reset()
		return n >= leastNumber
	}
	for _, r := range text {
		switch i := strings.IndexRune(writtenDigits, r); {
		case i >= 0:
			run.WriteByte(byte('0' + utf8.RuneCountInString(writtenDigits[:i])%10))
		case strings.ContainsRune(betweenDigits, r):
		case looks():
			return true
		}
	}
	return looks()
}
