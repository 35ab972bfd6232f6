package wechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"onecard/models"
	"onecard/models/citizen"
)

// vendorError is a refusal in WeChat's own words, for the cause of our error.
type vendorError struct {
	api  string
	code int64
	text string
}

func (e *vendorError) Error() string {
	return fmt.Sprintf("wechat %s: errcode %d: %s", e.api, e.code, e.text)
}

// The vendor's codes we tell apart (domain 4.1).
const (
	codeBusy        = -1
	codeBadToken    = 40001
	codeWrongToken  = 40014
	codeOldToken    = 42001
	codeBadCode     = 40029
	codeUsedCode    = 40163
	codeMissingCode = 41008
	codeBlockedUser = 40226
	codeTooOften    = 45011
)

// ours are codes that an operator must act on: the app id, the secret, the address list, the app's rights, its quota.
var ours = map[int64]bool{
	40002: true, 40013: true, 40125: true, 40164: true, 40243: true, 41002: true, 41004: true, 45009: true, 48001: true, 48004: true, 50002: true, 61024: true,
}

func deadToken(code int64) bool {
	return code == codeBadToken || code == codeWrongToken || code == codeOldToken
}

// reply is what one call gave: the code read from the answer itself, or an error where there was no answer.
type reply struct {
	code int64
	text string
	err  error
}

// deadToken reports an answer that says that the token is no more.
func (r reply) deadToken() bool { return r.err == nil && deadToken(r.code) }

// of reads a reply. The SDK tells codes in three ways: in the answer, in *util.CommonError, in a plain text.
func of(answer util.CommonError, err error) reply {
	if answer.ErrCode != 0 {
		return reply{code: answer.ErrCode, text: answer.ErrMsg}
	}
	var common *util.CommonError
	if errors.As(err, &common) && common.ErrCode != 0 {
		return reply{code: common.ErrCode, text: common.ErrMsg}
	}
	return reply{err: err}
}

// refusal turns a reply into the error the port promises; nil where the call succeeded.
func (a *app) refusal(ctx context.Context, api string, r reply) error {
	if r.err != nil {
		return models.ErrUnavailable.Because(a.clean(api, r.err))
	}
	cause := &vendorError{api, r.code, a.target.scrub(r.text)}
	switch {
	case r.code == 0:
		return nil
	case r.code == codeBadCode || r.code == codeUsedCode || r.code == codeMissingCode:
		return citizen.ErrLoginCodeInvalid.Because(cause)
	case r.code == codeTooOften:
		return citizen.ErrLoginTooOften.After(time.Minute).Because(cause)
	case r.code == codeBlockedUser:
		return citizen.ErrLoginBlocked.Because(cause)
	case ours[r.code] || deadToken(r.code):
		// Nobody can log in until an operator acts, so this does not wait for the edge's own log line.
		a.log.LogAttrs(ctx, slog.LevelError, "wechat refuses our settings", slog.Bool("alarm", true), slog.String("app", a.name),
			slog.String("api", api), slog.Int64("errcode", r.code))
	}
	return models.ErrUnavailable.Because(cause)
}

// clean keeps of an error only what can hold neither the secret nor a person's data: our own call errors, and the kind
// of everything else. *url.Error and the SDK's texts print the whole address.
func (a *app) clean(api string, err error) error {
	var call *callError
	if errors.As(err, &call) {
		return call
	}
	for _, over := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, over) {
			return &callError{path: api, cause: over.Error(), over: over}
		}
	}
	return &callError{path: api, cause: fmt.Sprintf("unreadable answer (%T)", err)}
}

// pauses between tries while the platform says "busy": two more tries, as its documents ask.
var pauses = [...]time.Duration{100 * time.Millisecond, 300 * time.Millisecond}

// patiently repeats a call that was answered "busy", which means that nothing was done.
func patiently(ctx context.Context, call func() reply) reply {
	r := call()
	for _, pause := range pauses {
		if r.err != nil || r.code != codeBusy {
			break
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			r = call()
		case <-ctx.Done():
			t.Stop()
			return r
		}
	}
	return r
}
