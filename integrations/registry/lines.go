package registry

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"unicode/utf8"

	"onecard/models/subsidy"
)

const (
	longestLine = 1 << 20  // of what is kept of one line
	longestSkip = 64 << 20 // of what is read past in search of its end
)

var _ subsidy.LineSource = (*Payments)(nil)

// BatchLines hands over the lines of a batch as they are now, in line order, while they come: see subsidy.LineSource.
// The whole is one call of the lane for reading. A line that cannot be read is handed over as Bad and is not the
// source's failure; one whose end is nowhere near is a *subsidy.LineError. A source that does not answer, breaks off or
// does not sign is models.ErrUnavailable over a *CallError: the batch may be asked for again.
func (p *Payments) BatchLines(ctx context.Context, batch string, take func(subsidy.Line) error) error {
	q := question{op: "lines", lane: ReadLane, method: http.MethodGet, path: "/v1/batches/" + url.PathEscape(batch) + "/lines"}
	err := p.stream(ctx, q, func(body io.Reader) error { return LineForm{Batch: batch}.Read(body, take) })
	var call *CallError
	if errors.As(err, &call) {
		return unavailable(err)
	}
	return err
}

// LineForm is how the lines of a batch stand in a stream.
type LineForm struct {
	Batch  string
	Strict bool                             // refuse members that nobody knows, and text that is not UTF-8
	Turn   func(row []byte) ([]byte, error) // brings a row into the contract's form; nil: it has it
}

// Read reads payment lines in the contract's form, one JSON object a line, and hands them over in the order in which
// they stand. Memory does not grow with their number or their length. The numbers of unreadable lines count the lines
// as they stand.
func (f LineForm) Read(from io.Reader, take func(subsidy.Line) error) error {
	lines := lineCutter{from: bufio.NewReaderSize(from, 128<<10)}
	parser := lineParser{strict: f.Strict}
	for n := 1; ; n++ {
		raw, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLineTooLong):
			err = take(bad(n, errLineTooLong))
		case errors.Is(err, errLineEndless):
			return &subsidy.LineError{Line: n, Code: "BATCH_LINE_TOO_LONG"}
		case err != nil:
			return err
		default:
			err = take(f.line(&parser, n, raw))
		}
		if err != nil {
			return err
		}
	}
}

// line reads one line, or says why it cannot be.
func (f LineForm) line(p *lineParser, n int, raw []byte) subsidy.Line {
	if f.Strict && !utf8.Valid(raw) {
		return bad(n, errNotUTF8)
	}
	if f.Turn != nil {
		var err error
		if raw, err = f.Turn(raw); err != nil {
			return bad(n, err)
		}
	}
	l, err := p.line(raw)
	if err == nil && l.Key.BatchID != f.Batch {
		err = errOtherBatch
	}
	if err != nil {
		return bad(n, err)
	}
	l.Raw = raw
	return l
}

func bad(n int, why error) subsidy.Line {
	l := subsidy.Line{Bad: why.Error()}
	l.Key.Line = n
	return l
}

var (
	errNotUTF8     = errors.New("not_utf8")
	errLineTooLong = errors.New("batch_line_too_long")
	errLineEndless = errors.New("line_endless")
	errOtherBatch  = errors.New("batch_line_foreign")
)

// lineCutter cuts a stream at its line feeds. A line longer than longestLine is read past without being kept.
type lineCutter struct {
	from *bufio.Reader
	long []byte // a line longer than the reader's own buffer
}

// next gives one line without its end; it is good until the next call.
func (c *lineCutter) next() ([]byte, error) {
	part, err := c.from.ReadSlice('\n')
	if err == nil {
		return ended(part), nil
	}
	c.long = append(c.long[:0], part...)
	for read := len(part); errors.Is(err, bufio.ErrBufferFull); {
		part, err = c.from.ReadSlice('\n')
		if read += len(part); read > longestSkip {
			return nil, errLineEndless
		}
		if read <= longestLine+len("\n") {
			c.long = append(c.long, part...)
		} else if err == nil || errors.Is(err, io.EOF) {
			return nil, errLineTooLong
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(c.long) == 0 {
		return nil, io.EOF
	}
	return ended(c.long), nil
}

// ended is a line without its end.
func ended(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}
