package payment

import "onecard/models"

// Refusals of fees. Each message names a way forward (R48).
var (
	ErrOrderNotFound = models.NewError(models.NotFound, "FEE_ORDER_NOT_FOUND", "没有找到这笔缴费。请刷新后重试,或拨打12333查询。")
	ErrFeePaid       = models.NewError(models.Conflict, "FEE_ALREADY_PAID", "这笔工本费已经支付,请不要重复支付。如显示还没有更新请稍后刷新,或拨打12333。")
	ErrFeeClosed     = models.NewError(models.Conflict, "FEE_CLOSED", "这笔缴费已经关闭,不需要再支付。如仍需补换卡请重新提交申请,或拨打12333。")
	ErrPayByPhone    = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能缴费。请本人通过微信或支付宝支付,或到社保卡服务网点办理。")
	ErrPayChannel    = models.NewError(models.Conflict, "FEE_PAY_ELSEWHERE", "这个入口暂不能支付工本费。请换用自己的微信或支付宝登录后支付,或到社保卡服务网点办理,咨询请拨打12333。")
	ErrFeeRoute      = models.NewError(models.Unavailable, "FEE_ROUTE_NOT_AVAILABLE", "线上缴费暂未开通。请到社保卡服务网点办理补换卡和缴费,或拨打12333咨询。")

	ErrCallback     = models.NewError(models.Unauthenticated, "PAYMENT_CALLBACK_REFUSED", "通知未通过核验;如有疑问请拨打12333。")
	ErrCallbackBody = models.NewError(models.Invalid, "PAYMENT_CALLBACK_INVALID", "通知内容不完整;如有疑问请拨打12333。")
)
