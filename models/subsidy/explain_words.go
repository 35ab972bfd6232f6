package subsidy

// Cause is why a subsidy has not come, or that it has. A cause is never used for another meaning.
type Cause string

// The causes, in the order in which they are asked.
const (
	CauseNotInSystem       Cause = "NOT_IN_SYSTEM"
	CauseNoCard            Cause = "NO_CARD"
	CauseCardInProduction  Cause = "CARD_IN_PRODUCTION"
	CauseCardNotCollected  Cause = "CARD_NOT_COLLECTED"
	CauseMoneyInactive     Cause = "MONEY_ACCOUNT_INACTIVE"
	CauseMoneyUnopened     Cause = "MONEY_ACCOUNT_UNOPENED"
	CauseMoneyLost         Cause = "MONEY_ACCOUNT_LOST"
	CauseAccountClosed     Cause = "ACCOUNT_CLOSED"
	CauseAccountRestricted Cause = "ACCOUNT_RESTRICTED"
	CauseReplacedSinceList Cause = "CARD_REPLACED_SINCE_LIST"
	CauseLostSinceList     Cause = "CARD_LOST_SINCE_LIST"
	CausePaidToHead        Cause = "PAID_TO_HEAD"
	CauseHouseholdToHead   Cause = "HOUSEHOLD_TO_HEAD"
	CauseInPosting         Cause = "IN_POSTING"
	CauseBatchNotSent      Cause = "BATCH_NOT_SENT"
	CauseSentToBank        Cause = "SENT_TO_BANK"
	CauseReissue           Cause = "REISSUE_UNDER_WAY"
	CauseReturned          Cause = "RETURNED"
	CauseOldChannel        Cause = CausePaidByOldChannel
	CauseEarlierCard       Cause = "PAID_TO_EARLIER_CARD"
	CauseNewCard           Cause = "NEW_CARD_NOT_ACTIVATED"
	CauseUnderReview       Cause = "UNDER_REVIEW"
	CauseObjected          Cause = "OBJECTED"
	CauseRejected          Cause = "DECLARATION_REJECTED"
	CauseNotDeclared       Cause = "NOT_DECLARED"
	CauseLandRecord        Cause = "LAND_RECORD_OTHER"
	CauseHeadDeceased      Cause = "HEAD_DECEASED"
	CauseHeadChanged       Cause = "HEAD_CHANGED"
	CauseTownship          Cause = "TOWNSHIP_NOT_SENT"
	CauseAccountDormant    Cause = "ACCOUNT_DORMANT"
	CauseBankMerged        Cause = "BANK_MERGED"
	CauseWithdrawn         Cause = "BATCH_WITHDRAWN"
	CauseHeld              Cause = "HELD_FOR_CHECK"
	CauseArrived           Cause = "ARRIVED"
	CauseRecovered         Cause = "RECOVERED"
	CauseCannotTell        Cause = "CANNOT_TELL"
)

// Whom an explanation sends people to.
const (
	askOffice = "office" // of the programme; the finance office or 12333 where there is none
	askBank   = "bank"   // of the card's face
	askOutlet = "outlet" // a card service outlet
)

// CauseSpec is a cause in words. A sentence that is changed gets the next version: its id, code and version together,
// stands in the record of a call, and one id is one sentence for ever.
type CauseSpec struct {
	Cause    Cause
	Version  int
	Sentence string // {name} {bank} {reason} {place} {date} {tail} {amount} {posting}; those not known are empty
	Next     Step
	AskAt    string
}

// CauseSpecs lists every cause.
func CauseSpecs() []CauseSpec { return append([]CauseSpec(nil), causeSpecs...) }

func specOf(c Cause) CauseSpec {
	for _, s := range causeSpecs {
		if s.Cause == c {
			return s
		}
	}
	return causeSpecs[len(causeSpecs)-1] // CANNOT_TELL
}

const activateAt = "请本人带身份证原件和卡到{bank}社保卡窗口激活银行账户。"

var causeSpecs = []CauseSpec{
	{CauseNotInSystem, 1, "您还没有进入补贴“一卡通”发放系统,{name}发不到您的卡上。", Step{"join_system", "请带身份证到村(社区)或乡镇(街道)登记,或联系发放部门。"}, askOffice},
	{CauseNoCard, 1, "您还没有社会保障卡,收不到{name}。", Step{"apply", "请先申领社会保障卡,首次申领不收费。"}, askOutlet},
	{CauseCardInProduction, 1, "您的社会保障卡正在办理,还没有制好,领卡并激活银行账户后才能收到{name}。", Step{"wait_for_card", "请留意进度短信,领卡后尽快激活银行账户。"}, askOutlet},
	{CauseCardNotCollected, 1, "您的社会保障卡已经制好,还没有领取,{name}发不到卡上。", Step{"collect", "请本人带身份证到{place}领卡,领卡后激活银行账户。"}, askOutlet},
	{CauseMoneyInactive, 1, "您的卡已领取,银行账户还没有激活,{name}发不进去。社保账户激活不等于银行账户激活。", Step{"activate_financial", activateAt}, askBank},
	{CauseMoneyUnopened, 1, "您的卡还没有开通银行账户,收不到{name}。", Step{"ask_bank", "请本人带身份证原件和卡到{bank}社保卡窗口询问开户。"}, askBank},
	{CauseMoneyLost, 1, "您卡上的银行账户已在银行挂失,{name}发不进去。", Step{"ask_bank", "请本人带身份证原件到{bank}社保卡窗口办理解挂或补卡。"}, askBank},
	{CauseAccountClosed, 1, "收款的银行账户已销户,{name}发不进去。", Step{"ask_bank", "请本人带身份证原件到{bank}社保卡窗口重新开户,开好后补贴才发得进去。"}, askBank},
	{CauseAccountRestricted, 1, "您的银行账户被银行限制使用,{name}可能发不进去。", Step{"ask_bank", "请本人带身份证原件到{bank}社保卡窗口询问原因并办理。"}, askBank},
	{CauseReplacedSinceList, 1, "发放名单确定后您补换了卡,名单上还是旧卡的账户,{name}可能会被退回再发到新卡。", Step{"activate_financial", "请先到{bank}社保卡窗口激活新卡的银行账户,并请发放部门更正收款账户。"}, askOffice},
	{CauseLostSinceList, 1, "发放名单确定后您的银行账户在银行挂失了,{name}可能发不进去。", Step{"ask_bank", "请本人带身份证原件到{bank}社保卡窗口办理解挂或补卡。"}, askBank},
	{CausePaidToHead, 1, "{name}是按户发放的,已{date}发到户主的社会保障卡。", Step{"ask_head", "请向户主核对;户主有变化的请联系发放部门。"}, askOffice},
	{CauseHouseholdToHead, 1, "{name}是按户发放的,原则上发到户主的社会保障卡,不发到您的卡上。", Step{"ask_head", "请向户主核对;户主有变化的请联系发放部门。"}, askOffice},
	{CauseInPosting, 1, "{name}还在公示期{posting},公示期满没有异议才会发放。", Step{"wait", "请等公示结束;对名单有异议可向公示上写明的部门反映。"}, askOffice},
	{CauseBatchNotSent, 1, "{name}这一批已列入发放计划,还没有送银行。", Step{"wait", "不需要办手续,请过几天再查。"}, askOffice},
	{CauseSentToBank, 1, "{name}已{date}送银行,银行还没有告诉我们入账。", Step{"wait", "不需要办手续,入账后会通知您;过几天仍没有到账请再查。"}, askOffice},
	{CauseReissue, 1, "{name}曾被银行退回,正在重新发放。", Step{"wait", "请确认银行账户可以收款,重新发放后会通知您。"}, askOffice},
	{CauseReturned, 1, "{name}已{date}被银行退回,原因:{reason}。", Step{"mend_account", "{advice}"}, askBank},
	{CauseOldChannel, 1, "这一期的{name}由旧渠道发放,没有通过社会保障卡,这里查不到。", Step{"ask_office", "请向发放部门查询。"}, askOffice},
	{CauseEarlierCard, 1, "{name}已{date}发到您以前那张卡的银行账户{tail}。", Step{"ask_bank", "请本人带身份证原件和现在的卡到{bank}社保卡窗口查询旧账户里的钱。"}, askBank},
	{CauseNewCard, 1, "您补换的新卡还没有激活银行账户,{name}发不进去。", Step{"activate_financial", activateAt}, askBank},
	{CauseUnderReview, 1, "您这一期的{name}已申报,正在审核。", Step{"wait", "请等审核和公示;进度可向发放部门询问。"}, askOffice},
	{CauseObjected, 1, "公示期间有人对您这一期的{name}提出异议,部门正在核实。", Step{"ask_office", "请带有关材料向发放部门说明情况。"}, askOffice},
	{CauseRejected, 1, "您这一期的{name}申报没有通过审核。", Step{"ask_office", "请向发放部门了解原因,可以补充材料或重新申报。"}, askOffice},
	{CauseNotDeclared, 1, "我们收到的这一期{name}申报名单上没有您。", Step{"declare", "请向村(社区)或发放部门了解申报条件和办法。"}, askOffice},
	{CauseLandRecord, 1, "地块登记的领取人与申报名单上的人不一致,{name}可能要核对后才能发。", Step{"correct_record", "请带身份证和土地证明到下面的部门更正登记。"}, askOffice},
	{CauseHeadDeceased, 1, "登记的户主已去世,{name}可能要变更户主后才能发。", Step{"change_head", "请带户口簿到乡镇(街道)或发放部门变更户主信息。"}, askOffice},
	{CauseHeadChanged, 1, "{name}的申报名单上登记的不是现在的户主,可能要核对后才能发。", Step{"change_head", "请带户口簿到发放部门核对名单上的户主。"}, askOffice},
	{CauseTownship, 1, "您这一期的{name}已通过审核,我们还没有收到您所在乡镇(街道)这一批的发放记录。", Step{"wait", "不需要办手续,请过几天再查;着急可以向发放部门询问。"}, askOffice},
	{CauseAccountDormant, 1, "收款的银行账户长期未用,{name}被银行退回。", Step{"ask_bank", "请本人带身份证原件和卡到{bank}社保卡窗口恢复账户,办好后会重新发放。"}, askBank},
	{CauseBankMerged, 1, "收款账户的银行已并入{bank},{name}被退回。", Step{"ask_bank", "请本人带身份证原件和卡到{bank}社保卡窗口核对账户,发放部门更正后会重新发放。"}, askBank},
	{CauseWithdrawn, 1, "{name}这一批的发放通知有误,发放部门已撤回,以后续通知为准。", Step{"wait", "不需要办手续;有疑问可以向发放部门询问。"}, askOffice},
	{CauseHeld, 1, "{name}有一笔发放信息正在核对,核对完才能确认。", Step{"wait", "不需要办手续,请过几天再查;着急可以向发放部门询问。"}, askOffice},
	{CauseArrived, 1, "{name}{amount}元已{date}存入您的社会保障卡银行账户{tail}。", Step{"check_account", "请到{bank}核对账户;没有看到这笔钱可以登记反映。"}, askBank},
	{CauseRecovered, 1, "{name}到账以后被要求追回,具体情况由发放部门说明。", Step{"ask_office", "请向发放部门询问追回的原因。"}, askOffice},
	{CauseCannotTell, 1, "根据现有信息,我们说不清{name}为什么没有到账。", Step{"enquire", "可以登记查询,我们核实后答复您。"}, askOffice},
}
