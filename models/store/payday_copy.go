package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// copyReader turns payments into PostgreSQL's binary COPY form as the server takes them: nothing is kept.
type copyReader struct {
	rows  *subsidy.Rows
	step  func(int)
	met   paidLists
	last  paidList
	buf   []byte
	at    int
	sent  int
	begun bool
	ended bool
	err   error
}

var (
	copyHead = append([]byte("PGCOPY\n\377\r\n\000"), 0, 0, 0, 0, 0, 0, 0, 0)
	copyTail = []byte{0xff, 0xff}
)

const (
	copyPiece  = 64 << 10
	copyReport = 4096 // lines between two words about progress
)

// errCopyForm says that a row's id is none.
var errCopyForm = errors.New("a payee's id is not one")

// Read fills p with whole rows as far as they fit.
func (c *copyReader) Read(p []byte) (int, error) {
	if c.at == len(c.buf) {
		if c.ended {
			return 0, io.EOF
		}
		if c.err = c.fill(); c.err != nil {
			return 0, c.err
		}
	}
	n := copy(p, c.buf[c.at:])
	c.at += n
	return n, nil
}

func (c *copyReader) fill() error {
	c.buf, c.at = c.buf[:0], 0
	if !c.begun {
		c.buf, c.begun = append(c.buf, copyHead...), true
	}
	for len(c.buf) < copyPiece {
		p, err := c.rows.Next()
		if errors.Is(err, io.EOF) {
			c.buf, c.ended = append(c.buf, copyTail...), true
			c.step(c.sent)
			return nil
		}
		if err != nil {
			return err
		}
		if c.buf, err = appendTuple(c.buf, p); err != nil {
			return err
		}
		if l := (paidList{p.Programme, p.Period, p.Key.LedgerMonth}); l != c.last {
			c.met[l], c.last = struct{}{}, l
		}
		if c.sent++; c.sent%copyReport == 0 {
			c.step(c.sent)
		}
	}
	return nil
}

// appendTuple writes a payment in the order of paymentColumns.
func appendTuple(b []byte, p *subsidy.Payment) ([]byte, error) {
	b = append(b, 0, byte(len(paymentColumns)))
	b = copyText(copyText(b, p.Key.LedgerMonth), p.Key.BatchID)
	b = copyInt4(b, p.Key.Line)
	b = copyInt4(copyText(b, p.Programme), p.Edition)
	b = copyText(b, p.District)
	b, ok := copyID(b, p.PersonID)
	if !ok {
		return b, errCopyForm
	}
	if p.BeneficiaryID == "" {
		b = copyNull(b)
	} else if b, ok = copyID(b, p.BeneficiaryID); !ok {
		return b, errCopyForm
	}
	b = copyText(copyText(copyText(copyText(b, p.PayeeKind), p.HouseholdRef), p.ExceptionWhy), p.ExceptionBy)
	b = copyInt8(b, int64(p.AmountFen))
	b = copyText(copyText(copyText(b, p.Period), string(p.State)), string(p.Hold))
	for _, t := range [...]time.Time{p.PlannedAt, p.PublicisedAt, p.ApprovedAt, p.SentAt, p.CreditedAt, p.ReturnedAt} {
		if t.IsZero() {
			b = copyNull(b)
		} else {
			b = copyInstant(b, t)
		}
	}
	b = copyText(copyText(copyText(copyText(b, p.CreditNo), p.PayingBank), p.AccountBank), p.AccountTail)
	b = append(b, 0, 0, 0, 1, 0)
	if p.OldChannel {
		b[len(b)-1] = 1
	}
	b = copyText(copyText(copyText(b, p.ReturnReason), p.ReissueOf), p.ReissuedAs)
	b = copyInt8(b, p.Version)
	b = copyInstant(copyInstant(b, p.ChangedAt), p.ReceivedAt)
	if p.PaidRef == "" {
		return copyNull(b), nil
	}
	return copyText(b, string(p.PaidRef)), nil
}

func copyNull(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff) }

func copyText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func copyInt4(b []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(n))
}

func copyInt8(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n))
}

var copyEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func copyInstant(b []byte, t time.Time) []byte { return copyInt8(b, t.UnixMicro()-copyEpoch) }

func copyID(b []byte, id models.ID) ([]byte, bool) {
	if len(id) != 36 {
		return b, false
	}
	var digits [32]byte
	n := 0
	for i := range len(id) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		digits[n] = id[i]
		n++
	}
	b = append(b, 0, 0, 0, 16)
	at := len(b)
	b = append(b, make([]byte, 16)...)
	_, err := hex.Decode(b[at:], digits[:])
	return b, err == nil
}
