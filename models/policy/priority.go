package policy

import "slices"

// Priority is what is said while windows serve five groups first (R22). Which group somebody says she belongs to never
// leaves her phone: every answer comes with the question, and the page shows the one she chose.
type Priority struct {
	Banner   string
	Question string
	Groups   []PriorityGroup
}

// On reports whether windows serve some people first now.
func (p Priority) On() bool { return p.Banner != "" }

// about is what is said of one act: who is in no hurry is asked to go online only where the act is done there.
func (p Priority) about(online bool) Priority {
	if !p.On() {
		return p
	}
	p.Groups = slices.Clone(p.Groups)
	last := &p.Groups[len(p.Groups)-1]
	last.Advice = "这项业务须到窗口办理,暂不急用的请改日错峰前往,出门前先拨打网点电话。如有疑问请拨打12333。"
	if online {
		last.Advice = "这项业务可在微信、支付宝办理,请尽量在网上办理,不用到网点。如有疑问请拨打12333。"
	}
	return p
}

// PriorityGroup is one answer to the question, with what is then to be done. The last one is everybody else.
type PriorityGroup struct {
	Code   string
	Label  string
	First  bool // served first
	Advice string
}

const servedFirst = "您属于优先办理人员,请带齐材料到网点,向工作人员说明后优先办理。如有疑问请拨打12333。"

// priorityNow are the five groups of the notice, and the rest.
var priorityNow = Priority{
	Banner:   "疫情防控期间,社保卡服务网点优先为五类人员办理;其他人员请尽量在网上办理,确需到网点的请错峰前往。咨询请拨打12333。",
	Question: "您属于以下哪一类?",
	Groups: []PriorityGroup{
		{"subsidy_recipient", "领取惠民惠农补贴的人员", true, servedFirst},
		{"new_pensioner", "新退休或新领取社保待遇的人员", true, servedFirst},
		{"patient", "就医人员", true, servedFirst},
		{"elderly", "老年人", true, servedFirst},
		{"urgent", "其他急需用卡的人员", true, servedFirst},
		{"none", "都不是,暂不急用", false, "申领、挂失、进度查询等可在微信、支付宝办理,不用到网点;必须到网点的事项,请先拨打网点电话,错峰前往。如有疑问请拨打12333。"},
	},
}
