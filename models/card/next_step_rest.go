package card

// NextSteps are all codes of a next step, in the order in which a citizen may meet them (R25).
var NextSteps = []string{
	"apply", "correct_application", "wait_for_card", "ask_bank", "collect", "await_registry", "pay_replacement", "correct_replacement", "activate_new_card", "activate_both", "activate_financial", "activate_social",
	"await_loss", "await_release", "after_loss", "unlock_social", "unseal_social", "ask", "none",
}

const awaitRegistry = "您的社会保障卡信息正在更新,请稍后再看,或拨打12333。"

// lossNotSeenText follows the statement of a loss that the source confirmed and cannot be asked about any more.
const lossNotSeenText = "社保系统目前查不到您的社保卡登记信息,这份挂失现在是否仍然有效无法核实,请马上拨打12333,或带身份证原件到社保卡服务网点核对。"

// lossUnclearText is read of a loss without an answer while the source does not show the card.
const lossUnclearText = "挂失申请已收到,但社保系统目前查不到这张卡,是否生效还没有查明,我们会继续查询。请马上带身份证原件到社保卡服务网点核对,或拨打12333。"

// applyAtWindowText is read where the registry takes no application online.
const applyAtWindowText = "您还没有社会保障卡。申领目前不在网上受理,请带有效身份证件和近期照片到社保卡服务网点办理,首次申领不收费;网点可在“网点查询”中查看,或拨打12333。"

const unknownText = "社保系统目前查不到您的社保卡登记信息,这里显示的是以前查到的情况,可能已有变化。请带身份证原件到社保卡服务网点核对,或拨打12333。"

// unknownStep is the step of somebody whom the source does not know any more: whatever else is shown is old.
func unknownStep(h Home) NextStep {
	step := NextStep{Code: "ask", Text: unknownText, Papers: []string{"本人身份证原件"}}
	for _, v := range h.Cards {
		if v.Loss.InForce() {
			step.Text = lossNotSeenText
		}
		if v.Loss.Waiting() {
			step.Text = lossUnclearText
		}
	}
	return step
}

// withoutCard is the step of somebody whose cards have all ended, or whose first one we have not been told of yet: applying
// would be refused (R24) or be too early.
func withoutCard(h Home) (NextStep, bool) {
	for _, v := range h.Cards {
		switch v.Card.Social {
		case SocialVoid:
			return NextStep{Code: "await_registry", Text: "您的旧卡已作废,新卡的信息正在更新,请稍后再看,或拨打12333。"}, true
		case SocialCancelled:
			return NextStep{Code: "ask", Text: "您的社会保障卡已注销。如需再次办卡,请带身份证到社保卡服务网点,或拨打12333。", Papers: []string{"本人身份证原件"}}, true
		}
	}
	if h.Application.State == ApplicationCollected {
		return NextStep{Code: "await_registry", Text: awaitRegistry}, true
	}
	return NextStep{}, false
}

// atBank reports whether the bank alone can help with the financial account.
func atBank(f FinancialState) bool {
	return f == FinancialLoss || f == FinancialFrozen || f == FinancialClosed || f == FinancialNotOpened
}

// askBank leads to the bank on the card's face: subsidies cannot reach the account as it is (R39).
func askBank(bank Bank, f FinancialState) NextStep {
	name, phone := bank.Name, bank.Phone
	if name == "" {
		name = "卡面银行"
	}
	return NextStep{
		Code: "ask_bank", Text: "银行账户" + financialLabels[f] + ",补贴发不到这个账户。请先拨打" + name + phone + "询问,再由本人带身份证原件和卡到该行社保卡窗口办理。",
		Papers: []string{"本人身份证原件", "社会保障卡"},
	}
}

// atRest is the step of a collected card whose money account is in order: what the social-security account still needs,
// else nothing.
func atRest(v View) NextStep {
	switch v.Card.Social {
	case SocialLocked:
		return NextStep{Code: "unlock_social", Text: "社保账户已锁定(密码输错次数过多),请本人带身份证原件和卡到社保卡服务网点重置密码。银行账户不受影响。",
			Papers: []string{"本人身份证原件", "社会保障卡"}}
	case SocialSealed:
		return NextStep{Code: "unseal_social", Text: "社保账户已封存,请本人带身份证原件和卡到社保卡服务网点启用。银行账户不受影响。",
			Papers: []string{"本人身份证原件", "社会保障卡"}}
	case SocialNormal:
		if v.Card.Financial == FinancialActive {
			return NextStep{Code: "none", Text: "您的社会保障卡可以正常使用。"}
		}
		return NextStep{Code: "none", Text: "社保账户可以正常使用;银行账户的状态暂时查不到,可拨打" + v.Bank.Name + v.Bank.Phone + "询问。"}
	}
	return NextStep{Code: "await_registry", Text: awaitRegistry}
}
