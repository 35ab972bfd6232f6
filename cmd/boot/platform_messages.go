package boot

import (
	"context"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func wechatChannel(app configs.WechatApp) notice.Channel {
	if app.Kind == "oa" {
		return notice.WechatOA
	}
	return notice.WechatMini
}

func alipayChannel(app configs.AlipayApp) notice.Channel {
	if app.Kind == "life" {
		return notice.AlipayLife
	}
	return notice.AlipayMini
}

// subscriptionApps are our apps, as far as citizens are sent messages there.
func subscriptionApps(cfg configs.Config) []notice.SubscriptionApp {
	var out []notice.SubscriptionApp
	add := func(c notice.Channel, id string, templates configs.MessageTemplates, longTerm bool) {
		app := notice.SubscriptionApp{Channel: c, App: id, Templates: map[notice.Topic]string{}, LongTerm: longTerm}
		for topic, t := range templates.ByTopic() {
			app.Templates[notice.Topic(topic)] = t.ID
		}
		out = append(out, app)
	}
	for _, a := range cfg.Wechat.Apps {
		add(wechatChannel(a), a.AppID, a.Templates, a.LongTerm)
	}
	for _, a := range cfg.Alipay.Apps {
		add(alipayChannel(a), a.AppID, a.Templates, a.LongTerm)
	}
	return out
}

// subscriptions are what citizens allow platforms to send them.
func (a *App) subscriptions() *notice.Subscriptions {
	return &notice.Subscriptions{
		Store: a.db.NoticeSubscriptions(), Decisions: a.db, Settings: a.Policy, Gate: a.Policy, Clock: a.clock, Apps: subscriptionApps(a.cfg),
	}
}

// preferences are what citizens want to be told, and how.
func (a *App) preferences() *notice.Preferences {
	return &notice.Preferences{
		Store: a.db.NoticePreferences(), Stops: a.db.SMSStops(), Phones: a.db.Persons(), Children: children{a.Citizens}, Ladders: a.Policy,
		Decisions: a.db, Notices: a.db, Gate: a.Policy, Clock: a.clock, Apps: subscriptionApps(a.cfg),
	}
}

// children finds whose guardian a citizen is.
type children struct{ citizens *citizen.Service }

func (c children) ChildrenOf(ctx context.Context, guardian models.ID) ([]notice.Child, error) {
	list, err := c.citizens.ChildrenOf(ctx, guardian)
	out := make([]notice.Child, len(list))
	for i, v := range list {
		out[i] = notice.Child{Dependant: v.ID, Person: v.SubjectID, Name: v.Other.Name}
	}
	return out, err
}

// addPusher keeps an app's sender of messages, for the queue.
func (a *App) addPusher(p notice.Pusher, err error) error {
	if err == nil {
		a.Pushers = append(a.Pushers, p)
	}
	return err
}

// filedTemplates are our templates as a pretend platform has them on file, under the ids of the settings.
func filedTemplates(c notice.Channel, set configs.MessageTemplates) map[string][]string {
	out := map[string][]string{}
	for topic, t := range set.ByTopic() {
		filed, ok := notice.PlatformTemplateOf(c, notice.Topic(topic))
		if !ok {
			continue
		}
		keys := t.Keys
		if len(keys) == 0 {
			for _, f := range filed.Fields {
				keys = append(keys, f.Key)
			}
		}
		out[t.ID] = keys
	}
	return out
}
