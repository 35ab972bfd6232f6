package hotline

import "onecard/models"

// Refusals about work orders.
var (
	ErrOrderState       = models.NewError(models.Conflict, "ORDER_STATE", "工单现在的状态不能这样处理,可能别人刚刚处理过。请刷新后再看;如有疑问请联系12333班长。")
	ErrOrderTaken       = models.NewError(models.Conflict, "ORDER_TAKEN", "这个工单刚刚已由别人处理,请刷新后查看;如有疑问请联系12333班长。")
	ErrOrderNotYours    = models.NewError(models.Forbidden, "ORDER_NOT_YOURS", "这个工单由别人承办或不在您的处理范围,请先请班长转派给您,或联系12333班长。")
	ErrOrderExpired     = models.NewError(models.Conflict, "ORDER_EXPIRED", "工单已过办理期限,不能再延期。请尽快办结;确有困难的请联系12333班长。")
	ErrOrderExtended    = models.NewError(models.Conflict, "ORDER_EXTENDED_ALREADY", "工单已延期过一次,不能再次延期。请在期限内办结;确有困难的请联系12333班长。")
	ErrComplaintStays   = models.NewError(models.Conflict, "COMPLAINT_STAYS", "投诉由12333受理,不转给被投诉的部门。请由12333班长承办;反映扣卡、克扣补贴的,请登记问题反映。")
	ErrCallBackFirst    = models.NewError(models.Conflict, "CALL_BACK_FIRST", "请先回访市民,问清问题是否已解决,再办结工单;多次联系不上的,记录每次回访后可以办结,如有疑问请联系12333班长。")
	ErrUrgedToday       = models.NewError(models.Conflict, "URGED_TODAY", "今天已催办过这件事,承办单位已收到。请等待答复,明天仍可再催,或拨打12333。")
	ErrReopenOver       = models.NewError(models.Conflict, "REOPEN_NOT_POSSIBLE", "这件事已不能重新办理(只能在期限内重办一次)。如仍未解决,请拨打12333重新登记。")
	ErrEnquiryOpen      = models.NewError(models.Conflict, "ENQUIRY_OPEN", "这件事正在办理,不需要重新办理。请等待答复,可以催办,或拨打12333。")
	ErrProgrammeUnknown = models.NewError(models.Invalid, "ORDER_PROGRAMME_UNKNOWN", "没有这个补贴项目,请从项目目录中选择,或留空由12333受理。")
	ErrNoOrderExchange  = models.NewError(models.Conflict, "NO_ORDER_EXCHANGE", "这个部门和县区没有设置文件交换密钥,不能导出工单。请联系12333技术支持设置。")
	ErrAnswerFile       = models.NewError(models.Invalid, "ANSWER_FILE_INVALID", "答复文件的签名或格式不正确,没有读取任何一行。请让县区重新签名后再导入,或联系12333技术支持。")
	ErrEnquiryOver      = models.NewError(models.Conflict, "ENQUIRY_OVER", "这件事已有答复或已办结。仍未解决的,可以申请重新办理,或拨打12333。")
)
