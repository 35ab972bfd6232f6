package card

import (
	"fmt"

	"onecard/models"
)

// Sentences about replacements.
const (
	notNeededText = "社会保障卡在河南全省通用,在省内换单位、换参保地都不需要换卡,也不收费。如有疑问请拨打12333。"
	qualityText   = "卡的质量问题请带卡和本人身份证原件到社保卡服务网点鉴定、换卡,属于质量问题的不收工本费。网点可在“网点查询”中查看,或拨打12333。"
	mayFindText   = "如果还可能找到卡,可以先只挂失、暂不补卡:找到后解挂不收费。"
	atWindowText  = "请带身份证原件到社保卡服务网点办理,或拨打12333咨询。"
	voidText      = "支付后将制作新卡;领取新卡时旧卡作废,旧卡的社保账户和银行账户都不能再使用。编入制卡批次前可以撤回,工本费原路退回。"
	waivedText    = "这次补换卡免收工本费,不需要支付。将制作新卡;领取新卡时旧卡作废,旧卡的社保账户和银行账户都不能再使用。编入制卡批次前可以撤回。"
	mayUndoText   = "如果还可能找到卡,可以先撤回补换卡、只保留挂失:找到后解挂不收费。"
	// foundText asks who releases a loss about the replacement that is under way (R41).
	foundText       = "这张卡的补换卡还在办理。卡已找到、不再需要新卡的,请撤回补换卡,工本费原路退回;不撤回的,领取新卡时这张卡作废。如有疑问请拨打12333。"
	foundWaivedText = "这张卡的补换卡还在办理。卡已找到、不再需要新卡的,请撤回补换卡,不收取费用;不撤回的,领取新卡时这张卡作废。如有疑问请拨打12333。"
)

// waivedLabel is the word for a fee that nobody owes.
const waivedLabel = "免收工本费"

// waivedStage says the stage of a replacement that waits for the registry and cost nothing.
var waivedStage = stageWords{waivedLabel, waivedLabel + ",等待受理", ""}

// FoundAsk asks who has released a loss whether the replacement shall go on (R41).
func (p ReplacementProgress) FoundAsk() string {
	if p.Waived {
		return foundWaivedText
	}
	return foundText
}

func announcedText(n int, tail string) string {
	account := "旧卡的银行账户"
	if tail != "" {
		account += "(尾号" + tail + ")"
	}
	return fmt.Sprintf("有%d笔补贴正在发往%s。领到新卡后请尽快激活银行账户,并在银行办理旧账户余额转入,以免影响到账。", n, account)
}

// replacementStages say one stage when it is past, present and still to come.
var replacementStages = map[ReplacementState]stageWords{
	ReplacementAwaitingFee:      {"已提交", "待支付工本费", ""},
	ReplacementSubmitted:        {"已支付工本费", "已支付工本费,等待受理", "支付工本费"},
	ReplacementAccepted:         {"已受理", "已受理", "受理"},
	ReplacementBatched:          {"已编入制卡批次", "已编入制卡批次", "编入制卡批次"},
	ReplacementBankOpening:      {"银行开户", "银行正在开户", "银行开户"},
	ReplacementBankFailed:       {"银行开户没有成功", "银行开户没有成功", ""},
	ReplacementProducing:        {"制卡", "正在制卡", "制卡"},
	ReplacementProductionFailed: {"制卡没有成功", "制卡没有成功", ""},
	ReplacementAtOutlet:         {"已到领卡网点", "已到领卡网点,等待领取", "送到领卡网点"},
	ReplacementCompleted:        {"新卡已领取,旧卡已作废", "新卡已领取,旧卡已作废", "领取新卡,旧卡作废"},
	ReplacementReturned:         {"退回补正", "已退回,需要补正", ""},
	ReplacementRejected:         {"补换卡没有通过", "补换卡没有通过", ""},
	ReplacementWithdrawing:      {"申请撤回", "撤回申请已收到,等待确认", ""},
	ReplacementWithdrawn:        {"已撤回", "已撤回", ""},
	ReplacementLapsed:           {"逾期未支付,已关闭", "逾期未支付,已关闭", ""},
}

// replacementWordsOf takes a state this release does not know for one being worked on.
func replacementWordsOf(state ReplacementState, waived bool) stageWords {
	if waived && state == ReplacementSubmitted {
		return waivedStage
	}
	if w, ok := replacementStages[state]; ok {
		return w
	}
	return stageWords{"处理中", "处理中", ""}
}

// replacementHolder says who holds the next step.
func replacementHolder(state ReplacementState) string {
	if state == ReplacementAwaitingFee {
		return "您本人"
	}
	return stageHolders[ApplicationState(state)]
}

// moneyBack says what becomes of the fee of a replacement that ended without a card.
func moneyBack(f Fee) string {
	if f.Refund != "" {
		return "工本费" + f.AmountFen.Yuan() + "元退还给付款人,现在是:" + f.Refund + "。"
	}
	return "没有收取费用。"
}

// AwaitingFeeWords is what a citizen reads while her replacement waits for its fee; 0: nothing is waited for.
func AwaitingFeeWords(fee models.Fen) string {
	if fee == 0 {
		return "这次补换卡免收工本费,不需要支付。如有疑问请拨打12333。"
	}
	return "请支付工本费" + fee.Yuan() + "元,支付后开始办理;逾期未支付的自动关闭。如有疑问请拨打12333。"
}

// replacementAdvice says what to do next; each sentence has a way forward.
func replacementAdvice(p ReplacementProgress) string {
	bank, outlet, r := p.Bank.Name, p.Outlet.Name, p.Replacement
	if bank == "" {
		bank = "所选银行"
	}
	if outlet == "" {
		outlet = "领卡网点"
	}
	switch r.State {
	case ReplacementAwaitingFee:
		return AwaitingFeeWords(p.Fee.AmountFen)
	case ReplacementSubmitted:
		if p.Waived {
			return "这次补换卡免收工本费,不需要支付,正在送交社保系统受理,请留意短信;编入制卡批次前可以撤回。如有疑问请拨打12333。"
		}
		return "工本费已支付,正在送交社保系统受理,请留意短信。如有疑问请拨打12333。"
	case ReplacementReturned:
		if p.CorrectionsLeft > 0 {
			if p.Waived {
				return "补换卡已退回,请按下面列出的内容一次更正后重新提交,受理号不变;也可带身份证原件到社保卡服务网点办理,或撤回,不收取费用。如有疑问请拨打12333。"
			}
			return "补换卡已退回,请按下面列出的内容一次更正后重新提交,受理号不变,工本费不再收取;也可带身份证原件到社保卡服务网点办理,或撤回,工本费原路退回。如有疑问请拨打12333。"
		}
		if p.Waived {
			return "补换卡已退回,请按下面列出的内容带身份证原件到社保卡服务网点一次办理;也可以撤回,不收取费用。如有疑问请拨打12333。"
		}
		return "补换卡已退回,请按下面列出的内容带身份证原件到社保卡服务网点一次办理;也可以撤回,工本费原路退回。如有疑问请拨打12333。"
	case ReplacementWithdrawing:
		return "撤回申请正在确认;已编入制卡批次的不能撤回,以确认短信为准。如有疑问请拨打12333。"
	case ReplacementWithdrawn:
		return "补换卡已撤回," + moneyBack(p.Fee) + "需要时可以重新办理,或拨打12333。"
	case ReplacementLapsed:
		return "因没有按时支付工本费,补换卡已关闭,没有收取费用;之后才支付成功的款项会自动原路退回。需要时可以重新办理,或拨打12333。"
	case ReplacementBankFailed:
		return bank + "没有开户成功,请带身份证到" + bank + "社保卡窗口询问,或拨打12333。"
	case ReplacementProductionFailed:
		return "制卡没有成功,正在重新安排;如有疑问请拨打12333。"
	case ReplacementAtOutlet:
		return "新的社会保障卡已到" + outlet + ",请带身份证原件和旧卡(未遗失的)领取,领取时旧卡作废。如有疑问请拨打12333。"
	case ReplacementCompleted:
		return activateNewCard(bank) + "如有疑问请拨打12333。"
	case ReplacementRejected:
		reason := reasonTexts[r.ReasonCode]
		if reason == "" {
			reason = "请到社保卡服务网点询问"
		}
		return "补换卡没有通过,原因:" + reason + "。" + moneyBack(p.Fee) + "请到社保卡服务网点办理,或拨打12333。"
	}
	return "您的补换卡正在办理,请留意进度短信。如有疑问请拨打12333。"
}

// activateNewCard is the one next step after a replacement: everything in one visit.
func activateNewCard(bank string) string {
	return "请本人带身份证原件和新卡到" + bank + "社保卡窗口,一次办好:激活社保账户和银行账户,把旧账户的余额和代扣代缴转到新卡。"
}
