package card

import "onecard/models"

// Refusals of replacements. Each message names a way forward (R48).
var (
	ErrReplaceNotByPhone   = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理补换卡。请本人通过微信或支付宝办理,或带本人身份证件到社保卡服务网点办理。")
	ErrReplaceSelfOnly     = models.NewError(models.Forbidden, "DELEGATE_WINDOW_ONLY", "代他人补换卡目前只能到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
	ErrReplaceMinor        = models.NewError(models.Forbidden, "MINOR_WINDOW_ONLY", "未成年人补换卡请由监护人带相关证件到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
	ErrReplaceReason       = models.NewError(models.Invalid, "REPLACEMENT_REASON", "请选择补换卡的原因:遗失、损坏、到期或信息有误。如有疑问请拨打12333。")
	ErrReplaceAtOutlet     = models.NewError(models.Forbidden, "REPLACEMENT_AT_OUTLET_ONLY", "因这个原因补换卡请带本人身份证原件到社保卡服务网点办理。网点可在“网点查询”中查看,或拨打12333。")
	ErrReplacementVoid     = models.NewError(models.Conflict, "CARD_VOID", "这张卡已因补换卡作废,请使用新卡;如有疑问请到社保卡服务网点或拨打12333。")
	ErrReplaceNotInHand    = models.NewError(models.Conflict, "CARD_NOT_ISSUED", "这张卡还没有领取,不能补换;领卡请看办卡进度,如有疑问请拨打12333。")
	ErrReplacementNotFound = models.NewError(models.NotFound, "REPLACEMENT_NOT_FOUND", "没有找到这份补换卡记录。请刷新后重试,或拨打12333查询。")
	ErrReplacementTooLate  = models.NewError(models.Conflict, "REPLACEMENT_WITHDRAW_TOO_LATE", "补换卡已编入制卡批次或已经结束,不能撤回。如有疑问请到社保卡服务网点办理,或拨打12333。")
)
