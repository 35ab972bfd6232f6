package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// MessageTemplates are the ids that one app's templates got at its platform, one for each topic of notices (docs/texts.md).
// Behind an id may stand the platform's keys of its fields in our order, where it numbers them otherwise than we do:
// "ABC thing3 phrase1 thing4 thing9".
type MessageTemplates struct {
	Loss       string `koanf:"loss" doc:"the app's message template of losses and releases; empty: not sent there"`
	Account    string `koanf:"account" doc:"of bindings, phones and rights to act for another"`
	Arrivals   string `koanf:"arrivals" doc:"of arrivals"`
	Payday     string `koanf:"payday" doc:"of subsidies that are coming while something is missing"`
	Progress   string `koanf:"progress" doc:"of applications and replacements"`
	Fees       string `koanf:"fees" doc:"of the fee"`
	Answers    string `koanf:"answers" doc:"of answers and guides"`
	Dependants string `koanf:"dependants" doc:"of a child's card"`
	Campaigns  string `koanf:"campaigns" doc:"of reminders to many"`
}

// MessageTemplate is one setting, read.
type MessageTemplate struct {
	ID   string
	Keys []string // the platform's keys in our order of the fields; empty: ours
}

var templateForm = regexp.MustCompile(`^[A-Za-z0-9_=+/-]{1,64}( [a-z_]{1,24}[0-9]{1,3})*$`)

// ByTopic is the template of each topic that has one.
func (t MessageTemplates) ByTopic() map[string]MessageTemplate {
	out := map[string]MessageTemplate{}
	t.each("", func(key, text string) {
		if words := strings.Fields(text); len(words) > 0 {
			out[key] = MessageTemplate{words[0], words[1:]}
		}
	})
	return out
}

func (t MessageTemplates) each(under string, do func(key, text string)) {
	walk(reflect.ValueOf(&t).Elem(), under, "", func(l leaf) { do(l.key, l.value.String()) }, func(list) {})
}

// DemoMessageTemplates are the ids under which the pretend platforms have an app's templates.
func DemoMessageTemplates() MessageTemplates {
	var t MessageTemplates
	walk(reflect.ValueOf(&t).Elem(), "", "", func(l leaf) { l.value.SetString("DEMO_" + strings.ToUpper(l.key)) }, func(list) {})
	return t
}

// check finds what cannot be a template's id, and two topics under one.
func (t MessageTemplates) check(under string, production bool, found *Findings) {
	by := map[string]string{}
	t.each(under, func(key, text string) {
		id, _, _ := strings.Cut(text, " ")
		switch {
		case text == "":
			return
		case !templateForm.MatchString(text):
			found.add(key, "is not a template's id, or an id and the keys of its fields like: ABC thing3 phrase1")
		case by[id] != "":
			found.add(key, "is the same as %s; each topic has a template of its own", by[id])
		case production && strings.HasPrefix(id, "DEMO_"):
			found.add(key, "is the demo's; copy yours from the platform's console")
		}
		by[id] = key
	})
}

var pageForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)

// messages checks what the apps' messages need.
func (c Config) messages(found *Findings) {
	production := c.Mode == ModeProduction
	for i, a := range c.Wechat.Apps {
		key := fmt.Sprintf("wechat.apps.%d.", i)
		a.Templates.check(key+"templates", production, found)
		if a.Page != "" && !pageForm.MatchString(a.Page) {
			found.add(key+"page", "is not a page of the mini-program; write pages/notice, without a slash before it")
		}
		opens := func(o WechatApp) bool { return o.Kind == "mini" && o.AppID == a.Opens }
		if a.Opens != "" && (a.Kind != "oa" || !slices.ContainsFunc(c.Wechat.Apps, opens)) {
			found.add(key+"opens", "is for an official account, and names the app_id of a mini-program in wechat.apps")
		}
	}
	for i, a := range c.Alipay.Apps {
		key := fmt.Sprintf("alipay.apps.%d.", i)
		a.Templates.check(key+"templates", production, found)
		if a.Page != "" && !pageForm.MatchString(a.Page) {
			found.add(key+"page", "is not a page of the mini-program; write pages/notice, without a slash before it")
		}
	}
}
