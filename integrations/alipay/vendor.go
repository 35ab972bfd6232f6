package alipay

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/models"
	"onecard/models/citizen"
)

// vendorError is a refusal in Alipay's own codes, for the cause of our error. Its texts may quote what was sent, so
// only codes are kept.
type vendorError struct{ method, code, sub string }

func (e *vendorError) Error() string {
	return fmt.Sprintf("alipay %s: code %s %s", e.method, e.code, e.sub)
}

// callError is a call without a usable answer.
type callError struct {
	method, cause string
	over          error // context.DeadlineExceeded or context.Canceled, for errors.Is
	forged        bool  // the answer's signature is not the platform's
}

func (e *callError) Error() string { return fmt.Sprintf("alipay %s: %s", e.method, e.cause) }
func (e *callError) Unwrap() error { return e.over }

// call runs one SDK call: within the signing limit, safe against its panics, and with a failure told in any of its
// ways made one: an error value, an error that is nil inside, an answer that is no success though the error is nil.
func (a *app) call(ctx context.Context, method string, do func(context.Context) (sdk.Error, error)) (told sdk.Error, err error) {
	ctx, done, err := withSlot(ctx)
	if err != nil {
		return told, clean(method, err)
	}
	defer done()
	defer func() {
		if p := recover(); p != nil {
			err = &callError{method: method, cause: "the SDK panicked"}
		}
	}()
	told, err = do(ctx)
	var vendor *sdk.Error
	switch {
	case errors.As(err, &vendor) && vendor != nil && vendor.IsSuccess():
		// The SDK gives unsigned answers as errors; one that claims success is nobody's word.
		return sdk.Error{}, clean(method, sdk.ErrSignNotFound)
	case errors.As(err, &vendor) && vendor != nil:
		return *vendor, nil
	case err != nil:
		return told, clean(method, err)
	}
	return told, nil
}

// ask is one call whose failure is the error the ports promise.
func (a *app) ask(ctx context.Context, method string, do func(context.Context) (sdk.Error, error)) error {
	told, err := a.call(ctx, method, do)
	return a.refusal(ctx, method, told, err)
}

// patiently is ask, twice more while the platform says that it is not available (20000).
func (a *app) patiently(ctx context.Context, method string, do func(context.Context) (sdk.Error, error)) error {
	told, err := a.call(ctx, method, do)
	for _, pause := range pauses {
		if err != nil || told.Code != sdk.CodeUnknowError {
			break
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			told, err = a.call(ctx, method, do)
		case <-ctx.Done():
			t.Stop()
			return a.refusal(ctx, method, told, ctx.Err())
		}
	}
	return a.refusal(ctx, method, told, err)
}

// refusal is nil only where the platform said 10000.
func (a *app) refusal(ctx context.Context, method string, told sdk.Error, err error) error {
	if err != nil {
		cause := clean(method, err)
		if cause.forged {
			a.alarm(ctx, method, cause.cause) // forged on the way, or the platform changed its key: both need a person
		}
		return models.ErrUnavailable.Because(cause)
	}
	if told.IsSuccess() {
		return nil
	}
	cause := &vendorError{method, word(string(told.Code)), word(told.SubCode)}
	switch {
	case told.SubCode == "isv.code-invalid":
		return citizen.ErrLoginCodeInvalid.Because(cause)
	case ours(told):
		a.alarm(ctx, method, cause.code+" "+cause.sub)
	}
	return models.ErrUnavailable.Because(cause)
}

// ours: our own settings are wrong (app id, keys, rights), and nobody gets through until an operator acts.
func ours(e sdk.Error) bool {
	switch e.Code {
	case sdk.CodeMissingParam, sdk.CodeInvalidParam, sdk.CodePermissionDenied:
		return true
	}
	return false
}

func (a *app) alarm(ctx context.Context, method, what string) {
	a.log.LogAttrs(ctx, slog.LevelError, "alipay and our settings do not fit", slog.Bool("alarm", true), slog.String("app", a.name),
		slog.String("method", method), slog.String("told", what))
}

// word keeps a vendor's code only as far as it looks like one.
func word(s string) string {
	if len(s) > 80 {
		s = s[:80]
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s)
}

// clean keeps of an error only what can hold neither a key nor a person's data: *url.Error prints the whole address
// and a JSON error may print a value.
func clean(method string, err error) *callError {
	var call *callError
	var network *net.OpError
	switch {
	case errors.As(err, &call):
		return &callError{method, call.cause, call.over, call.forged}
	case errors.Is(err, context.DeadlineExceeded):
		return &callError{method: method, cause: "no answer in time", over: context.DeadlineExceeded}
	case errors.Is(err, context.Canceled):
		return &callError{method: method, cause: "given up", over: context.Canceled}
	case errors.Is(err, rsa.ErrVerification), errors.Is(err, sdk.ErrSignNotFound), errors.Is(err, sdk.ErrAliPublicKeyNotFound):
		return &callError{method: method, cause: "the signature is not believed", forged: true}
	case errors.As(err, &network):
		return &callError{method: method, cause: network.Error()}
	}
	return &callError{method: method, cause: fmt.Sprintf("unreadable answer (%T)", err)}
}
