package policy

import "onecard/models"

// What the gate refuses.
var (
	ErrLoginRequired   = models.NewError(models.Unauthenticated, "LOGIN_REQUIRED", "请先登录后再继续;无法登录请到社保卡服务网点办理,或拨打12333。")
	ErrBindingRequired = models.NewError(models.Forbidden, "BINDING_REQUIRED", "请先完成实名绑定后再办理;也可到社保卡服务网点办理,或拨打12333。")
	ErrRecheckRequired = models.NewError(models.Forbidden, "RECHECK_REQUIRED", "这项业务需要重新核验本人身份,请按提示完成核验后再办理;不便核验的,可到社保卡服务网点办理,或拨打12333。")

	ErrNotOnChannel     = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "这项业务不能在本渠道办理。请持有效身份证件到社保卡服务网点办理,或拨打12333咨询。")
	ErrApplyAtWindow    = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "社保卡申领目前不在网上受理。请带有效身份证件和近期照片到社保卡服务网点(人社窗口、银行窗口均可)办理,首次申领不收费;所需材料和附近网点可在“办事指南”“网点查询”中查看,或拨打12333。")
	ErrReplaceAtWindow  = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "补换卡目前不在网上受理。请带本人身份证原件到社保卡服务网点(人社窗口、银行窗口均可)办理;所需材料、工本费和附近网点可在“办事指南”“网点查询”中查看,或拨打12333。")
	ErrHandedOver       = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "这项业务请在页面所示的渠道办理,也可持有效身份证件到社保卡服务网点办理,或拨打12333咨询。")
	ErrReleaseAtOutlet  = models.NewError(models.Forbidden, "RELEASE_AT_OUTLET_ONLY", "解挂请带本人身份证原件到社保卡服务网点办理;代办须带双方身份证原件。网点可在“网点查询”中查看,或拨打12333。")
	ErrDelegateAtWindow = models.NewError(models.Forbidden, "DELEGATE_WINDOW_ONLY", "代他人补换卡目前只能到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
	ErrMinorAtWindow    = models.NewError(models.Forbidden, "MINOR_WINDOW_ONLY", "未成年人补换卡请由监护人带相关证件到社保卡服务网点窗口办理,所需材料可在网点咨询,或拨打12333。")
)

// What is said about banks and outlets.
var (
	ErrBankNotAvailable = models.NewError(models.Invalid, "BANK_NOT_AVAILABLE", "所选银行目前不办理本地社保卡,请从合作银行中重新选择;如有疑问请到社保卡服务网点咨询,或拨打12333。")
	ErrBankUnknown      = models.NewError(models.NotFound, "BANK_UNKNOWN", "没有查到这家银行,请到社保卡服务网点咨询,或拨打12333。")
	ErrOutletNotFor     = models.NewError(models.Invalid, "OUTLET_NOT_FOR_ACT", "这个网点不办理这项业务,请在“网点查询”中按业务重新选择,或拨打12333。")
	ErrGuideUnknown     = models.NewError(models.NotFound, "GUIDE_UNKNOWN", "没有这项业务的办事指南,请从列表中选择,或拨打12333。")
	ErrHistoryUnknown   = models.NewError(models.NotFound, "POLICY_NOT_PUBLIC", "没有查到这项公开政策,请核对后再试,或拨打12333咨询。")
	ErrGuideNotPrinted  = models.NewError(models.Unavailable, "GUIDE_NOT_PRINTABLE", "一次性告知单暂时不能生成,请稍后再试,或在页面上查看内容;也可拨打12333询问。")
	ErrOutletUnknown    = models.NewError(models.NotFound, "OUTLET_UNKNOWN", "没有查到这个网点,请重新查询,或拨打12333。")
)

// What is said to the person who sets a policy.
var (
	ErrSettingUnknown = models.NewError(models.NotFound, "POLICY_UNKNOWN", "没有这项设置,可用 onecard policy list 查看全部设置;如有疑问请联系12333技术支持。")
	ErrSettingRefused = models.NewError(models.Invalid, "POLICY_REFUSED", "这项设置不能这样修改,请按提示改正;如有疑问请联系12333技术支持。")
	ErrNotDecided     = models.NewError(models.Unavailable, "POLICY_NOT_DECIDED", "有必须由单位决定的设置尚未指定,正式环境不能启动;请用 onecard policy set 指定,如有疑问请联系12333技术支持。")
)

// What is said to the two people who decide at the console.
var (
	ErrProposalUnknown  = models.NewError(models.NotFound, "PROPOSAL_NOT_FOUND", "没有找到这项提议,请返回列表重新选择;如有疑问请联系12333技术支持。")
	ErrProposalSecond   = models.NewError(models.Forbidden, "PROPOSAL_SECOND_PERSON", "提议人不能批准自己的提议,请由另一位政策管理员决定;如有疑问请联系12333技术支持。")
	ErrProposalNotYours = models.NewError(models.Forbidden, "PROPOSAL_NOT_YOURS", "只有提议人可以撤回这项提议;不同意的可以不批准。如有疑问请联系12333技术支持。")
	ErrProposalSettled  = models.NewError(models.Conflict, "PROPOSAL_SETTLED", "这项提议已经处理完毕,请刷新后查看结果;如有疑问请联系12333技术支持。")
	ErrProposalLate     = models.NewError(models.Conflict, "PROPOSAL_LATE", "这项提议的生效时间已过,不能再批准。请重新提议,写明今后的生效时间;如有疑问请联系12333技术支持。")
	ErrChangedSince     = models.NewError(models.Conflict, "CHANGED_SINCE", "提议以后,这项设置已有新的决定。请核对现在的设置后重新提议;如有疑问请联系12333技术支持。")
	ErrStopAgain        = models.NewError(models.Conflict, "ACT_STOP_NEEDS_SECOND", "您上一次对这项业务的紧急停办还没有第二人看过,不能由您再次停办。请由另一位政策管理员停办,或联系12333技术支持。")
	ErrStopOpen         = models.NewError(models.Conflict, "ACT_STOPPED_ALREADY", "这项业务在这个渠道已经紧急停办,正在等待第二人批准;如有疑问请联系12333技术支持。")
)
