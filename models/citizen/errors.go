package citizen

import "onecard/models"

// The refusals of this capability. Every sentence says what to do next (R48).
var (
	// Log-in.
	ErrSessionInvalid       = models.NewError(models.Unauthenticated, "LOGIN_REQUIRED", "请先登录后再继续;无法登录请到社保卡服务网点办理,或拨打12333。")
	ErrLoginCodeInvalid     = models.NewError(models.Unauthenticated, "LOGIN_CODE_INVALID", "登录凭证已失效,请返回后重新登录;如有疑问请拨打12333。")
	ErrLoginBlocked         = models.NewError(models.Forbidden, "LOGIN_BLOCKED", "平台提示该账号存在风险,暂不能登录。请到社保卡服务网点办理,或拨打12333。")
	ErrLoginTooOften        = models.NewError(models.RateLimited, "LOGIN_TOO_OFTEN", "登录过于频繁,请稍后再试;急需办理请拨打12333。")
	ErrPlatformUnknown      = models.NewError(models.Invalid, "PLATFORM_UNKNOWN", "暂不支持从该入口登录,请从微信或支付宝进入;如有疑问请拨打12333。")
	ErrAuthorizationInvalid = models.NewError(models.Unauthenticated, "AUTHORIZATION_INVALID", "本次授权已失效,请返回页面重新登录;如有疑问请拨打12333。")

	// Consents (R53).
	ErrConsentRequired = models.NewError(models.Forbidden, "CONSENT_REQUIRED", "办理前须阅读并单独同意相关告知:已满14周岁的由本人同意,未满14周岁的由监护人同意。也可到社保卡服务网点办理,或拨打12333。")
	ErrConsentVersion  = models.NewError(models.Conflict, "CONSENT_VERSION_OLD", "告知内容已更新,请阅读新版本后再确认;如有疑问请拨打12333。")
	ErrPurposeUnknown  = models.NewError(models.Invalid, "PURPOSE_UNKNOWN", "没有这一项授权内容,请刷新页面后重试;如有疑问请拨打12333。")

	// Identity (R52). One answer for an unknown person, a wrong name and a wrong phone.
	ErrIdentityNotMatched = models.NewError(models.Invalid, "IDENTITY_NOT_MATCHED", "填写的信息与登记信息不一致,请核对后重试。手机号已更换的,请通过人脸核验绑定,或携带身份证到社保卡服务网点办理;也可拨打12333。")
	ErrAlreadyBound       = models.NewError(models.Conflict, "ALREADY_BOUND", "这个微信或支付宝账号已经绑定,请先解除绑定再重新绑定;如有疑问请拨打12333。")
	ErrBindTriesUsedUp    = models.NewError(models.RateLimited, "BIND_TRIES_USED_UP", "今天的核验次数已用完,请明天再试,或携带身份证到社保卡服务网点办理;也可拨打12333。")
	ErrNotBound           = models.NewError(models.Forbidden, "BINDING_REQUIRED", "请先完成实名绑定后再办理;也可到社保卡服务网点办理,或拨打12333。")
	ErrCheckUnavailable   = models.NewError(models.Forbidden, "REAL_PERSON_CHECK_UNAVAILABLE", "该入口暂不支持人脸核验,请携带身份证到社保卡服务网点办理,或拨打12333。")
	ErrCheckNotPassed     = models.NewError(models.Forbidden, "REAL_PERSON_CHECK_FAILED", "人脸核验未通过,请重新核验,或携带身份证到社保卡服务网点办理;也可拨打12333。")
	ErrCheckPending       = models.NewError(models.Conflict, "REAL_PERSON_CHECK_PENDING", "人脸核验尚未完成,请完成后再试;如有疑问请拨打12333。")
	ErrCheckOver          = models.NewError(models.Conflict, "REAL_PERSON_CHECK_OVER", "本次人脸核验已结束,请重新发起核验;如有疑问请拨打12333。")

	// Codes (R61).
	ErrCodeInvalid = models.NewError(models.Unauthenticated, "CODE_INVALID", "验证码不正确或已失效,请核对后重试或重新获取;如有疑问请拨打12333。")
	ErrCodeTooSoon = models.NewError(models.RateLimited, "CODE_TOO_SOON", "验证码刚刚发送过,请稍后再获取;如有疑问请拨打12333。")
	ErrCodeLimit   = models.NewError(models.RateLimited, "CODE_LIMIT", "获取验证码的次数过多,请稍后再试;急需办理请到社保卡服务网点,或拨打12333。")
	ErrCodeBudget  = models.NewError(models.RateLimited, "CODE_BUDGET", "今天的短信验证码已发完,请改用人脸核验,或到社保卡服务网点办理;也可拨打12333。")

	// Challenges before a further code of one session (R61).
	ErrChallengeRequired = models.NewError(models.Forbidden, "CHALLENGE_REQUIRED", "再次获取验证码前,请先做一道小题:看图填四个数字,或者回答一个文字问题。不方便的,请到社保卡服务网点办理,或拨打12333。")
	ErrChallengeWrong    = models.NewError(models.Invalid, "CHALLENGE_WRONG", "小题没有答对,请看清后再填一次;看不清的,可以换一题或者改答文字问题,也可拨打12333。")
	ErrChallengeOver     = models.NewError(models.Conflict, "CHALLENGE_OVER", "这道小题已经过期或者用过了,请换一题再答;如有疑问请拨打12333。")
	ErrChallengeLimit    = models.NewError(models.RateLimited, "CHALLENGE_LIMIT", "换题的次数过多,请稍后再试;急需办理请到社保卡服务网点,或拨打12333。")

	// The person and the phone on file.
	ErrPhoneSame       = models.NewError(models.Conflict, "PHONE_SAME", "新手机号与现在使用的手机号相同,无需更换;如有疑问请拨打12333。")
	ErrPhoneChangeOpen = models.NewError(models.Conflict, "PHONE_CHANGE_OPEN", "您已有一项手机号变更正在等待生效,可先撤销后再提交;如有疑问请拨打12333。")
	ErrPhoneChangeOver = models.NewError(models.Conflict, "PHONE_CHANGE_OVER", "这项手机号变更已结束,请刷新后查看;如有疑问请拨打12333。")
	ErrNoPhoneChange   = models.NewError(models.NotFound, "NO_PHONE_CHANGE", "没有等待生效的手机号变更,可能已经生效或已撤销。已经生效的,请来电人在手机上重新更换,或持身份证到社保卡服务网点办理。")
	ErrNothingToChange = models.NewError(models.Invalid, "NOTHING_TO_CHANGE", "没有可以修改的内容,请核对后重新提交;如有疑问请拨打12333。")
)

// ErrNoMatch is the registry's "no such person under this name". It never leaves this capability: the citizen reads
// ErrIdentityNotMatched, whatever did not match.
var ErrNoMatch = models.NewError(models.NotFound, "NO_MATCH", "未查询到相符的登记信息,请核对后重试,或拨打12333。")

// Errors lists the refusals a citizen may read, for docs/errors.md.
func Errors() []*models.Error {
	return append([]*models.Error{
		ErrSessionInvalid, ErrLoginCodeInvalid, ErrLoginBlocked, ErrLoginTooOften, ErrPlatformUnknown, ErrAuthorizationInvalid,
		ErrAuthorizationDeclined, ErrConsentRequired, ErrConsentVersion, ErrConsentKept, ErrConsentOwn, ErrPurposeUnknown, ErrIdentityNotMatched,
		ErrAlreadyBound, ErrBindTriesUsedUp, ErrNotBound, ErrBorrowedPhone, ErrCheckUnavailable, ErrCheckNotPassed, ErrCheckPending,
		ErrCheckOver, ErrCodeInvalid, ErrCodeTooSoon, ErrCodeLimit, ErrCodeBudget, ErrChallengeRequired,
		ErrChallengeWrong, ErrChallengeOver, ErrChallengeLimit, ErrPhoneSame, ErrPhoneChangeOpen, ErrPhoneChangeOver,
		ErrNoPhoneChange, ErrNothingToChange,
	}, append(relationErrors, pageSignatureErrs...)...)
}
