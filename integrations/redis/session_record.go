package redis

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// recordForm begins every copy of a session. A change of citizen.Session, or of the order below, takes another letter:
// what another release wrote is no copy, and the row tells.
const recordForm = "A"

// writeSession writes a session in a form that is read on every request: texts with their length before them, in one
// order. A text is cut from the record without copying.
func writeSession(s citizen.Session) []byte {
	out := append(make([]byte, 0, 512), recordForm...)
	text := func(v string) {
		out = append(binary.AppendUvarint(out, uint64(len(v))), v...)
	}
	at := func(t time.Time) {
		if t.IsZero() {
			out = append(out, 0)
			return
		}
		out = binary.AppendVarint(append(out, 1), t.UnixNano())
	}
	text(string(s.ID))
	text(string(s.Kind))
	text(s.Handle)
	text(s.SecretHash)
	text(string(s.AccountID))
	text(string(s.PersonID))
	text(string(s.Channel))
	out = binary.AppendUvarint(out, uint64(s.Level))
	at(s.CheckedAt)
	text(s.Device)
	at(s.MadeAt)
	at(s.SeenAt)
	at(s.ExpiresAt)
	at(s.EndedAt)
	text(string(s.EndedWhy))
	return binary.AppendUvarint(out, uint64(s.Version))
}

// readSession answers false for whatever is not a whole record of this form, the word of a dropped session among it.
func readSession(record string) (citizen.Session, bool) {
	record, ok := strings.CutPrefix(record, recordForm)
	if !ok {
		return citizen.Session{}, false
	}
	r := sessionReader{rest: record}
	s := citizen.Session{
		ID: models.ID(r.text()), Kind: citizen.SessionKind(r.text()), Handle: r.text(), SecretHash: r.text(), AccountID: models.ID(r.text()),
		PersonID: models.ID(r.text()), Channel: models.Channel(r.text()), Level: models.Level(r.number()), CheckedAt: r.at(), Device: r.text(),
		MadeAt: r.at(), SeenAt: r.at(), ExpiresAt: r.at(), EndedAt: r.at(), EndedWhy: citizen.EndReason(r.text()), Version: r.number(),
	}
	if r.bad || r.rest != "" {
		return citizen.Session{}, false
	}
	return s, true
}

// sessionReader cuts what writeSession wrote. What is wrong with a record is asked once, at its end.
type sessionReader struct {
	rest string
	bad  bool
}

func (r *sessionReader) uvarint() (v uint64) {
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.bad, r.rest = true, ""
	return 0
}

func (r *sessionReader) number() int {
	n := r.uvarint()
	r.bad = r.bad || n > math.MaxInt32
	return int(n & math.MaxInt32)
}

func (r *sessionReader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, ""
		return ""
	}
	v := r.rest[:n]
	r.rest = r.rest[n:]
	return v
}

func (r *sessionReader) at() time.Time {
	if known := r.uvarint(); known != 1 {
		r.bad = r.bad || known != 0
		return time.Time{}
	}
	u := r.uvarint()
	return time.Unix(0, int64(u>>1)^-int64(u&1)).UTC()
}
