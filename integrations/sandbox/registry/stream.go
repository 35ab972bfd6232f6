package registry

import (
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// lineStream is an answer that is made while it is sent.
type lineStream struct {
	count int
	line  func(no int) PaymentLine
	ready *readyStream // the whole, where it was made before
}

// The ways in which a stream of lines can go wrong, at Fault.Line. All but the last four are signed: the source's word.
const (
	FaultTruncate  = "truncate"  // ends inside the line
	FaultDrop      = "drop"      // the line is missing: count and total are wrong
	FaultReorder   = "reorder"   // the line and the next have changed places
	FaultDuplicate = "duplicate" // the line comes twice
	FaultCorrupt   = "corrupt"   // another beneficiary: the digest alone is wrong
	FaultAmount    = "amount"    // another amount: total and digest are wrong
	FaultLongLine  = "long_line" // the line has 10 MB
	FaultGarble    = "garble"    // the line is not JSON
	FaultDie       = "die"       // the connection is cut there
	FaultStall     = "stall"     // stands still there for DelayMS, then goes on
	FaultUnsigned  = "unsigned"  // nothing is signed behind it
	FaultTampered  = "tampered"  // a byte is changed on the way: the signature is that of what was meant
)

var streamFaults = []string{FaultTruncate, FaultDrop, FaultReorder, FaultDuplicate, FaultCorrupt, FaultAmount, FaultLongLine, FaultGarble,
	FaultDie, FaultStall, FaultUnsigned, FaultTampered}

var errCut = errors.New("cut on purpose")

// flow sends a stream. What its signature covers is known at its end, so digest and signature follow as a trailer.
func (r *Registry) flow(w http.ResponseWriter, req *http.Request, c Client, s *lineStream, f Fault) {
	stamp := strconv.FormatInt(r.now().Unix(), 10)
	h := w.Header()
	h.Set("Content-Type", ndjson)
	h.Set("Cache-Control", "no-store")
	h.Set("Trailer", headerContent+", "+headerSignature)
	h.Set(headerTimestamp, stamp)
	w.WriteHeader(http.StatusOK)
	content, err := r.stream(w, s, f)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller sees an answer without an end
	}
	if f.Fault != FaultUnsigned {
		h.Set(headerContent, content)
		h.Set(headerSignature, mac(c.Secret, "answer", req.Header.Get(headerNonce), strconv.Itoa(http.StatusOK), stamp, content))
	}
}

// stream sends all lines and answers their digest.
func (r *Registry) stream(to io.Writer, s *lineStream, f Fault) (content string, err error) {
	if s.ready != nil && f.Fault == FaultNone {
		return s.ready.content, s.ready.send(to, r.stop)
	}
	out := &flow{to: to, digest: sm3.New(), stop: r.stop}
	if err = out.all(s, f, r.wait); err == nil {
		err = out.flush()
	}
	return hexOf(out.digest), err
}

// flow is the way out of a stream: some lines at a time, digested as they leave.
type flow struct {
	to     io.Writer
	digest hash.Hash
	stop   <-chan struct{}
	buf    []byte
}

func (o *flow) flush() error {
	select {
	case <-o.stop:
		return errCut
	default:
	}
	o.digest.Write(o.buf)
	_, err := o.to.Write(o.buf)
	o.buf = o.buf[:0]
	return err
}

func (o *flow) all(s *lineStream, f Fault, wait func(ms int)) error {
	at := f.Line
	if at == 0 {
		at = s.count/2 + 1
	}
	if f.Fault == FaultNone {
		at = s.count + 1
	}
	for no := 1; no <= s.count; no++ {
		l := s.line(no)
		if no != at {
			o.buf = appendLine(o.buf, &l)
		} else if ended, err := o.wrong(s, l, f, wait); ended || err != nil {
			return err
		}
		if len(o.buf) >= 32<<10 {
			if err := o.flush(); err != nil {
				return err
			}
		}
		if no == at && f.Fault == FaultReorder {
			no++
		}
	}
	return nil
}

// wrong sends the line at which a fault strikes, or what stands in its place.
func (o *flow) wrong(s *lineStream, l PaymentLine, f Fault, wait func(ms int)) (ended bool, err error) {
	switch f.Fault {
	case FaultTruncate:
		o.buf = appendLine(o.buf, &l)
		o.buf = o.buf[:len(o.buf)-40]
		return true, nil
	case FaultDrop:
		return false, nil
	case FaultReorder:
		if l.LineNo < s.count {
			next := s.line(l.LineNo + 1)
			o.buf = appendLine(o.buf, &next)
		}
	case FaultDuplicate:
		o.buf = appendLine(o.buf, &l)
	case FaultCorrupt:
		l.BeneficiaryRef, l.PayeeRef = s.line(l.LineNo%s.count+1).BeneficiaryRef+"x", l.BeneficiaryRef
	case FaultAmount:
		l.AmountFen += 100
	case FaultLongLine:
		l.PeriodName = strings.Repeat("x", 10<<20)
	case FaultGarble:
		o.buf = append(o.buf, "{\"line_no\":\n"...)
		return false, nil
	case FaultDie:
		return true, errors.Join(o.flush(), flushed(o.to), errCut)
	case FaultStall:
		if err := errors.Join(o.flush(), flushed(o.to)); err != nil {
			return true, err
		}
		wait(f.DelayMS)
	case FaultTampered:
		if err := o.flush(); err != nil {
			return true, err
		}
		o.buf = appendLine(o.buf, &l)
		o.digest.Write(o.buf)
		tail := strings.LastIndexByte(string(o.buf), ':') // the last member is an instant: its day changes
		o.buf[tail-7] ^= 1
		_, err := o.to.Write(o.buf)
		o.buf = o.buf[:0]
		return false, err
	}
	o.buf = appendLine(o.buf, &l)
	return false, nil
}

// flushed lets what was written really leave.
func flushed(w io.Writer) error {
	if f, ok := w.(http.ResponseWriter); ok {
		return http.NewResponseController(f).Flush()
	}
	return nil
}
