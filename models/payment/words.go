package payment

// ReplacementItem is the name of the fee, as the price list has it.
const ReplacementItem = "社会保障卡补(换)卡工本费"

// refundReasons are the words a payer reads for why money came back; a reason without one has the text's neutral word.
var refundReasons = map[string]string{
	"rejected": "补换卡没有通过", "withdrawn": "补换卡已撤回", WhyDouble: "重复支付", WhyLate: "缴费已关闭",
}

// RefundReason is the word for a reason; empty for one that has none.
func RefundReason(why string) string { return refundReasons[why] }

var orderLabels = map[OrderState]string{
	OrderCreated: "待支付", OrderPaying: "支付中", OrderPaid: "已支付", OrderClosed: "已关闭", OrderRefunding: "退付中", OrderRefunded: "已退付",
}

// orderLabel takes a state this release does not know for one being worked on.
func orderLabel(state OrderState) string {
	if w, ok := orderLabels[state]; ok {
		return w
	}
	return "处理中"
}

// orderAdvice says what to do next; each sentence has a way forward. byHand: what it waits for is at a provider that is not
// in the settings any more.
func orderAdvice(o Order, paidBy ProviderName, byHand bool) string {
	switch o.State {
	case OrderCreated:
		return "请支付" + o.Item + o.AmountFen.Yuan() + "元。如有疑问请拨打12333。"
	case OrderPaying:
		if byHand {
			return "之前使用的支付渠道已停用,那次是否支付成功由工作人员核对。如已支付请不要重复支付,可拨打12333查询;如没有支付可重新支付。"
		}
		return "还没有收到支付结果。如已支付请稍后刷新,不要重复支付;如没有支付可继续支付。如有疑问请拨打12333。"
	case OrderPaid:
		return "已收到" + o.AmountFen.Yuan() + "元,请留意办理进度。如有疑问请拨打12333。"
	case OrderClosed:
		return "这笔缴费已关闭,不需要支付。如之后又支付成功,款项会自动原路退回。如有疑问请拨打12333。"
	case OrderRefunding:
		if byHand {
			return "之前使用的支付渠道已停用,款项由工作人员核对后退还,不需要您另外申请。可拨打12333查询。"
		}
		if paidBy == NonTax {
			return "退付申请已提交财政部门,审核通过后款项退回付款账户。如有疑问请拨打12333。"
		}
		return "款项正在原路退回付款账户,到账以支付平台的通知为准。如有疑问请拨打12333。"
	case OrderRefunded:
		return "款项已原路退回付款账户。如有疑问请拨打12333。"
	}
	return "正在处理,请稍后刷新,或拨打12333查询。"
}

var refundLabels = map[RefundState]string{
	RefundRequested: "已申请退付", RefundProcessing: "退付处理中", RefundSucceeded: "已退付", RefundAbnormal: "退付遇到问题,工作人员正在处理",
}

var stageLabels = map[RefundStage]string{
	StageApplied: "财政部门正在审核", StageApproved: "财政部门已审核通过,等待退款到账", StageRejected: "财政部门未通过退付申请,工作人员正在处理,可拨打12333查询",
	StagePaid: "财政部门已退付",
}

// StageLabel is the word for how far an application for a refund has come; empty where none is needed.
func StageLabel(stage RefundStage) string { return stageLabels[stage] }

var receiptLabels = map[ReceiptState]string{ReceiptAwaited: "财政电子票据正在开具", ReceiptIssued: "财政电子票据已开具", ReceiptReversed: "财政电子票据已冲红"}

// ReceiptLabel is the word for a receipt's state.
func ReceiptLabel(state ReceiptState) string {
	if w, ok := receiptLabels[state]; ok {
		return w
	}
	return "处理中"
}

// refundLabel is the word for a refund's state. byHand: its provider is not in the settings any more, so people give it back.
func refundLabel(state RefundState, byHand bool) string {
	if byHand && state != RefundSucceeded {
		return "支付渠道已停用,工作人员正在处理退款"
	}
	if w, ok := refundLabels[state]; ok {
		return w
	}
	return "处理中"
}
