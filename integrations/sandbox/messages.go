package sandbox

import (
	"encoding/json"
	"errors"

	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/wechat"
)

// Pushed are the platforms' messages to a citizen, everyone's when empty, oldest first of each platform.
func (m *mailbox) Pushed(citizen string) []desk.Message {
	out := []desk.Message{}
	for _, s := range m.city.WeChat.Sent(citizen) {
		out = append(out, desk.Message{
			ID: s.ID, Channel: m.city.channels[s.App], AppID: s.App, Citizen: s.Citizen, Template: s.Template, Text: s.Text, Opens: s.Opens,
			Status: "delivered", SentAt: s.At,
		})
	}
	for _, s := range m.city.Alipay.Sent(citizen) {
		out = append(out, desk.Message{
			ID: s.ID, Channel: m.city.channels[s.App], AppID: s.App, Citizen: s.Citizen, Template: s.Template, Text: s.Text, Opens: s.Opens,
			Status: "delivered", SentAt: s.At,
		})
	}
	return out
}

// channelsOf names the channel of each app.
func channelsOf(o Options) map[string]string {
	out := map[string]string{}
	for _, a := range o.WeChat {
		if out[a.ID] = "wechat_mini"; a.Kind == wechat.Official {
			out[a.ID] = "wechat_oa"
		}
	}
	for _, a := range o.Alipay {
		if out[a.ID] = "alipay_mini"; a.Life {
			out[a.ID] = "alipay_life"
		}
	}
	return out
}

// messageEvents are what a citizen does about messages: wechat_consent and alipay_consent {citizen, app_id, template, answer}
// answer the platform's pop-up with accept, always or reject; wechat_follower and alipay_follower {citizen, app_id, follows}
// follow an account or leave it. The platform remembers it; our side learns of it as from the real one.
func (c *City) messageEvents() map[string]func(json.RawMessage) (any, error) {
	type event struct {
		Citizen  string `json:"citizen"`
		AppID    string `json:"app_id"`
		Template string `json:"template"`
		Answer   string `json:"answer"`
		Follows  *bool  `json:"follows"`
	}
	read := func(do func(event) error) func(json.RawMessage) (any, error) {
		return func(raw json.RawMessage) (any, error) {
			var e event
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, errors.New("not a JSON event")
			}
			return map[string]bool{"done": true}, do(e)
		}
	}
	follows := func(e event) bool { return e.Follows == nil || *e.Follows }
	return map[string]func(json.RawMessage) (any, error){
		"wechat_consent":  read(func(e event) error { return c.WeChat.Subscribe(e.AppID, e.Citizen, e.Template, e.Answer) }),
		"alipay_consent":  read(func(e event) error { return c.Alipay.Subscribe(e.AppID, e.Citizen, e.Template, e.Answer) }),
		"wechat_follower": read(func(e event) error { return c.WeChat.Follow(e.AppID, e.Citizen, follows(e)) }),
		"alipay_follower": read(func(e event) error { return c.Alipay.Follow(e.AppID, e.Citizen, follows(e)) }),
	}
}
