package subsidy

import (
	"fmt"
	"time"
)

// A line that is reissued stays so when the one that repeats it has arrived: its label must be true of both.
var stateLabels = map[State]string{ //nolint:gosec // words for citizens, no credentials
	Planned: "已列入发放计划", Publicised: "公示中", Approved: "已审批", Sent: "已送银行,等待入账", Credited: "已到账", Returned: "银行退回",
	Reissued: "退回后重新发放", Recovering: "正在追回", Recovered: "已追回", Unknown: "阶段待确认",
}

// label is a payment's state in plain words; 已到账 only when the bank said so.
func label(p Payment) string {
	if p.Hold == HoldStageUnknown {
		return stateLabels[Unknown]
	}
	if l, ok := stateLabels[p.State]; ok {
		return l
	}
	return stateLabels[Unknown]
}

// returnReasons say why a bank sent money back: in a few words for an SMS, and what to do.
var returnReasons = map[string]struct{ short, advice string }{
	"ACCOUNT_INACTIVE": {"银行账户未激活", "社保卡的银行账户还没有激活。社保账户和银行账户是各自独立的两个账户,社保账户已激活不等于银行账户已激活。请本人带身份证原件和卡到%s社保卡窗口激活银行账户,激活后会重新发放。"},
	"ACCOUNT_CLOSED":   {"银行账户已销户", "收款的银行账户已销户。请本人带身份证原件到%s办理,办好后会重新发放。"},
	"ACCOUNT_LOST":     {"银行账户已挂失", "收款的银行账户已在银行挂失。请本人带身份证原件到%s办理,办好后会重新发放。"},
	"ACCOUNT_DORMANT":  {"银行账户长期未用", "收款的银行账户长期未用。请本人带身份证原件到%s办理,办好后会重新发放。"},
	"NAME_MISMATCH":    {"姓名或证件不一致", "银行登记的姓名或证件号码与发放名单不一致。请带身份证原件到%s核对,并联系发放部门。"},
	"WRONG_BANK":       {"开户银行不符", "发放名单中的开户银行不对,发放部门会更正后重新发放。收款银行:%s。"},
	"NO_CARD":          {"没有社会保障卡", "还没有可以收款的社会保障卡,请先申领。已有卡的请到%s核对。"},
}

// reason says in a few words why the money came back.
func reason(p Payment) string {
	if p.State != Returned && p.State != Reissued || p.ReturnReason == "" {
		return ""
	}
	if r, ok := returnReasons[p.ReturnReason]; ok {
		return r.short
	}
	return "银行退回"
}

// advice says what the payee can do; every way ends at a bank, an office or 12333 (R15, R48).
func advice(p Payment, bank string) string {
	if p.State != Returned {
		return ""
	}
	if bank == "" {
		bank = "卡面银行"
	}
	r, ok := returnReasons[p.ReturnReason]
	if !ok {
		return "银行退回了这笔补贴,发放部门会核对后重新发放。请到" + bank + "核对账户,或拨打12333。"
	}
	return fmt.Sprintf(r.advice, bank) + "如有疑问请拨打12333。"
}

// timeline lists the steps a payment has taken, in order. Where the stage is unknown, no word of the bank is passed on.
func timeline(p Payment) []Stage {
	if p.Hold == HoldStageUnknown {
		p.CreditedAt, p.ReturnedAt = time.Time{}, time.Time{}
	}
	var out []Stage
	for _, s := range []struct {
		state State
		at    time.Time
	}{
		{Planned, p.PlannedAt}, {Publicised, p.PublicisedAt}, {Approved, p.ApprovedAt}, {Sent, p.SentAt}, {Credited, p.CreditedAt}, {Returned, p.ReturnedAt},
	} {
		if !s.at.IsZero() {
			out = append(out, Stage{s.state, stateLabels[s.state], s.at})
		}
	}
	return out
}
