package registry

import (
	"context"
	"errors"
	"io"
	"net/http"

	"onecard/configs"
	"onecard/models"
	"onecard/models/mirror"
)

// Line is the way to a source that does not speak the contract: one address, the same time-outs, breakers and budget, no
// signatures. What comes back is whole, and nobody's signed word: whatever is not surely unsent is of unknown fate.
type Line struct{ s *source }

// NewLine makes one. longest bounds what is read of an answer.
func NewLine(name string, cfg configs.Source, longest int64, o Options) (*Line, error) {
	s, err := newSource(name, cfg, o)
	if err != nil {
		return nil, err
	}
	s.longest = longest
	return &Line{s}, nil
}

// Name is the source's name.
func (l *Line) Name() string { return l.s.name }

// Close lets idle connections go.
func (l *Line) Close() { l.s.Close() }

// Clock is the one by which the source's calls are timed.
func (l *Line) Clock() models.Clock { return l.s.clock }

// Read turns an event's raw data into its fact, as the contract's sources do.
func (l *Line) Read(e mirror.Event) mirror.Event { return l.s.Read(e) }

// UnreadableError is what a reader makes of an answer that tells nothing; its text is one of our codes.
type UnreadableError string

func (e UnreadableError) Error() string { return string(e) }

// Post sends a body to the source's one address and hands its whole answer to read. An answer that read refuses counts
// against the source, like one that never came.
func (l *Line) Post(ctx context.Context, op string, lane Lane, ctype string, body []byte, read func(ctype string, body []byte) error) error {
	q := question{op: op, lane: lane, method: http.MethodPost, body: body, ctype: ctype}
	ctx, cancel := context.WithTimeout(ctx, l.s.timeout)
	defer cancel()
	if err := l.s.admit(ctx, q); err != nil {
		return err
	}
	res, err := l.s.dispatch(ctx, q, func(*http.Request) {})
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return l.s.failed(q, ErrUnknownFate, res.StatusCode, "HTTP_STATUS")
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, l.s.longest+1))
	switch {
	case err != nil:
		return l.s.failed(q, ErrUnknownFate, res.StatusCode, codeOf(err))
	case int64(len(answer)) > l.s.longest:
		return l.s.failed(q, ErrUnknownFate, res.StatusCode, answerTooLong)
	}
	if err := read(res.Header.Get("Content-Type"), answer); err != nil {
		code := "ANSWER_UNREADABLE"
		if u := UnreadableError(""); errors.As(err, &u) {
			code = u.Error()
		}
		return l.s.failed(q, ErrUnknownFate, res.StatusCode, code)
	}
	l.s.breakers[lane].RecordSuccess()
	return nil
}

// NotSent is the error of a call that never left, for a reason of ours.
func (l *Line) NotSent(op, code string) error {
	return &CallError{Source: l.s.name, Op: op, Code: code, fate: ErrNotSent}
}

// Unknown is the error of a call whose answer tells nothing about what was asked.
func (l *Line) Unknown(op, code string) error {
	return &CallError{Source: l.s.name, Op: op, Status: http.StatusOK, Code: code, fate: ErrUnknownFate}
}
