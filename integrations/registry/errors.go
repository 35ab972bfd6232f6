package registry

import (
	"context"
	"errors"
	"net"
	"net/url"

	"onecard/models"
	"onecard/models/card"
)

// ErrUnknownFate says that a call may have been carried out: its answer is missing or cannot be believed.
var ErrUnknownFate = errors.New("registry: fate unknown")

// ErrNotSent says that a call surely changed nothing: it never left this machine, or the source itself signed that it
// did not take it.
var ErrNotSent = card.ErrNotSent

// CallError is a call that brought no usable answer. errors.Is tells ErrNotSent from ErrUnknownFate. It holds no
// secret, no address and no personal data.
type CallError struct {
	Source string // cards, payments
	Op     string
	Status int    // of the answer, where there was one
	Code   string // the source's, or ours: TIMEOUT, CONNECTION, BREAKER_OPEN, BUDGET_FULL, ANSWER_NOT_SIGNED, ANSWER_TOO_LONG, ANSWER_UNREADABLE, CANCELLED
	fate   error
}

func (e *CallError) Error() string {
	return e.fate.Error() + ": " + e.Source + " " + e.Op + ": " + e.Code
}

// Unwrap gives the fate.
func (e *CallError) Unwrap() error { return e.fate }

// codeOf names a transport error without repeating it: its text may hold an address.
func codeOf(err error) string {
	var netErr net.Error
	var urlErr *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "CANCELLED"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout(), errors.As(err, &urlErr) && urlErr.Timeout():
		return "TIMEOUT"
	}
	return "CONNECTION"
}

// answered reports whether the source itself (signed) said this code.
func answered(err error, code string) bool {
	var e *CallError
	return errors.As(err, &e) && e.Code == code && e.Status != 0
}

// unavailable is what a citizen's use case sees of a failed question.
func unavailable(err error) error { return models.ErrUnavailable.Because(err) }
