package card

import "onecard/models"

// Refusals of cards, losses and releases. Each message names a way forward (R48).
var (
	ErrCardNotFound  = models.NewError(models.NotFound, "CARD_NOT_FOUND", "没有找到这张社会保障卡。请刷新后重试,或拨打12333查询。")
	ErrCardVoid      = models.NewError(models.Conflict, "CARD_VOID", "这张卡已因补换卡作废,不能再挂失或解挂,请使用新卡;如有疑问请到社保卡服务网点或拨打12333。")
	ErrCardCancelled = models.NewError(models.Conflict, "CARD_CANCELLED", "这张卡已注销,不能办理这项业务;如有疑问请到社保卡服务网点或拨打12333。")
	ErrNoAccountYet  = models.NewError(models.Conflict, "CARD_NOT_ISSUED", "这张卡还没有领取,不需要挂失;领卡请看办卡进度,如有疑问请拨打12333。")
	ErrBankInPerson  = models.NewError(models.Forbidden, "BANK_IN_PERSON_ONLY", "银行账户的挂失和解挂只能由本人带身份证原件到卡面银行办理,请先拨打银行电话询问临时挂失;社保账户可在这里挂失,或拨打12333。")
	ErrAccountWord   = models.NewError(models.Invalid, "ACCOUNT_UNKNOWN", "请选择要挂失的账户:社保账户。如有疑问请拨打12333。")
	ErrLossRefused   = models.NewError(models.Conflict, "LOSS_REFUSED", "社保系统没有接受这次挂失,社保账户没有停用。请马上拨打12333或到社保卡服务网点办理。")
	// ErrLossOpen is between store and use case only: the use case answers with the open report.
	ErrLossOpen            = models.NewError(models.Conflict, "LOSS_ALREADY_OPEN", "这张卡已经报过挂失,请在挂失记录中查看;如有疑问请拨打12333。")
	ErrLossNotFound        = models.NewError(models.NotFound, "LOSS_NOT_FOUND", "没有找到这条挂失记录。请刷新后重试,或拨打12333。")
	ErrNoLossRecord        = models.NewError(models.Conflict, "NO_LOSS_RECORD", "这张卡的社保账户没有挂失,不需要解挂;如有疑问请拨打12333。")
	ErrLossNotConfirmedYet = models.NewError(models.Conflict, "LOSS_NOT_CONFIRMED_YET", "挂失还在确认中,确认后才能解挂,请稍后再试;急需办理请带身份证原件到社保卡服务网点,或拨打12333。")
	ErrReleaseNotByPhone   = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能解挂。请本人通过微信或支付宝办理,或带本人身份证原件到社保卡服务网点办理(代办须带双方身份证原件)。")
	ErrReleaseAtOutlet     = models.NewError(models.Forbidden, "RELEASE_AT_OUTLET_ONLY", "解挂请带本人身份证原件到社保卡服务网点办理;代办须带双方身份证原件。网点可在“网点查询”中查看,或拨打12333。")
	ErrReleaseTooSoon      = models.NewError(models.Forbidden, "RELEASE_WAIT_AFTER_BINDING", "为保护您的账户,挂失后才绑定的微信或支付宝账号须满24小时才能解挂;急需办理请带身份证原件到社保卡服务网点,或拨打12333。")
	ErrNothingToRenew      = models.NewError(models.Conflict, "LOSS_HAS_NO_END", "这次挂失没有到期日,不需要续期;如有疑问请拨打12333。")
	ErrReadBackRequired    = models.NewError(models.Invalid, "READ_BACK_REQUIRED", "请先向来电人复述挂失的内容,来电人同意后再提交;不同意的,请引导到社保卡服务网点。")
	ErrSpeakerUnknown      = models.NewError(models.Invalid, "SPEAKER_UNKNOWN", "请选择来电的是持卡人本人还是亲属;如有疑问请引导到社保卡服务网点。")
	ErrCallNeeded          = models.NewError(models.Forbidden, "NO_ACTIVE_CALL", "请先接通来电并核验来电人身份,再办理挂失。来电人也可到社保卡服务网点办理。")
)
