package notice

import "onecard/models"

// Refusals of a vendor's push. Their readers are the vendor's console and our operators.
var (
	ErrCallback     = models.NewError(models.Unauthenticated, "CALLBACK_NOT_VERIFIED", "回执的来源未通过核验。请核对短信平台的回执地址设置,或拨打12333。")
	ErrCallbackBody = models.NewError(models.Invalid, "CALLBACK_MALFORMED", "回执内容的格式不正确。请核对短信平台的推送设置,或拨打12333。")
)
