package subsidy

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
)

// A row of the spool is a payment in bytes: the payee's id, the line, and the rest behind them, so that rows are sorted
// by their first bytes. Month and batch are the spool's own. It holds nothing of a person but our id, the tail of an
// account, and the reference of a record that was merged.
const rowHead = 16 + 4

var errSpoolBroken = errors.New("subsidy: a spool that cannot be read back")

// texts are a payment's words; often says which repeat from line to line.
func texts(p *Payment) [17]*string {
	return [...]*string{
		&p.Programme, &p.District, &p.PayeeKind, (*string)(&p.State), (*string)(&p.Hold), &p.Period, &p.PayingBank, &p.AccountBank,
		&p.ExceptionWhy, &p.ExceptionBy, &p.ReturnReason, &p.AccountTail, &p.HouseholdRef, &p.CreditNo, &p.ReissueOf, &p.ReissuedAs, (*string)(&p.PaidRef),
	}
}

const repeating = 12 // of texts

func instants(p *Payment) [8]*time.Time {
	return [...]*time.Time{&p.PlannedAt, &p.PublicisedAt, &p.ApprovedAt, &p.SentAt, &p.CreditedAt, &p.ReturnedAt, &p.ChangedAt, &p.ReceivedAt}
}

// mostText is how many bytes a word of a line may have: six of them stand in one row of an index, of 2,704 bytes.
const mostText = 400

// Storable reports whether both databases can keep the line as it is: whole characters, no zero byte, words and figures
// that fit.
func (p *Payment) Storable() bool {
	for _, t := range texts(p) {
		if !fits(*t) {
			return false
		}
	}
	for _, t := range instants(p) {
		if y := t.Year(); y < 1 || y > 9999 {
			return false
		}
	}
	return p.Edition >= 0 && p.Edition <= math.MaxInt32
}

// Storable reports the same of an announcement.
func (b *Batch) Storable() bool {
	for _, t := range [...]string{b.Programme, b.District, b.Department, b.PayingUnit, b.PayingBank, b.Period, b.Digest, b.Posting.Place, b.Posting.Office.Name, b.Posting.Office.Phone} {
		if !fits(t) {
			return false
		}
	}
	return b.Edition >= 0 && b.Edition <= math.MaxInt32
}

func fits(t string) bool {
	return t == "" || len(t) <= mostText && strings.IndexByte(t, 0) < 0 && utf8.ValidString(t)
}

// appendRow writes a payment behind b.
func appendRow(b []byte, p *Payment) ([]byte, error) {
	person, err := idBytes(p.PersonID)
	if err != nil {
		return b, err
	}
	b = append(b, person[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(p.Key.Line))
	var flags uint64
	if p.OldChannel {
		flags |= 1
	}
	if p.BeneficiaryID == p.PersonID {
		flags |= 2
	} else if p.BeneficiaryID != "" {
		flags |= 4
	}
	at := instants(p)
	for i, t := range at {
		if !t.IsZero() {
			flags |= 8 << i
		}
	}
	b = binary.AppendUvarint(b, flags)
	if flags&4 != 0 {
		other, err := idBytes(p.BeneficiaryID)
		if err != nil {
			return b, err
		}
		b = append(b, other[:]...)
	}
	b = binary.AppendUvarint(b, uint64(p.Edition))
	b = binary.AppendVarint(b, int64(p.AmountFen))
	b = binary.AppendVarint(b, p.Version)
	for _, t := range at {
		if !t.IsZero() {
			b = binary.AppendVarint(b, t.UnixMicro())
		}
	}
	for _, t := range texts(p) {
		b = binary.AppendUvarint(b, uint64(len(*t)))
		b = append(b, *t...)
	}
	return b, nil
}

// rowReader turns rows back into payments of one batch.
type rowReader struct {
	month, batch string
	words        map[string]string // those that repeat are kept once
	rest         []byte
	bad          bool
}

func (r *rowReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *rowReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *rowReader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

const mostWords = 4096

func (r *rowReader) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if w, ok := r.words[string(b)]; ok {
		return w
	}
	if r.words == nil || len(r.words) >= mostWords {
		r.words = map[string]string{}
	}
	w := string(b)
	r.words[w] = w
	return w
}

// read turns one row into p.
func (r *rowReader) read(row []byte, p *Payment) error {
	r.rest, r.bad = row, false
	*p = Payment{Key: Key{LedgerMonth: r.month, BatchID: r.batch}}
	p.PersonID = idOf(r.bytes(16))
	if line := r.bytes(4); line != nil {
		p.Key.Line = int(binary.BigEndian.Uint32(line))
	}
	flags := r.uvarint()
	p.OldChannel = flags&1 != 0
	switch {
	case flags&2 != 0:
		p.BeneficiaryID = p.PersonID
	case flags&4 != 0:
		p.BeneficiaryID = idOf(r.bytes(16))
	}
	p.Edition = int(r.uvarint())
	p.AmountFen = models.Fen(r.varint())
	p.Version = r.varint()
	for i, t := range instants(p) {
		if flags&(8<<i) != 0 {
			*t = time.UnixMicro(r.varint()).UTC()
		}
	}
	for i, t := range texts(p) {
		b := r.bytes(r.uvarint())
		if i < repeating {
			*t = r.word(b)
		} else {
			*t = string(b)
		}
	}
	if r.bad || len(r.rest) > 0 {
		return errSpoolBroken
	}
	return nil
}

// idBytes is an id of ours as sixteen bytes.
func idBytes(id models.ID) (out [16]byte, err error) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return out, errSpoolBroken
	}
	var digits [32]byte
	copy(digits[0:], id[0:8])
	copy(digits[8:], id[9:13])
	copy(digits[12:], id[14:18])
	copy(digits[16:], id[19:23])
	copy(digits[20:], id[24:36])
	if _, err = hex.Decode(out[:], digits[:]); err != nil {
		return out, errSpoolBroken
	}
	return out, nil
}

func idOf(b []byte) models.ID {
	if len(b) != 16 {
		return ""
	}
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return models.ID(out[:])
}
