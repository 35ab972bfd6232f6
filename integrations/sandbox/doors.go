package sandbox

import (
	"encoding/json"
	"errors"
	"maps"

	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/oidc"
	"onecard/integrations/sandbox/wechat"
)

// doors are the apps by which a citizen comes in, in the order of the options.
func (c *City) doors(o Options) []desk.Door {
	var out []desk.Door
	for _, a := range o.WeChat {
		id := a.ID
		d := desk.Door{AppID: id, OpenID: func(who string) string { return c.WeChat.OpenID(id, who) }}
		if a.Kind == wechat.Official {
			d.Platform, d.Login = "wechat_oa", func(who string) (string, error) { return c.WeChat.OAuthCode(id, who) }
		} else {
			d.Platform, d.Login = "wechat_mini", func(who string) (string, error) { return c.WeChat.LoginCode(id, who) }
			d.Phone = func(who string) (string, error) { return c.WeChat.PhoneCode(id, who) }
		}
		out = append(out, d)
	}
	for _, a := range o.Alipay {
		id := a.ID
		d := desk.Door{
			Platform: "alipay_mini", AppID: id, OpenID: func(who string) string { return c.Alipay.OpenID(id, who) },
			Login: func(who string) (string, error) { return c.Alipay.AuthCode(id, who) },
		}
		if a.Life {
			d.Platform = "alipay_life"
		} else if a.ContentKey != "" {
			d.Phone = func(who string) (string, error) { return c.Alipay.PhonePayload(id, who) }
		}
		out = append(out, d)
	}
	return out
}

// platformEvents are the kinds of event at the desk that are the platforms' and not the registry's.
func (c *City) platformEvents() map[string]func(json.RawMessage) (any, error) {
	type event struct {
		Citizen string `json:"citizen"`
		AppID   string `json:"app_id"`
		Blocked *bool  `json:"blocked"`
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
	out := map[string]func(json.RawMessage) (any, error){
		"wechat_block": read(func(e event) error {
			if _, ok := c.Registry.Citizen(e.Citizen); !ok {
				return errors.New("unknown citizen")
			}
			c.WeChat.Block(e.Citizen, e.Blocked == nil || *e.Blocked)
			return nil
		}),
		"wechat_kill_tokens":   read(func(e event) error { c.WeChat.KillTokens(e.AppID); return nil }),
		"sms_reply":            c.mail.reply,
		"sms_template":         c.mail.decide,
		"wechat_expire_tokens": read(func(e event) error { c.WeChat.ExpireTokens(e.AppID); return nil }),
	}
	maps.Copy(out, c.messageEvents())
	maps.Copy(out, c.telephoneEvents())
	if c.SignOn != nil {
		out["sign_on_token"] = func(raw json.RawMessage) (any, error) {
			var e struct {
				Bad oidc.Bad `json:"bad"`
			}
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, errors.New("not a JSON event")
			}
			c.SignOn.Spoil(e.Bad)
			return map[string]bool{"done": true}, nil
		}
	}
	out["wechat_message"], out["alipay_message"] = c.wechatMessage, c.alipayMessage
	if c.WeChatPay != nil {
		out["wechat_pay"] = payEvent(c.WeChatPay)
		out["wechat_refund"] = refundEvent(c.WeChatPay.HoldRefunds, func(status string) (int, error) { return c.WeChatPay.SettleRefund("", status, 1) })
	}
	out["alipay_pay"] = payEvent(c.Alipay)
	out["alipay_refund"] = refundEvent(c.Alipay.HoldRefunds, func(string) (int, error) { return c.Alipay.SettleRefund("", 1) })
	if c.NonTax != nil {
		out["nontax_pay"] = payEvent(c.NonTax)
		out["nontax_refund"] = refundEvent(c.NonTax.HoldRefunds, func(stage string) (int, error) { return c.NonTax.SettleRefund("", stage, 1) })
		out["nontax_receipt"] = refundEvent(c.NonTax.HoldReceipts, func(string) (int, error) { return c.NonTax.IssueReceipts(1) })
	}
	return out
}

// till is where somebody pays.
type till interface {
	Pay(name string, notices int) (taken int, err error)
	FailToPay(name string) error
	Notify(name string, n int) (taken int, err error)
}

// payEvent lets somebody pay a trade, named by number or by what its client was given, the newest where none is named;
// notices says how often its notice is sent (1 when not said; 0: it is lost), failed that the bank refuses.
func payEvent(at till) func(raw json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var e struct {
			Trade   string `json:"trade"`
			Notices *int   `json:"notices"`
			Failed  bool   `json:"failed"`
			Again   bool   `json:"again"` // only the notice of a paid trade, once more
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, errors.New("not a JSON event")
		}
		n := 1
		if e.Notices != nil {
			n = min(max(*e.Notices, 0), 20)
		}
		var taken int
		var err error
		switch {
		case e.Failed:
			err = at.FailToPay(e.Trade)
		case e.Again:
			taken, err = at.Notify(e.Trade, n)
		default:
			taken, err = at.Pay(e.Trade, n)
		}
		return map[string]int{"taken": taken}, err
	}
}

// refundEvent ends refunds that are in process (at WeChat Pay as SUCCESS, ABNORMAL or CLOSED; at the finance bureau as
// approved, rejected or paid_back); with hold they stay in process from now on. Receipts that wait are issued likewise.
func refundEvent(hold func(bool), settle func(status string) (int, error)) func(raw json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var e struct {
			Status string `json:"status"`
			Hold   *bool  `json:"hold"`
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, errors.New("not a JSON event")
		}
		if e.Hold != nil {
			hold(*e.Hold)
			return map[string]bool{"held": *e.Hold}, nil
		}
		taken, err := settle(e.Status)
		return map[string]int{"taken": taken}, err
	}
}
