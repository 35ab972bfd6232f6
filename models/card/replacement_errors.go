package card

import "onecard/models"

// Refusals of replacements. Each message names a way forward (R48).
var (
	ErrReplaceNotByPhone = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理补换卡。请本人通过微信或支付宝办理,或带本人身份证件到社保卡服务网点办理。")
	ErrReplaceSelfOnly   = models.NewError(models.Forbidden, "DELEGATE_WINDOW_ONLY", "代他人补换卡目前只能到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
	// ErrReplaceByGuardian: where policy opens a minor's replacement, the guardian does it here (R46).
	ErrReplaceByGuardian      = models.NewError(models.Forbidden, "GUARDIAN_REQUIRED", "未满16周岁补换卡须由监护人办理。请监护人在本人账号中添加孩子后代为办理,或带相关证件到社保卡服务网点窗口办理,咨询请拨打12333。")
	ErrReplaceMinor           = models.NewError(models.Forbidden, "MINOR_WINDOW_ONLY", "未成年人补换卡请由监护人带相关证件到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
	ErrReplaceReason          = models.NewError(models.Invalid, "REPLACEMENT_REASON", "请选择补换卡的原因:遗失、损坏、到期或信息有误。如有疑问请拨打12333。")
	ErrReplaceAtOutlet        = models.NewError(models.Forbidden, "REPLACEMENT_AT_OUTLET_ONLY", "因这个原因补换卡请带本人身份证原件到社保卡服务网点办理。网点可在“网点查询”中查看,或拨打12333。")
	ErrReplacementVoid        = models.NewError(models.Conflict, "CARD_VOID", "这张卡已因补换卡作废,请使用新卡;如有疑问请到社保卡服务网点或拨打12333。")
	ErrReplaceNotInHand       = models.NewError(models.Conflict, "CARD_NOT_ISSUED", "这张卡还没有领取,不能补换;领卡请看办卡进度,如有疑问请拨打12333。")
	ErrReplacementNotFound    = models.NewError(models.NotFound, "REPLACEMENT_NOT_FOUND", "没有找到这份补换卡记录。请刷新后重试,或拨打12333查询。")
	ErrReplacementNotReturned = models.NewError(models.Conflict, "REPLACEMENT_NOT_RETURNED", "这份补换卡现在不需要补正,可能已在另一台设备上提交,请刷新查看进度;如有疑问请拨打12333。")
	ErrReplacementAtWindow    = models.NewError(models.Conflict, "CORRECTION_AT_OUTLET_ONLY", "退回的内容不能在线上更正,请按列出的内容带身份证原件到社保卡服务网点一次办理;也可以撤回,已支付的工本费原路退回。如有疑问请拨打12333。")
	ErrReplacementBeingSent   = models.NewError(models.Conflict, "REPLACEMENT_BEING_SENT", "上一次提交正在送交社保系统,请过几分钟刷新后再办理;如有疑问请拨打12333。")
	ErrReplacementTooLate     = models.NewError(models.Conflict, "REPLACEMENT_WITHDRAW_TOO_LATE", "补换卡已编入制卡批次或已经结束,不能撤回。如有疑问请到社保卡服务网点办理,或拨打12333。")
)
