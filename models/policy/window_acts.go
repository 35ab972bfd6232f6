package policy

import (
	"slices"

	"onecard/models"
)

// WindowAct is something done at a window, in the registry's words: what an outlet offers, and what a guide is about.
type WindowAct string

// The acts of windows.
const (
	WindowApply             WindowAct = "apply"
	WindowCollect           WindowAct = "collect"
	WindowReplace           WindowAct = "replace"
	WindowLoss              WindowAct = "loss"
	WindowRelease           WindowAct = "release"
	WindowActivateSocial    WindowAct = "activate_social_security"
	WindowActivateFinancial WindowAct = "activate_financial"
	WindowFinancialLoss     WindowAct = "financial_loss"
	WindowFinancialRelease  WindowAct = "financial_release"
	WindowPhoneChange       WindowAct = "phone_change"
	WindowBindingSlip       WindowAct = "binding_slip"
)

// Comer is who comes to the window.
type Comer string

// Who may come.
const (
	BySelf     Comer = "self"
	ByDelegate Comer = "delegate" // 代办人
	ByGuardian Comer = "guardian" // 监护人, of a child
)

var comers = []Comer{BySelf, ByDelegate, ByGuardian}

// Two answers of policy instead of a list of papers.
const (
	papersNobody = "none" // who comes like this cannot have the act done
	papersAsk    = "ask"  // the rules do not say: 12333 tells before anybody sets out
)

// actGuide is what is said about one act: all of it but papers, places and fees, which are data.
type actGuide struct {
	act     WindowAct
	rule    string
	title   string     // names the account it is about
	short   string     // for a text message
	place   string     // where, when no outlet is chosen
	bank    bool       // the bank on the card's face and no other (R30, R39)
	online  models.Act // the same act on a phone; empty where there is none
	note    string     // what must be said with it
	papers  [3]string  // by default, in the order of comers
	version int        // of its sentence: a changed sentence gets a new one
}

const (
	anyWindow  = "社保卡服务网点(人社窗口、银行窗口均可)"
	bankWindow = "卡面上印的银行的社保卡窗口"
)

// actGuides are all acts, in the order in which they are listed.
var actGuides = []actGuide{
	{
		act: WindowApply, rule: "R17 R18", title: "社会保障卡首次申领", short: "首次申领社保卡", place: anyWindow, online: models.ActApply,
		note: "已持有河南省社会保障卡的不能再次申领。", version: 1,
		papers: [3]string{"own_id,photo", papersAsk, "own_id,photo,guardian_id,kinship"},
	}, {
		act: WindowCollect, rule: "R25", title: "领取社会保障卡", short: "领取社保卡", place: "领卡短信写明的领卡网点",
		note: "领卡后,社保账户和银行账户须分别激活。", version: 1,
		papers: [3]string{"own_id", papersAsk, "own_id,guardian_id,kinship"},
	}, {
		act: WindowActivateSocial, rule: "R29 R31", title: "社保账户激活", short: "激活社保账户", place: "社保卡服务网点或医保定点医院、药店",
		note: "现场修改初始密码即完成激活,不能在网上或电话里办理。银行账户须另到卡面银行激活。", version: 1,
		papers: [3]string{"card", papersAsk, "card,guardian_id,kinship"},
	}, {
		act: WindowActivateFinancial, rule: "R30 R31", title: "银行账户激活", short: "激活银行账户", place: bankWindow, bank: true,
		note: "补贴发到银行账户,激活后才能收到。社保账户须另行激活。", version: 1,
		papers: [3]string{"own_id,card", papersNobody, papersAsk},
	}, {
		act: WindowLoss, rule: "R32 R34", title: "社保账户挂失", short: "社保账户挂失", place: anyWindow, online: models.ActLoss,
		note: "银行账户不会因此停用,请马上拨打卡面银行的客服电话询问临时挂失。", version: 1,
		papers: [3]string{"own_id", papersAsk, "own_id,guardian_id,kinship"},
	}, {
		act: WindowRelease, rule: "R35 R37", title: "社保账户解挂", short: "社保账户解挂", place: anyWindow, online: models.ActRelease,
		note: "补换卡已经办完的,旧卡已作废,不能解挂。银行账户如已挂失,须本人到卡面银行解挂。", version: 1,
		papers: [3]string{"own_id", "own_id,delegate_id", "own_id,guardian_id,kinship"},
	}, {
		act: WindowReplace, rule: "R44 R45 R46", title: "社会保障卡补换卡", short: "补换社保卡", place: anyWindow, online: models.ActReplace,
		note: "补换卡完成后旧卡自动作废,无需解挂;新卡的社保账户和银行账户须分别激活。在河南省内变动工作或参保地不用换卡。", version: 1,
		papers: [3]string{"own_id,old_card", "own_id_copy,delegate_id,delegate_id_copy,authority", "own_id,guardian_id,kinship,old_card"},
	}, {
		act: WindowFinancialLoss, rule: "R39", title: "银行账户挂失", short: "银行账户挂失", place: bankWindow, bank: true,
		note: "请先拨打银行客服电话询问临时挂失。社保账户不会因此停用,须另行挂失。", version: 1,
		papers: [3]string{"own_id", papersNobody, papersAsk},
	}, {
		act: WindowFinancialRelease, rule: "R39", title: "银行账户解挂", short: "银行账户解挂", place: bankWindow, bank: true,
		note: "社保账户如已挂失,须另行解挂。", version: 1,
		papers: [3]string{"own_id,card", papersNobody, papersAsk},
	}, {
		act: WindowPhoneChange, rule: "R61", title: "登记手机号变更", short: "变更登记手机号", place: anyWindow, online: models.ActChangePhone,
		note: "社保卡登记手机号用于接收通知和验证码;银行预留手机号须另到银行变更。", version: 1,
		papers: [3]string{"own_id", papersAsk, "own_id,guardian_id,kinship"},
	}, {
		act: WindowBindingSlip, rule: "R52", title: "开具一次性绑定单", short: "开具绑定单", place: "人社窗口",
		note: "凭单可在微信、支付宝完成实名绑定,不用刷脸,限本人使用一次。", version: 1,
		papers: [3]string{"own_id", papersNobody, papersAsk},
	},
}

// WindowActs lists all acts.
func WindowActs() []WindowAct {
	out := make([]WindowAct, len(actGuides))
	for i, g := range actGuides {
		out[i] = g.act
	}
	return out
}

func guideOf(act WindowAct) (actGuide, bool) {
	i := slices.IndexFunc(actGuides, func(g actGuide) bool { return g.act == act })
	if i < 0 {
		return actGuide{}, false
	}
	return actGuides[i], true
}
