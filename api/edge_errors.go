package api

import (
	"net/http"

	"onecard/models"
)

// edgeError is a refusal with a status no kind stands for: the edge alone makes those.
type edgeError struct {
	named  *models.Error
	status int
}

func (e *edgeError) Error() string { return e.named.Error() }

// Unwrap makes it the named error to errors.Is and errors.As.
func (e *edgeError) Unwrap() error { return e.named }

func (e *edgeError) because(cause error) *edgeError {
	return &edgeError{e.named.Because(cause), e.status}
}

// Refusals of the edge. No capability makes them, every operation may answer them.
var (
	errMalformedBody = &edgeError{models.NewError(models.Malformed, "MALFORMED_BODY",
		"提交的内容无法识别,请刷新页面后重新提交;如有疑问请拨打12333。"), http.StatusBadRequest}
	errMalformedRequest = &edgeError{models.NewError(models.Malformed, "MALFORMED_REQUEST",
		"请求的地址无法识别,请刷新页面后重试;如有疑问请拨打12333。"), http.StatusBadRequest}
	errTwoCredentials = &edgeError{models.NewError(models.Malformed, "AMBIGUOUS_CREDENTIALS",
		"登录状态有冲突,请退出后重新登录;如有疑问请拨打12333。"), http.StatusBadRequest}
	errMethodNotAllowed = &edgeError{models.NewError(models.Invalid, "METHOD_NOT_ALLOWED",
		"这项内容不能这样操作。如需办理,请到社保卡服务网点或拨打12333。"), http.StatusMethodNotAllowed}
	errBodyTimeout = &edgeError{models.NewError(models.Unavailable, "REQUEST_TIMEOUT",
		"提交的内容没有及时传完,请检查网络后重试;如有疑问请拨打12333。"), http.StatusRequestTimeout}
	errMediaType = &edgeError{models.NewError(models.Invalid, "UNSUPPORTED_MEDIA_TYPE",
		"不支持这种格式的内容,请刷新页面后重新提交;如有疑问请拨打12333。"), http.StatusUnsupportedMediaType}

	errRouteNotFound = models.NewError(models.NotFound, "ROUTE_NOT_FOUND", "没有这个页面或功能,请返回首页;如有疑问请拨打12333。")
	errLoginRequired = models.NewError(models.Unauthenticated, "LOGIN_REQUIRED", "请先登录后再继续;无法登录请到社保卡服务网点办理,或拨打12333。")
	errCrossOrigin   = models.NewError(models.Forbidden, "CROSS_ORIGIN_REFUSED", "为保护您的账户,系统没有接受来自其他网站的操作。请从官方页面办理,或拨打12333。")
	errBodyTooLarge  = models.NewError(models.TooLarge, "BODY_TOO_LARGE", "提交的内容过大,请减小后重新提交;如有疑问请拨打12333。")
	errRateLimited   = models.NewError(models.RateLimited, "RATE_LIMITED", "操作过于频繁,请稍后再试;急需办理请拨打12333。")
	errBadKey        = models.NewError(models.Invalid, "IDEMPOTENCY_KEY_INVALID", "提交的编号不符合要求,请刷新页面后重新提交;如有疑问请拨打12333。")
	errCursor        = models.NewError(models.Invalid, "CURSOR_INVALID", "翻页位置已失效,请回到第一页重新查看;如有疑问请拨打12333。")
	errNotReady      = models.NewError(models.Unavailable, "NOT_READY", "服务正在准备中,请稍后再试;急需办理请拨打12333。")
	errInternal      = models.NewError(models.Internal, "INTERNAL", "系统出现故障,我们已记录,请稍后再试;急需办理请拨打12333或到社保卡服务网点办理。")

	// R29: no operation takes a PIN.
	errPIN = models.NewError(models.Invalid, "PIN_NOT_ACCEPTED",
		"请不要在这里填写任何密码,我们不会向您索要密码。社保账户启用请持卡到社保卡服务网点办理,或拨打12333。")
	// R2: subsidies go to the card, and to nothing else.
	errPayeeAccount = models.NewError(models.Invalid, "PAYEE_ACCOUNT_NOT_EDITABLE",
		"补贴只发放到社会保障卡,不能另填收款账户。如有疑问请到社保卡服务网点咨询,或拨打12333。")
)

// edgeErrors is every refusal an operation may meet before its use case.
func edgeErrors() []error {
	return []error{
		errMalformedBody, errMalformedRequest, errTwoCredentials, errMethodNotAllowed, errBodyTimeout, errMediaType,
		errRouteNotFound, errLoginRequired, errCrossOrigin, errBodyTooLarge, errRateLimited, errBadKey, errCursor,
		errNotReady, errInternal, errPIN, errPayeeAccount,
		models.InvalidInput(), models.ErrNotFound, models.ErrConflict, models.ErrForbidden, models.ErrUnavailable,
		models.ErrKeyReused, models.ErrInProgress, models.ErrOutcomeUnknown,
	}
}
