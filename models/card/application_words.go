package card

// stageWords say one stage when it is past, present and still to come (R27; the words are those of domain 2.4).
type stageWords struct{ done, now, ahead string }

var stages = map[ApplicationState]stageWords{
	ApplicationSubmitted:        {"已提交", "已提交,等待受理", "提交"},
	ApplicationAccepted:         {"已受理", "已受理", "受理"},
	ApplicationBatched:          {"已编入制卡批次", "已编入制卡批次", "编入制卡批次"},
	ApplicationBankOpening:      {"银行开户", "银行正在开户", "银行开户"},
	ApplicationBankFailed:       {"银行开户没有成功", "银行开户没有成功", ""},
	ApplicationProducing:        {"制卡", "正在制卡", "制卡"},
	ApplicationProductionFailed: {"制卡没有成功", "制卡没有成功", ""},
	ApplicationAtOutlet:         {"已到领卡网点", "已到领卡网点,等待领取", "送到领卡网点"},
	ApplicationCollected:        {"已领取", "已领取", "领取"},
	ApplicationRejected:         {"申领没有通过", "申领没有通过", ""},
	ApplicationReturned:         {"退回补正", "已退回,等待您补正", ""},
	ApplicationWithdrawing:      {"申请撤回", "撤回申请已收到,等待确认", ""},
	ApplicationWithdrawn:        {"已撤回", "已撤回", ""},
}

// stageOf takes a state this release does not know for one being worked on.
func stageOf(state ApplicationState) stageWords {
	if w, ok := stages[state]; ok {
		return w
	}
	return stageWords{"处理中", "处理中", ""}
}

// adviceOf says what to do next; each sentence has a way forward.
func adviceOf(a Application, p Progress) string {
	bank, outlet := p.Bank.Name, p.Outlet.Name
	if bank == "" {
		bank = "所选银行"
	}
	if outlet == "" {
		outlet = "领卡网点"
	}
	switch a.State {
	case ApplicationSubmitted:
		return "申领已收到,正在送交社保系统受理,请留意短信。如有疑问请拨打12333。"
	case ApplicationReturned:
		return "申领已退回,请把下面列出的内容一次更正后重新提交,受理号不变。不能在线更正的,请带身份证原件到社保卡服务网点办理,或拨打12333。"
	case ApplicationWithdrawing:
		return "撤回申请正在确认;已编入制卡批次的不能撤回,以确认短信为准。如有疑问请拨打12333。"
	case ApplicationWithdrawn:
		return "申领已撤回,没有收取费用。需要时可以重新申领,或拨打12333。"
	case ApplicationBankOpening:
		return bank + "正在为您开立银行账户,请留意进度短信。如有疑问请拨打12333。"
	case ApplicationBankFailed:
		return bank + "没有开户成功,请带身份证到" + bank + "社保卡窗口询问,或拨打12333。"
	case ApplicationProductionFailed:
		return "制卡没有成功,正在重新安排;如有疑问请拨打12333。"
	case ApplicationAtOutlet:
		return "您的社会保障卡已到" + outlet + ",请带身份证原件领取。如有疑问请拨打12333。"
	case ApplicationCollected:
		return "社保账户和银行账户都要激活,请本人带身份证原件和卡到" + bank + "社保卡窗口一次办理。如有疑问请拨打12333。"
	case ApplicationRejected:
		if text := reasonTexts[a.ReasonCode]; text != "" {
			return "申领没有通过,原因:" + text + "。请按原因更正后重新提交,或到社保卡服务网点办理,或拨打12333。"
		}
		return "申领没有通过,请到社保卡服务网点询问原因并办理,或拨打12333。"
	}
	return "您的申领正在办理,首次申领不收费,请留意进度短信。如有疑问请拨打12333。"
}
