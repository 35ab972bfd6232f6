package notice

import (
	"context"
	"slices"

	"onecard/models"
)

// SubscriptionState is how a topic stands on the account.
type SubscriptionState string

// The states.
const (
	SubscriptionOn   SubscriptionState = "on"
	SubscriptionNone SubscriptionState = "none" // not asked for yet, or every consent used up
	SubscriptionOff  SubscriptionState = "off"
)

// TopicView is one topic that the platform can be asked a consent for.
type TopicView struct {
	Topic      Topic
	Title      string
	TemplateID string // what the client asks its platform for; empty where following is enough
	State      SubscriptionState
	Always     bool
	OnceLeft   int
	OffReason  OffReason
	Repair     string // what to do to get messages again; empty where nothing is wrong
}

// SubscriptionView is the account's consents as its citizen reads them.
type SubscriptionView struct {
	Channel     Channel
	ByFollowing bool // messages go to followers: there is nothing to ask
	Topics      []TopicView
}

// ListSubscriptions shows the topics that the actor's own app can send, with the ids to ask its platform for, and for each
// how it stands, why it is off and how to repair it. Errors as AnswerSubscriptions.
func (s *Subscriptions) ListSubscriptions(ctx context.Context, by models.Actor) (SubscriptionView, error) {
	account, app, err := s.own(ctx, by)
	if err != nil {
		return SubscriptionView{}, err
	}
	return s.view(ctx, account, app)
}

func (s *Subscriptions) view(ctx context.Context, account PlatformAccount, app SubscriptionApp) (SubscriptionView, error) {
	have, err := s.Store.SubscriptionsOf(ctx, account.ID)
	if err != nil {
		return SubscriptionView{}, err
	}
	silent, err := s.Store.SMSOff(ctx, account.PersonID)
	if err != nil {
		return SubscriptionView{}, err
	}
	return SubscriptionView{Channel: account.Channel, ByFollowing: account.Channel.Followed(), Topics: app.topics(have, silent)}, nil
}

// topics are the topics that the app can send, as they stand on an account with these consents of who switched the SMS of
// the silent ones off.
func (a SubscriptionApp) topics(have []Subscription, silent []Topic) (out []TopicView) {
	for _, topic := range Topics {
		if _, can := PlatformTemplateOf(a.Channel, topic); !can || a.Templates[topic] == "" {
			continue
		}
		v := TopicView{Topic: topic, Title: topicTitles[topic]}
		asked := topic
		if a.Channel.Followed() {
			asked = ""
		} else {
			v.TemplateID = a.Templates[topic]
		}
		i := slices.IndexFunc(have, func(h Subscription) bool { return h.Topic == asked })
		v.State = SubscriptionNone
		if i >= 0 {
			v.from(have[i])
		}
		if w := wholeOf(have); w >= 0 && have[w].OffReason != "" {
			v.State, v.OffReason = SubscriptionOff, have[w].OffReason
		}
		v.Repair = repairOf(a.Channel, v, !slices.Contains(silent, topic))
		out = append(out, v)
	}
	return out
}

func (v *TopicView) from(h Subscription) {
	v.Always, v.OnceLeft, v.OffReason = h.Always, h.OnceLeft, h.OffReason
	switch {
	case h.OffReason != "":
		v.State = SubscriptionOff
	case h.Topic == "" || h.Open():
		v.State = SubscriptionOn
	default:
		v.State = SubscriptionNone
	}
}

var topicTitles = map[Topic]string{
	TopicLoss: "挂失与解挂", TopicAccount: "账号与代办安全", TopicArrivals: "补贴到账", TopicPayday: "待发补贴提醒", TopicProgress: "办卡进度",
	TopicFees: "工本费", TopicAnswers: "答复与办事指南", TopicDependants: "孩子的办卡进度",
	TopicCampaigns: "办事提醒",
}

// repairOf says in one sentence how to get messages again. Until then the SMS goes as ever (R62), unless she switched that
// off too.
func repairOf(c Channel, v TopicView, bySMS bool) string {
	if v.State == SubscriptionOn {
		return ""
	}
	meanwhile := ";"
	if bySMS {
		meanwhile = "。在此之前会用短信通知您;"
	}
	return stepsOf(c, v.OffReason) + meanwhile + "如有疑问请拨打12333。"
}

func stepsOf(c Channel, off OffReason) string {
	place := map[models.Channel]string{
		models.WechatMini: "小程序右上角菜单的“设置—订阅消息”", models.AlipayMini: "支付宝“设置—通知”", models.WechatOA: "服务号右上角菜单", models.AlipayLife: "生活号右上角菜单",
	}[models.Channel(c)]
	switch {
	case c.Followed() && (off == OffBlocked || off == OffRefused):
		return "您关闭了消息接收。请在" + place + "中打开,再给我们发送一条消息"
	case c == WechatOA:
		return "关注我们的服务号后就能收到消息"
	case c == AlipayLife:
		return "关注我们的生活号后就能收到消息"
	case off == OffBanned:
		return "平台暂停了这类消息,您无需处理"
	case off == OffGone:
		return "请退出后重新登录,再点订阅并选择允许"
	case off == OffSwitched || off == OffRefused || off == OffBlocked:
		return "请先在" + place + "中允许接收,再点订阅并选择允许"
	}
	return "请点订阅并选择允许"
}
