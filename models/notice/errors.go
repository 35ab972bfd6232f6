package notice

import "onecard/models"

// Refusals of a vendor's push. Their readers are the vendor's console and our operators.
var (
	ErrCallback     = models.NewError(models.Unauthenticated, "CALLBACK_NOT_VERIFIED", "回执的来源未通过核验。请核对短信平台的回执地址设置,或拨打12333。")
	ErrCallbackBody = models.NewError(models.Invalid, "CALLBACK_MALFORMED", "回执内容的格式不正确。请核对短信平台的推送设置,或拨打12333。")
)

// Refusals of what citizens say about messages on platforms.
var (
	ErrSubscriptionBorrowed = models.NewError(models.Forbidden, "SUBSCRIPTION_BORROWED", "借用他人手机办理时不能订阅消息,通知会发到您自己的手机号。如有疑问请拨打12333。")
	ErrSubscriptionFollow   = models.NewError(models.Conflict, "SUBSCRIPTION_BY_FOLLOWING", "这里无需订阅,关注我们的账号就能收到消息。如有疑问请拨打12333。")
	ErrSubscriptionUnknown  = models.NewError(models.Invalid, "SUBSCRIPTION_UNKNOWN", "订阅的内容不正确,请返回后重新点订阅;通知仍会以短信发送。如有疑问请拨打12333。")
)

// Refusals of what citizens want to be told, and how.
var (
	ErrPreferenceBorrowed = models.NewError(models.Forbidden, "PREFERENCE_BORROWED", "借用他人手机办理时不能修改消息设置。请在您自己的手机上登录后修改,或拨打12333。")
	ErrPreferenceUnknown  = models.NewError(models.Invalid, "PREFERENCE_UNKNOWN", "要修改的消息设置不正确,请返回刷新后重试;如有疑问请拨打12333。")
	ErrPreferenceLocked   = models.NewError(models.Conflict, "PREFERENCE_LOCKED", "验证码、挂失解挂、账号安全的短信用来防止他人冒用,不能关闭。如有疑问请拨打12333。")
	ErrPreferenceChild    = models.NewError(models.NotFound, "PREFERENCE_CHILD_UNKNOWN", "没有找到您监护的这个孩子,请在“监护人代办”中核对;如有疑问请拨打12333。")
	ErrPreferenceNoPhone  = models.NewError(models.Conflict, "PREFERENCE_NO_PHONE", "没有可用的手机号。请在“我的信息”中更换手机号,或带身份证到社保卡服务网点登记,咨询请拨打12333。")
)

// ErrNotDisputable refuses "this was not me" where a notice tells of nothing that somebody else could have done.
var ErrNotDisputable = models.NewError(models.Conflict, "NOTICE_NOT_DISPUTABLE", "这条通知不能在这里登记“非本人办理”。如有疑问请拨打12333,或带身份证到社保卡服务网点核实。")
