package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"onecard/models/subsidy"
)

// lineParser reads payment lines by the million. It knows one plain shape (the contract's names, strings without
// escapes, whole numbers, instants in UTC) and leaves everything else to encoding/json, with which it must agree about
// every line: a fuzz target holds it to that. What repeats from line to line is kept once.
type lineParser struct {
	last, this wireLine
	sound      wireLineKey // a key that was found proper
	strict     bool        // a member that nobody knows is refused
}

// parse reads one line; what it gives is good until the next.
func (p *lineParser) parse(raw []byte) (*wireLine, error) {
	p.last, p.this = p.this, wireLine{}
	if !p.plain(raw, &p.this) {
		p.this = wireLine{}
		if err := p.odd(raw); err != nil {
			p.this = p.last
			return nil, err
		}
	}
	return &p.this, nil
}

// odd reads a line of any shape.
func (p *lineParser) odd(raw []byte) error {
	if !p.strict {
		if json.Unmarshal(raw, &p.this) != nil {
			return errMalformed
		}
		return nil
	}
	var named struct {
		*wireLine
		ID any `json:"id"` // the contract's name of the line, made of its key
	}
	named.wireLine = &p.this
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&named) != nil {
		return errMalformed
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMalformed
	}
	return nil
}

// line reads one payment. The lines of a batch share their month and their batch: those are judged once.
func (p *lineParser) line(raw []byte) (subsidy.Line, error) {
	w, err := p.parse(raw)
	if err != nil {
		return subsidy.Line{}, err
	}
	if w.BatchID == "" || w.PayeeRef == "" {
		return subsidy.Line{}, errNoReference
	}
	if k := w.wireLineKey; k.LedgerMonth != p.sound.LedgerMonth || k.BatchID != p.sound.BatchID || k.LineNo < 1 || k.LineNo > mostLines {
		if !k.key().Proper() {
			return subsidy.Line{}, errKeyForm
		}
		p.sound = k
	}
	return w.told(), nil
}

// mostLines is the highest number of a line that a key can name.
const mostLines = 999_999_999

// plain reports whether the line has the plain shape; then w holds it.
func (p *lineParser) plain(raw []byte, w *wireLine) bool {
	s := scan{b: raw}
	ok := s.members(func(name []byte) bool { return p.field(&s, name, w) })
	s.space()
	return ok && s.i == len(raw)
}

// field reads the value of one member. A name it does not have is not for it to judge.
func (p *lineParser) field(s *scan, name []byte, w *wireLine) bool {
	last := &p.last
	switch string(name) {
	case "id":
		_, ok := s.text()
		return ok
	case "ledger_month":
		return s.word(&w.LedgerMonth, last.LedgerMonth)
	case "batch_id":
		return s.word(&w.BatchID, last.BatchID)
	case "line_no":
		return s.count(&w.LineNo)
	case "programme_code":
		return s.word(&w.Programme, last.Programme)
	case "programme_version":
		return s.count(&w.Edition)
	case "district":
		return s.word(&w.District, last.District)
	case "beneficiary_ref":
		return s.word(&w.BeneficiaryRef, w.PayeeRef)
	case "payee_ref":
		return s.word(&w.PayeeRef, w.BeneficiaryRef)
	case "payee_kind":
		return s.word(&w.PayeeKind, last.PayeeKind)
	case "household_ref":
		return s.word(&w.HouseholdRef, last.HouseholdRef)
	case "amount_fen":
		return s.number(&w.AmountFen)
	case "period":
		return s.word(&w.Period, last.Period)
	case "state":
		return s.word(&w.State, last.State)
	case "credit_no":
		return s.word(&w.CreditNo, "")
	case "paying_bank":
		return s.word(&w.PayingBank, last.PayingBank)
	case "account_bank":
		return s.word(&w.AccountBank, last.AccountBank)
	case "account_tail":
		return s.word(&w.AccountTail, last.AccountTail)
	case "old_channel":
		return s.truth(&w.OldChannel)
	case "return_reason":
		return s.word(&w.ReturnReason, last.ReturnReason)
	case "version":
		return s.number(&w.Version)
	}
	return instantField(s, name, w)
}

func instantField(s *scan, name []byte, w *wireLine) bool {
	switch string(name) {
	case "planned_at":
		return s.instant(&w.PlannedAt)
	case "publicised_at":
		return s.instant(&w.PublicisedAt)
	case "approved_at":
		return s.instant(&w.ApprovedAt)
	case "sent_at":
		return s.instant(&w.SentAt)
	case "credited_at":
		return s.instant(&w.CreditedAt)
	case "returned_at":
		return s.instant(&w.ReturnedAt)
	case "changed_at":
		return s.instant(&w.ChangedAt)
	}
	return false
}

// scan walks over the bytes of one JSON value. Every method reports false where it met anything but the plain form.
type scan struct {
	b []byte
	i int
}

func (s *scan) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r' || s.b[s.i] == '\n') {
		s.i++
	}
}

// mark takes one byte, with the space around it.
func (s *scan) mark(c byte) bool {
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != c {
		return false
	}
	s.i++
	s.space()
	return true
}

// members walks over an object; each reads the value of the member it is given.
func (s *scan) members(each func(name []byte) bool) bool {
	if !s.mark('{') {
		return false
	}
	for {
		name, ok := s.text()
		if !ok || !s.mark(':') || !each(name) {
			return false
		}
		if s.mark('}') {
			return true
		}
		if !s.mark(',') {
			return false
		}
	}
}

// text is a string without escapes, in sound UTF-8.
func (s *scan) text() ([]byte, bool) {
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return nil, false
	}
	s.i++
	begin, ascii := s.i, true
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			out := s.b[begin:s.i]
			s.i++
			return out, ascii || utf8.Valid(out)
		case c == '\\' || c < ' ':
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

// word is a string that mostly says what the one before it said.
func (s *scan) word(into *string, before string) bool {
	t, ok := s.text()
	if string(t) == before {
		*into = before
	} else {
		*into = string(t)
	}
	return ok
}

// number is a whole number of at most eighteen digits.
func (s *scan) number(into *int64) bool {
	negative := s.i < len(s.b) && s.b[s.i] == '-'
	if negative {
		s.i++
	}
	begin, n := s.i, int64(0)
	for ; s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9'; s.i++ {
		n = n*10 + int64(s.b[s.i]-'0')
		if s.i-begin >= 18 {
			return false
		}
	}
	if s.i == begin || s.b[begin] == '0' && s.i > begin+1 {
		return false
	}
	if negative {
		n = -n
	}
	*into = n
	return true
}

func (s *scan) count(into *int) bool {
	var n int64
	ok := s.number(&n)
	*into = int(n)
	return ok
}

func (s *scan) truth(into *bool) bool {
	for _, word := range [...]string{"false", "true"} {
		if len(s.b)-s.i >= len(word) && string(s.b[s.i:s.i+len(word)]) == word {
			s.i += len(word)
			*into = word == "true"
			return true
		}
	}
	return false
}

// instant is RFC 3339 in UTC: 2021-12-20T01:02:03Z, with up to nine digits behind the second.
func (s *scan) instant(into *time.Time) bool {
	t, ok := s.text()
	if !ok || len(t) < 20 || t[len(t)-1] != 'Z' || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' {
		return false
	}
	year, month, day := digits(t[:4]), digits(t[5:7]), digits(t[8:10])
	hour, minute, second := digits(t[11:13]), digits(t[14:16]), digits(t[17:19])
	nanos := 0
	if part := t[19 : len(t)-1]; len(part) > 0 {
		if part[0] != '.' || len(part) < 2 || len(part) > 10 {
			return false
		}
		if nanos = digits(part[1:]); nanos < 0 {
			return false
		}
		for range 10 - len(part) {
			nanos *= 10
		}
	}
	if year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return false
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if at.Day() != day { // a day the month does not have
		return false
	}
	*into = at
	return true
}

// digits reads a number of digits only; anything else is negative.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
