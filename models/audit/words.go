package audit

import "strings"

// words say what somebody did about a person, for that person to read after "12333坐席" or "代办人". What a citizen does herself
// is not told to her, and the system's own work is not somebody's.
var words = map[string]string{
	"hotline.person.seen":         "查看了您的基本信息(已遮挡)",
	"hotline.cards.seen":          "查看了您的社保卡状态",
	"hotline.applications.seen":   "查看了您的申领进度",
	"hotline.replacements.seen":   "查看了您的补换卡进度",
	"hotline.losses.seen":         "查看了您的挂失记录",
	"hotline.loss_preview.seen":   "为挂失查看了您的社保卡状态",
	"hotline.arrivals.seen":       "查看了您的补贴到账记录",
	"hotline.contacts.seen":       "查看了您最近的来电和办理记录",
	"hotline.readiness.seen":      "查看了您能否领到补贴的检查结果",
	"hotline.explanation.seen":    "查看了您的补贴为什么没有到账",
	"hotline.notices.seen":        "查看了发给您的通知",
	"hotline.helpers.seen":        "查看了您的亲属协助人",
	"hotline.value.shown":         "查看了您的一项完整信息",
	"hotline.phone.shown":         "为回拨查看了您的登记手机号",
	"hotline.call.verified":       "核对了来电人说的身份信息",
	"hotline.call.closed":         "结束了与您有关的通话",
	"hotline.call.noted":          "为这次通话写了办理记录",
	"hotline.call_back.confirmed": "回拨了您的登记手机",
	"hotline.phone.dialled":       "经话务系统回拨了您的登记手机",
	"hotline.phone_code.sent":     "请求向您的登记手机发送来电核验码",
	"hotline.phone_code.keyed":    "收到了来电人按键输入的核验码",
	"hotline.call.ended":          "记录了与您有关的通话已挂断",
	"hotline.call_back.promised":  "登记了给您的回电",
	"hotline.call_back.taken":     "领取了给您的回电",
	"hotline.call_back.returned":  "退回了给您的回电",
	"hotline.call_back.done":      "办结了给您的回电",
	"hotline.call_back.missed":    "多次回电没有接通",
	"hotline.orders.seen":         "查看了您的工单列表",
	"hotline.order.read":          "查看了与您有关的工单",
	"hotline.order.open":          "登记了您的工单",
	"hotline.order.add":           "补充了您的工单",
	"hotline.order.urge":          "催办了您的工单",
	"hotline.order.answer":        "答复了您的工单",
	"hotline.order.accept":        "受理了您的工单",
	"hotline.order.assign":        "分派了您的工单",
	"hotline.order.return":        "退回了您的工单,等待补充",
	"hotline.order.not_settled":   "回访记录您的事项还没有解决",
	"hotline.order.not_reached":   "回访没有联系上您",
	"hotline.order.settled":       "回访确认您的事项已解决",
	"hotline.order.extend":        "延长了您的工单的答复时间",
	"hotline.order.transfer":      "转办了您的工单",
	"hotline.order.close":         "办结了您的工单",
	"hotline.order_file.exported": "把与您有关的工单转给了承办单位",
	"hotline.order_file.imported": "录入了承办单位对工单的答复",
	"hotline.act.refused":         "拒绝了一项电话不能办理的业务",
	"hotline.guide.sent":          "向来电手机发送了办事指南短信",
	"hotline.sample.read":         "为服务质检查看了与您有关的通话记录",
	"hotline.outlets.sent":        "向来电手机发送了网点短信",
	"hotline.task.sent":           "向您的消息里发送了一项待办",
	"hotline.enquiry.opened":      "登记了一件咨询",
	"hotline.enquiry.answered":    "答复了您的咨询",
	"hotline.enquiry.closed":      "办结了您的咨询",
	"hotline.misuse.read":         "查看了您反映的问题",
	"hotline.misuse.reported":     "登记了您反映的问题",

	"card.loss.reported":                "报告了社保账户挂失",
	"card.loss.reported_again":          "在解挂办理中再次报告了挂失",
	"card.loss.withdrawn":               "撤回了挂失申请",
	"card.loss.renewal_requested":       "申请了挂失续期",
	"card.release.requested":            "申请了社保账户解挂",
	"card.application.submitted":        "提交了社保卡申领",
	"card.application.corrected":        "补正了社保卡申领",
	"card.application.withdrawal_asked": "申请撤回社保卡申领",
	"card.application_draft.dropped":    "删除了申领草稿",
	"card.replacement.asked":            "申请了补换卡",
	"card.replacement.corrected":        "补正了补换卡申请",
	"card.replacement.submitted":        "提交了补换卡申请",
	"card.replacement.withdrawal_asked": "申请撤回补换卡",
	"card.replacement.withdrawn":        "撤回了补换卡申请",
	"card.upload.taken":                 "上传了一张图片",
	"card.upload.read":                  "查看了上传的图片",
	"card.upload.dropped":               "删除了一张图片",

	"citizen.relation.looked":                 "查看了您的信息(代办)",
	"citizen.guardianship.requested":          "申请做孩子的监护人代办",
	"citizen.guardianship.recipients_chosen":  "选择了孩子的通知发给谁",
	"citizen.guardianship.page_shown":         "为审核查看了户口簿",
	"citizen.helper.named":                    "设立了亲属协助",
	"citizen.helper.revoked_by_agent":         "应您来电撤销了亲属协助",
	"citizen.phone_change.requested":          "申请更换接收通知的手机号",
	"citizen.phone_change.cancelled_by_owner": "停止了更换手机号的申请",
	"citizen.slip.issued":                     "开具了一次性绑定单",
	"citizen.slip.used":                       "使用了一次性绑定单",
	"citizen.claim.refused":                   "绑定身份时没有通过核对",
	"citizen.code.sent":                       "请求向您的登记手机发送验证码",
	"citizen.code.refused":                    "请求验证码时被拒绝",
	"citizen.account.bound":                   "绑定了您的微信或支付宝账号",
	"citizen.account.checked":                 "通过了人脸核验",
	"citizen.account.freed":                   "解除了一个账号的绑定",
	"citizen.account.moved":                   "把一个账号改绑给了您",
	"citizen.account.unbound":                 "解除了账号绑定",
	"citizen.check.begun":                     "开始了人脸核验",
	"citizen.check.finished":                  "完成了人脸核验",
	"citizen.session.borrowed":                "用他人的手机为您登录",
	"citizen.data.revealed":                   "查看了完整的个人信息",
	"citizen.consent.given":                   "同意了一项个人信息处理",
	"citizen.consent.withdrawn":               "撤回了一项个人信息处理的同意",

	"subsidy.explanation.given":  "告知了补贴没有到账的原因",
	"subsidy.statement.issued":   "打印了补贴对账单",
	"subsidy.feedback.given":     "对一笔补贴作了到账确认",
	"notice.disputed":            "报告了一条通知不是本人办理",
	"notice.preferences.changed": "更改了消息设置",
	"payment.order.opened":       "开立了工本费缴费单",
	"payment.order.shared":       "分享了工本费缴费单",
	"payment.trade.begun":        "发起了一次缴费",
	"payment.trade.opened":       "发起了一次缴费",
}

// decided are actions whose last word is what was decided: about a right to act for another, or in a work order.
var decided = map[string]string{
	"citizen.helper.": "更改了亲属协助", "citizen.guardianship.": "更改了监护人代办", "hotline.order.": "办理了与您有关的工单",
}

// Said is what an action means to the person it is about, without who did it. An action nobody has named yet is said so that
// it is still told.
func Said(action string) string {
	if w, ok := words[action]; ok {
		return w
	}
	for prefix, w := range decided {
		if strings.HasPrefix(action, prefix) {
			return w
		}
	}
	return "办理了与您有关的一项业务"
}

// Named reports whether an action has words of its own.
func Named(action string) bool { return words[action] != "" }

// Words are all of them, for docs/texts.md.
func Words() map[string]string {
	out := make(map[string]string, len(words))
	for k, v := range words {
		out[k] = v
	}
	return out
}

// what a whole value is called, and why it was looked at.
var (
	valueWords  = map[string]string{"name": "姓名", "id_number": "证件号码", "phone": "登记手机号", "card_tail": "社保卡卡号末位"}
	reasonWords = map[string]string{
		"check_identity": "核对身份", "check_record": "核对登记信息", "work_order": "登记工单", "bank_contact": "联系银行",
		"loss_report": "挂失", "full_verification": "核验身份", "relative_speaks": "亲属来电",
	}
)

// Text is the whole line of a citizen's access log: who, why, what.
func (e Entry) Text() string {
	who := "代办人"
	switch {
	case e.ActorKind == "agent" && e.CallID == "":
		who = "工作人员"
	case e.ActorKind == "agent":
		who = "12333坐席"
	}
	reason, value := reasonWords[e.Detail["reason"]], valueWords[e.Detail["field"]]
	switch {
	case e.Action == "hotline.value.shown" && reason != "" && value != "":
		return who + "因" + reason + "查看了您的" + value
	case e.Action == "hotline.phone.shown" && reason != "":
		return who + "因" + reason + "查看了您的登记手机号"
	case e.Action == "hotline.phone.dialled" && reason != "":
		return who + "因" + reason + Said(e.Action)
	case e.Action == "hotline.call.verified":
		return who + Said(e.Action) + verified[e.Result]
	case e.Action == "card.loss.reported" && e.Detail["speaker"] == "relative":
		return who + "应您亲属来电、经您本人同意" + Said(e.Action)
	}
	return who + Said(e.Action)
}

var verified = map[string]string{
	"match": ",核对一致", "match_loss_only": ",核对一致,只可挂失", "no_match": ",核对不一致", "locked": ",当天已不能再核对", "refused": ",没有完成核对",
}
