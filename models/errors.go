package models

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of refusal an error is; the edge turns it into a status and nothing else does.
type Kind uint8

// The kinds, and the status each becomes.
const (
	Internal        Kind = iota // 500
	Malformed                   // 400, made by the edge only
	Invalid                     // 422
	Unauthenticated             // 401
	Forbidden                   // 403
	NotFound                    // 404, also "exists, but not yours"
	Conflict                    // 409
	Locked                      // 423
	TooLarge                    // 413
	RateLimited                 // 429
	Unavailable                 // 503
)

// FieldError names one bad input field. It never repeats the value.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is the only error type that may reach a citizen.
type Error struct {
	Kind       Kind
	Code       string            // public, stable, never reused (rules.md)
	Message    string            // Chinese, safe to show, says what to do next (R48)
	Fields     []FieldError      // only for Invalid
	RetryAfter time.Duration     // only for RateLimited, Locked and Unavailable
	Extra      map[string]string // facts a client shows beside the message, e.g. the bank's name (R39); never personal data
	cause      error             // for our log, never for the wire
}

// NewError declares a refusal. Codes are UPPER_SNAKE and listed in docs/errors.md.
func NewError(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// InvalidInput gathers every bad field into one answer (R69: all at once).
func InvalidInput(fields ...FieldError) *Error {
	return &Error{Kind: Invalid, Code: "INVALID_INPUT", Message: "填写的内容有误,请按提示修改后重新提交;如有疑问请拨打12333。", Fields: fields}
}

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Code, e.cause)
	}
	return e.Code
}

// Unwrap gives the hidden cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.cause }

// Is makes two errors with one code the same error, whatever their cause.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Because is a copy of e that remembers why, for the log only.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After is a copy of e that tells when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// With is a copy of e with one more fact to show.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Extra = make(map[string]string, len(e.Extra)+1)
	for k, v := range e.Extra {
		c.Extra[k] = v
	}
	c.Extra[key] = value
	return &c
}

// KindOf is the kind of the first *Error in err's chain, Internal where there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Errors every capability shares.
var (
	ErrNotFound       = NewError(NotFound, "NOT_FOUND", "没有找到这条记录。请核对后重试,或拨打12333。")
	ErrConflict       = NewError(Conflict, "CONFLICT", "这条记录刚刚有了变化,请刷新后再试;如有疑问请拨打12333。")
	ErrForbidden      = NewError(Forbidden, "FORBIDDEN", "您没有办理这项业务的权限。请到社保卡服务网点办理,或拨打12333。")
	ErrUnavailable    = NewError(Unavailable, "SERVICE_UNAVAILABLE", "系统暂时繁忙,请稍后再试;急需办理请拨打12333。")
	ErrKeyReused      = NewError(Invalid, "IDEMPOTENCY_KEY_REUSED", "这次提交的编号已用于另一份内容,请刷新页面后重新提交;如有疑问请拨打12333。")
	ErrInProgress     = NewError(Conflict, "REQUEST_IN_PROGRESS", "您刚才的提交正在处理,请稍候查看结果,不必重复提交;如有疑问请拨打12333。")
	ErrOutcomeUnknown = NewError(Unavailable, "OUTCOME_UNKNOWN", "暂时无法确认刚才的提交是否成功,请稍后用同一页面重试,系统不会重复办理;如有疑问请拨打12333。")
)

// What nobody may do for another (R23, R45, R67). Policy's gate holds the table of what is left.
var (
	ErrHelperMayNot   = NewError(Forbidden, "HELPER_MAY_NOT", "亲属协助人只能查看办卡进度、一般补贴到账和到账说明,以及挂失社保账户。这项业务请本人办理,或由本人到社保卡服务网点办理,咨询请拨打12333。")
	ErrGuardianMayNot = NewError(Forbidden, "GUARDIAN_MAY_NOT", "这项业务不能由监护人线上代办。请监护人带双方身份证件和户口簿到社保卡服务网点窗口办理,咨询请拨打12333。")
)
