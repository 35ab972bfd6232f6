package notice

import (
	"context"
	"slices"

	"onecard/models"
)

// WayState says whether a topic comes over a channel as things stand.
type WayState string

// The states.
const (
	WayOn            WayState = "on"
	WaySwitchedOff   WayState = "switched_off"   // by herself, here
	WayStopped       WayState = "stopped"        // the address takes none: see the reason
	WayNotSubscribed WayState = "not_subscribed" // the platform needs her consent first
)

// The reasons of a stopped SMS, beside those of StopReason.
const stopNoPhone = "no_phone"

// PreferenceWay is one switch: a topic on one channel.
type PreferenceWay struct {
	Channel    Channel
	Wanted     bool
	Switchable bool
	WhyNot     string // why it cannot be switched off
	State      WayState
	Reason     string // of stopped: asked, dead_number, no_phone, or the platform's OffReason
	Repair     string // what to do to get messages there again
	Hint       string // what the switch does not cover
}

// PreferenceLine is one topic, about herself or a child.
type PreferenceLine struct {
	Child Child // zero: about herself
	Topic Topic
	Title string
	Ways  []PreferenceWay // those over which policy tells the topic; none: the inbox only
}

// PreferenceView is what a citizen is told, and how.
type PreferenceView struct {
	Phone models.Phone // prints masked; zero: none on file
	Stops []PhoneStop
	Lines []PreferenceLine
}

// PhoneStop is a stop of her number, as she reads it.
type PhoneStop struct {
	SMSStop
	CanLift bool   // here, by her
	Repair  string // how it ends, and what we cannot end
}

// ListPreferences shows every topic with its switches, what cannot be switched off and why, and the addresses that stopped
// working with the way to repair each. Errors as SetPreferences.
func (p *Preferences) ListPreferences(ctx context.Context, by models.Actor) (PreferenceView, error) {
	if err := p.holder(ctx, by); err != nil {
		return PreferenceView{}, err
	}
	return p.view(ctx, by)
}

// wishFacts is everything the view is made of.
type wishFacts struct {
	have    []Preference
	phone   models.Phone
	stops   []SMSStop
	topics  map[Channel][]TopicView // of the accounts on each channel
	ladders map[Topic]Ladder
}

func (p *Preferences) view(ctx context.Context, by models.Actor) (PreferenceView, error) {
	f, err := p.facts(ctx, by.ID)
	if err != nil {
		return PreferenceView{}, err
	}
	children, err := p.Children.ChildrenOf(ctx, by.ID)
	if err != nil {
		return PreferenceView{}, err
	}
	out := PreferenceView{Phone: f.phone}
	for _, s := range f.stops {
		out.Stops = append(out.Stops, PhoneStop{SMSStop: s, CanLift: s.Reason == StopAsked, Repair: repairOfStop(string(s.Reason))})
	}
	for _, c := range append([]Child{{}}, children...) {
		about := by.ID
		if c.Person != "" {
			about = c.Person
		}
		for _, t := range Topics {
			if t.told(c.Person != "") {
				out.Lines = append(out.Lines, PreferenceLine{Child: c, Topic: t, Title: preferenceTitle(t, c.Person != ""), Ways: f.ways(t, about)})
			}
		}
	}
	return out, nil
}

func (p *Preferences) facts(ctx context.Context, person models.ID) (f wishFacts, err error) {
	if f.have, err = p.Store.PreferencesOf(ctx, person); err != nil {
		return f, err
	}
	if f.phone, err = p.phone(ctx, person); err != nil {
		return f, err
	}
	if !f.phone.IsZero() {
		if f.stops, err = p.Stops.StopsOf(ctx, f.phone); err != nil {
			return f, err
		}
	}
	f.ladders = map[Topic]Ladder{}
	now := p.Clock.Now()
	for _, t := range Topics {
		if f.ladders[t] = LadderSMS; t == TopicCodes {
			continue
		}
		if f.ladders[t], err = p.Ladders.Ladder(ctx, t, now); err != nil {
			return f, err
		}
	}
	f.topics, err = p.platforms(ctx, person, silentOf(f.have, person))
	return f, err
}

// silentOf are the topics of which a person wants no SMS about herself.
func silentOf(have []Preference, person models.ID) (out []Topic) {
	for _, h := range have {
		if h.Channel == SMS && h.About == person && !h.Wanted {
			out = append(out, h.Topic)
		}
	}
	return out
}

func (p *Preferences) platforms(ctx context.Context, person models.ID, silent []Topic) (map[Channel][]TopicView, error) {
	accounts, err := p.Store.AccountsOf(ctx, person)
	if err != nil {
		return nil, err
	}
	out := map[Channel][]TopicView{}
	for _, a := range accounts {
		have, err := p.Store.SubscriptionsOf(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(p.Apps, func(app SubscriptionApp) bool { return app.Channel == a.Channel && app.App == a.App })
		if at >= 0 {
			out[a.Channel] = append(out[a.Channel], p.Apps[at].topics(have, silent)...)
		}
	}
	return out, nil
}

// ways are the switches of one topic, in the order in which its channels are tried.
func (f wishFacts) ways(t Topic, about models.ID) []PreferenceWay {
	ladder := f.ladders[t]
	var out []PreferenceWay
	if ladder != LadderSMS && ladder != LadderInbox {
		for _, c := range Platforms {
			if v, has := bestOf(f.topics[c], t); has {
				out = append(out, f.platformWay(c, v, about))
			}
		}
	}
	if ladder == LadderInbox {
		return out
	}
	return append(out, f.smsWay(t, about))
}

// bestOf is how a topic stands on the account of a channel that takes it, if any does.
func bestOf(list []TopicView, t Topic) (best TopicView, has bool) {
	for _, v := range list {
		if v.Topic == t && (!has || v.State == SubscriptionOn) {
			best, has = v, true
		}
	}
	return best, has
}

func (f wishFacts) platformWay(c Channel, v TopicView, about models.ID) PreferenceWay {
	w := PreferenceWay{Channel: c, Wanted: wanted(f.have, about, v.Topic, c), Switchable: true, State: WayOn}
	switch {
	case !w.Wanted:
		w.State = WaySwitchedOff
	case v.State == SubscriptionOff:
		w.State, w.Reason, w.Repair = WayStopped, string(v.OffReason), v.Repair
	case v.State == SubscriptionNone:
		w.State, w.Repair = WayNotSubscribed, v.Repair
	}
	return w
}

func (f wishFacts) smsWay(t Topic, about models.ID) PreferenceWay {
	w := PreferenceWay{Channel: SMS, Switchable: t.MayBeOff(SMS), State: WayOn}
	w.Wanted = !w.Switchable || wanted(f.have, about, t, SMS)
	if !w.Switchable {
		w.WhyNot = whyLocked(t)
	}
	if t == TopicArrivals {
		w.Hint = hintBankSends
	}
	stopped := NotStopped
	for _, s := range f.stops {
		if stopped == NotStopped || s.Reason == StopNoOwner {
			stopped = s.Reason
		}
	}
	_, withheld := withheldTopic(t, stopped)
	switch {
	case !w.Wanted:
		w.State = WaySwitchedOff
	case f.phone.IsZero():
		w.State, w.Reason = WayStopped, stopNoPhone
	case withheld:
		w.State, w.Reason = WayStopped, string(stopped)
	}
	if w.State == WayStopped {
		w.Repair = repairOfStop(w.Reason)
	}
	return w
}

func preferenceTitle(t Topic, child bool) string {
	switch {
	case t == TopicCodes:
		return "验证码"
	case t == TopicLoss && child:
		return "孩子的挂失与解挂"
	}
	return topicTitles[t]
}

// whyLocked says why a topic's SMS always goes (R62).
func whyLocked(t Topic) string {
	switch t {
	case TopicCodes:
		return "验证码只在您申请时发送,用来确认是您本人,不能关闭。"
	case TopicLoss:
		return "挂失和解挂的短信用来防止他人冒用,不能关闭。如果不是您本人办理,请拨打12333。"
	}
	return "账号绑定、手机号和代办变化的短信用来防止他人冒用,不能关闭。如果不是您本人办理,请拨打12333。"
}

const hintBankSends = "这里只能关闭由我们发送的到账短信;由银行发送的到账短信请向银行办理。"

// repairOfStop says how a number gets text messages again.
func repairOfStop(reason string) string {
	switch reason {
	case string(StopAsked):
		return "这个手机号回复过退订。可在这里恢复,也可用该手机回复“恢复”。我们只能解除自己这一侧的退订;如果运营商或短信服务商另有屏蔽,请联系运营商客服。"
	case stopNoPhone:
		return whyNoPhone
	}
	return whyDead
}
