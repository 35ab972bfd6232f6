package hotline

import "onecard/models"

// Refusals of the telephone's door, told to the exchange.
var (
	ErrTelephoneForged = models.NewError(models.Unauthenticated, "TELEPHONE_FORGED", "签名、时间或客户编号不正确,请按对接约定重新签名后再发;如有疑问请联系12333技术支持。")
	ErrTelephoneReplay = models.NewError(models.Conflict, "TELEPHONE_REPLAYED", "这次请求已经收到过,请用新的随机数重新签名;如有疑问请联系12333技术支持。")
	ErrTelephoneBody   = models.NewError(models.Invalid, "TELEPHONE_EVENT_INVALID", "事件内容不符合对接约定,请核对字段后再发;如有疑问请联系12333技术支持。")
)

// ErrEventKnown says that an event was written down before. It never leaves the capability.
var ErrEventKnown = models.NewError(models.Conflict, "EVENT_KNOWN", "这个事件已经记录,不必再发;如有疑问请联系12333技术支持。")

// Refusals of calls by telephone.
var (
	ErrCallEnded          = models.NewError(models.Forbidden, "CALL_ENDED", "来电已经挂断,不能再查询或办理。请补记后结束通话;没有办完的请登记回电,或引导到社保卡服务网点。")
	ErrNotByTelephone     = models.NewError(models.Conflict, "CALL_NOT_BY_TELEPHONE", "本次通话是手工建立的,不能让来电人按键核验。请回拨登记手机确认,或引导到社保卡服务网点。")
	ErrNoExchange         = models.NewError(models.Unavailable, "TELEPHONE_UNAVAILABLE", "话务系统暂时不能使用,请稍后再试;急需办理请核验其他资料,或引导到社保卡服务网点。")
	ErrExchangeRefused    = models.NewError(models.Conflict, "TELEPHONE_REFUSED", "话务系统没有接受这次操作,请核对分机状态后重试;仍不成功请引导到社保卡服务网点。")
	ErrCheckByExchange    = models.NewError(models.Conflict, "CALL_BACK_BY_TELEPHONE", "回拨由话务系统接通后自动确认,不必手工确认。没有接通的请重新发起,或引导到社保卡服务网点。")
	ErrNoExtension        = models.NewError(models.Conflict, "NO_EXTENSION", "您的账号没有登记分机号,不能呼出。请联系本单位管理员或12333技术支持登记。")
	ErrExtensionTaken     = models.NewError(models.Conflict, "EXTENSION_TAKEN", "这个分机号已登记给另一位坐席,请换一个;如有疑问请联系12333技术支持。")
	ErrExtensionForm      = models.NewError(models.Invalid, "EXTENSION_FORMAT", "分机号须为2至8位数字,请核对;如有疑问请联系12333技术支持。")
	ErrStreamEnded        = models.NewError(models.Conflict, "STREAM_ENDED", "同一账号在别处打开了工作台,这里不再接收来电提示。请刷新页面;如有疑问请联系12333技术支持。")
	ErrCallBackKnown      = models.NewError(models.Conflict, "CALL_BACK_EXISTS", "这件事已经登记过回电,不必重复登记。可在回电列表查看;急需办理请引导到社保卡服务网点。")
	ErrCallBackNotYours   = models.NewError(models.Conflict, "CALL_BACK_NOT_TAKEN", "请先领取这条回电再办理;已被别人领取的请办理下一条,有疑问请联系12333技术支持。")
	ErrCallBackOver       = models.NewError(models.Conflict, "CALL_BACK_OVER", "这条回电已经结束。请刷新回电列表;仍需联系的请重新登记,或引导到社保卡服务网点。")
	ErrCallBackNotReached = models.NewError(models.Conflict, "CALL_BACK_NOT_REACHED", "这条回电还没有接通过,不能记为已说清。请先拨打;对方不需要了或打不通的请如实选择,有疑问请联系12333技术支持。")
	ErrNoCallBackPhone    = models.NewError(models.Conflict, "NO_CALL_BACK_PHONE", "没有可以回电的号码。请先核验来电人并使用登记手机,或请来电人再次拨打12333。")
	ErrCallBackWords      = models.NewError(models.Invalid, "CALL_BACK_WORDS", "回电的原因、号码或结果不在可选范围内,请重新选择;如有疑问请联系12333技术支持。")
)
