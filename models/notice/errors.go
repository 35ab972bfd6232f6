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
