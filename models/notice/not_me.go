package notice

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// Undo is one way to undo what a notice told of.
type Undo struct {
	Act  string // a word for clients: which page to open
	Text string // in Chinese
}

// The acts that undo, as clients know them.
const (
	UndoRelease     = "release"
	UndoReportLoss  = "report_loss"
	UndoEndSession  = "end_session"
	UndoUnbind      = "unbind"
	UndoBind        = "bind"
	UndoTextsOn     = "texts_on"
	UndoCancelPhone = "cancel_phone_change"
	UndoChangePhone = "change_phone"
	UndoEndHelper   = "end_helper"
	UndoAtWindow    = "window"
)

var (
	undoWindow  = Undo{UndoAtWindow, "也可本人带身份证原件到社保卡服务网点,请工作人员核查并改正,咨询请拨打12333。"}
	undoLoss    = []Undo{{UndoRelease, "卡还在您手里的,可本人在“社保卡”页通过实人核验解挂,以页面显示为准;解挂只恢复社保账户。银行账户没有因此停用。"}, undoWindow}
	undoChild   = []Undo{{UndoAtWindow, "孩子的卡还在的,请监护人带双方身份证件和户口簿到社保卡服务网点解挂;孩子的银行账户没有因此停用。咨询请拨打12333。"}}
	undoRelease = []Undo{{UndoReportLoss, "请马上在“社保卡”页重新挂失社保账户,或拨打12333挂失。银行账户请另向卡面银行办理。"}, undoWindow}
	undoBound   = []Undo{{UndoEndSession, "请马上在“登录设备”中退出不认识的设备。"}, {UndoUnbind, "再在“绑定的账号”中通过实人核验解除不认识的账号,并在“消息设置”中检查有没有被关闭的通知。"}, undoWindow}
	undoUnbound = []Undo{{UndoBind, "重新登录并通过核验,就能再次绑定。"}, undoWindow}
	undoTexts   = []Undo{{UndoTextsOn, "请在“消息设置”中重新打开被关闭的短信提醒。"}, {UndoEndSession, "再在“登录设备”中退出不认识的设备。"}, undoWindow}
	undoPhone   = []Undo{{UndoCancelPhone, "新手机号生效之前,可在“我的信息”中撤销更换,或用原手机拨打12333撤销。"}, undoWindow}
	undoNewNo   = []Undo{{UndoChangePhone, "可在“我的信息”中通过实人核验换回您的手机号。"}, undoWindow}
	undoStayed  = []Undo{{UndoChangePhone, "手机号没有更换。如仍要更换,可在“我的信息”中重新申请。"}, undoWindow}
	undoRights  = []Undo{{UndoAtWindow, "请带本人身份证原件到社保卡服务网点,请工作人员核查代办关系并改正,咨询请拨打12333。"}}
	undoHelper  = []Undo{{UndoEndHelper, "可在“亲属协助”中取消这位协助人,或拨打12333取消。"}, undoWindow}
)

// undoOf says how to undo what a kind tells of; a kind without a line cannot be disputed here.
var undoOf = map[Kind][]Undo{
	LossEffective: undoLoss, LossElsewhere: undoLoss, LossRenewed: undoLoss, LossReleased: undoRelease,
	GuardianLoss: undoChild, GuardianLossStep: undoChild,
	Bound: undoBound, Unbound: undoUnbound, TextsOff: undoTexts, PhoneChangeOld: undoPhone, PhoneChanged: undoNewNo, PhoneChangeCancelled: undoStayed,
	HelperActive: undoHelper, HelperActed: undoHelper, GuardianForYou: undoRights, GuardianAdded: undoRights,
}

// Disputable reports whether a notice of the kind can be answered with "this was not me".
func (k Kind) Disputable() bool { return undoOf[k] != nil }

// Disputed is what "this was not me" came to.
type Disputed struct {
	Number string // of the enquiry, as people read it aloud
	Undo   []Undo
	Say    string
}

// CaseNotMe begins the kind of enquiries that NotMe opens.
const CaseNotMe = "not_me_"

const notMeSays = "已登记“非本人办理”,工作人员会核查;有答复时会通知您,在“我提交的事”中查看。请先按下面的办法处理;情况紧急请拨打12333,我们不会向您索要密码或验证码。"

// Disputes opens enquiries.
type Disputes interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
	// OpenDispute opens the enquiry of a cause once and gives its number; opened: it was not there before.
	OpenDispute(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (number string, opened bool, err error)
}

// NotMe notes that what a notice of the actor's told of was not her doing: one enquiry for each notice, however often it is
// said, and how to undo it. Nothing is undone by it: whoever reads her notices must not thereby release a loss. An agent says
// it for the caller known at Full. models.ErrNotFound for a notice that is not hers, ErrNotDisputable; the refusals of Inbox.
func (s *Service) NotMe(ctx context.Context, by models.Actor, id models.ID) (Disputed, error) {
	person, err := s.reader(ctx, by)
	if err != nil {
		return Disputed{}, err
	}
	n, err := s.Store.NoticeOf(ctx, person, id)
	if err != nil {
		return Disputed{}, err
	}
	if !n.Kind.Disputable() {
		return Disputed{}, ErrNotDisputable
	}
	out := Disputed{Undo: undoOf[n.Kind], Say: notMeSays}
	err = s.Disputes.InTx(ctx, func(ctx context.Context) error {
		number, opened, err := s.Disputes.OpenDispute(ctx, "not_me:"+string(n.ID), CaseNotMe+string(n.Kind), person, "notices", string(n.ID))
		if out.Number = number; err != nil || !opened {
			return err
		}
		entry := audit.Of(by, s.Clock.Now(), "notice.disputed", "notices", string(n.ID), "done").About(person)
		return s.Disputes.RecordAudit(ctx, entry.Noting("kind", string(n.Kind)))
	})
	return out, err
}
