package notice

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// Entry is one notice as its citizen reads it.
type Entry struct {
	ID       models.ID
	Kind     Kind
	Title    string
	Text     string
	Object   string
	ObjectID models.ID
	At       time.Time
	SMS      SMSWord
	Story    []Told
	NotMe    bool // "this was not me" can be said of it
}

// SMSWord is what a citizen is told about the text message: never "delivered" before the carrier said so.
type SMSWord string

// The words for citizens.
const (
	SMSWaiting   SMSWord = "waiting"
	SMSSent      SMSWord = "sent" // handed over, not confirmed
	SMSDelivered SMSWord = "delivered"
	SMSNotSent   SMSWord = "not_sent"
	SMSByBank    SMSWord = "by_bank"
	SMSNone      SMSWord = "none" // no SMS was meant to go: she is told another way
)

// Told is one way by which a notice went, or did not.
type Told struct {
	Channel Channel
	Word    SMSWord
	Why     string // a sentence for what did not arrive; empty where nothing is wrong
	At      time.Time
}

// InboxLimit is the most entries of one page.
const InboxLimit = 100

// Inbox lists notices, newest first, before the given id, and the id to go on from, empty at the end: a citizen's own, or
// for an agent those of the caller known at Full in her open call, the same entries with the same story. One-time codes are
// not in it. Errors are those of the gate.
func (s *Service) Inbox(ctx context.Context, by models.Actor, before models.ID, limit int) (entries []Entry, next models.ID, err error) {
	person, err := s.reader(ctx, by)
	if err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), InboxLimit)
	rows, err := s.Store.NoticesOf(ctx, person, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	entries = make([]Entry, 0, len(rows))
	for _, n := range rows {
		entries = append(entries, n.entry())
	}
	return entries, next, nil
}

// NumberOf is the number that text messages to the reader's person go to; zero where there is none. The refusals of Inbox.
func (s *Service) NumberOf(ctx context.Context, by models.Actor) (models.Phone, error) {
	person, err := s.reader(ctx, by)
	if err != nil {
		return models.Phone{}, err
	}
	phones, err := s.Phones.RegistryPhones(ctx, []models.ID{person})
	return phones[person], err
}

// reader is whose notices the actor may read. What is told holds answers to the questions of R58, so an agent reads it at
// Full alone.
func (s *Service) reader(ctx context.Context, by models.Actor) (models.ID, error) {
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return "", err
	}
	switch {
	case by.Kind == models.CitizenActor && by.ID != "":
		return by.ID, nil
	case by.Kind == models.AgentActor && by.CallID != "" && by.Subject != "" && by.Level >= models.LevelReal:
		return by.Subject, nil
	}
	return "", models.ErrForbidden
}

// entry renders a row. A kind written by a newer release shows as a plain line, never as an error.
func (n Notice) entry() Entry {
	e := Entry{ID: n.ID, Kind: n.Kind, Object: n.Object, ObjectID: n.ObjectID, At: n.At, SMS: SMSNone, NotMe: n.Kind.Disputable()}
	for _, d := range n.Tried {
		told := Told{Channel: d.Channel, Word: d.word(), Why: d.why(), At: n.CreatedAt}
		if !d.SettledAt.IsZero() {
			told.At = d.SettledAt
		} else if !d.SubmittedAt.IsZero() {
			told.At = d.SubmittedAt
		}
		e.Story = append(e.Story, told)
	}
	if at := slices.IndexFunc(n.Tried, func(d Delivery) bool { return d.Channel == SMS }); at >= 0 {
		e.SMS = n.Tried[at].word()
	}
	spec, ok := SpecOf(n.Kind)
	if !ok {
		e.Title, e.Text = "业务通知", "您有一条新的业务通知,请在办理记录中查看,如有疑问请拨打12333。"
		return e
	}
	e.Title, e.Text = spec.Title, spec.Render(n.Params)
	return e
}

func (d Delivery) word() SMSWord {
	switch d.State {
	case Delivered:
		return SMSDelivered
	case Submitted, Unknown:
		return SMSSent
	case Failed, Expired:
		return SMSNotSent
	case Suppressed:
		if d.Reason == "sent_by_bank" {
			return SMSByBank
		}
		return SMSNotSent
	default:
		return SMSWaiting
	}
}

// The sentences for what did not arrive, each with the way to repair it.
const (
	whyNoPhone   = "没有可用的手机号。请在“我的信息”中更换手机号,或带身份证到社保卡服务网点登记。"
	whyStopped   = "这个手机号回复过退订。可在“消息设置”中恢复,或回复“恢复”继续接收短信。"
	whySwitched  = "您关闭了这类通知的这一渠道,没有发送。可在“消息设置”中重新打开。"
	whyDead      = "运营商说这个手机号是空号。请在“我的信息”中更换手机号,或带身份证到社保卡服务网点登记。"
	whyTooMany   = "今天已经给您发过多条短信,这一条没有再发短信,请以这里的内容为准。如有疑问请拨打12333。"
	whyExpired   = "超过有效时间,没有再发送。请以办理记录为准,如有疑问请拨打12333。"
	whyNoConsent = "您没有订阅这类消息,或订阅次数已用完。可在“消息设置”中重新订阅。"
	whyNotTaken  = "没有送达。请检查手机是否停机、拦截短信或已换号,可在“我的信息”中更换手机号,或拨打12333。"
	whyWithdrawn = "这项提醒已停止发送。如有疑问请拨打12333。"
	whySentOnce  = "这条消息此前可能已经发出,没有再次发送。如有疑问请拨打12333。"
	whyPlatform  = "平台没有送达这条消息。可在“消息设置”中查看。"
)

func (d Delivery) why() string {
	switch {
	case d.State == Expired:
		return whyExpired
	case d.Reason == "no_phone":
		return whyNoPhone
	case d.Reason == ReasonStoppedByHolder:
		return whyStopped
	case d.Reason == ReasonDeadNumber:
		return whyDead
	case d.Reason == ReasonSwitchedOff && d.State == Suppressed:
		return whySwitched
	case d.Reason == ReasonTooMany:
		return whyTooMany
	case d.State == Suppressed && d.Reason == ReasonRestored:
		return whySentOnce
	case d.Reason == ReasonCampaignCancelled:
		return whyWithdrawn
	case d.State != Failed && d.State != Suppressed || d.Reason == "sent_by_bank":
		return ""
	case d.Channel == SMS:
		return whyNotTaken
	case d.Reason == "no_consent" || d.Reason == "no_account":
		return whyNoConsent
	default:
		return whyPlatform
	}
}
