package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/wechat"
)

// atAccount is what a citizen does at an account of the product's: {citizen, app_id, what, text, key, how}. How is empty
// for what really happens, or the way in which somebody means harm (see wechat.Way and alipay.Platform.Tell).
type atAccount struct {
	Citizen string    `json:"citizen"`
	AppID   string    `json:"app_id"`
	What    string    `json:"what"`
	Text    string    `json:"text"`
	Key     string    `json:"key"`
	Answer  string    `json:"answer"`
	ID      string    `json:"id"`
	Charset string    `json:"charset"`
	How     string    `json:"how"`
	At      time.Time `json:"at"`
}

const messageTime = 8 * time.Second

func (c *City) account(raw json.RawMessage) (atAccount, error) {
	var e atAccount
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, errors.New("not a JSON event")
	}
	if _, ok := c.Registry.Citizen(e.Citizen); !ok && e.What != "check" {
		return e, errors.New("unknown citizen")
	}
	return e, nil
}

// wechatMessage lets WeChat's servers tell an app's server; the answer is what it said.
func (c *City) wechatMessage(raw json.RawMessage) (any, error) {
	e, err := c.account(raw)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), messageTime)
	defer cancel()
	if e.What == "check" {
		got, ok, err := c.WeChat.CheckServer(ctx, e.AppID, wechat.Way(e.How))
		return map[string]any{"status": got.Status, "ok": ok}, err
	}
	return c.WeChat.Send(ctx, wechat.Message{App: e.AppID, Citizen: e.Citizen, What: e.What, Text: e.Text, Key: e.Key, Answer: e.Answer, ID: e.ID, At: e.At}, wechat.Way(e.How))
}

// alipayMessage lets Alipay's servers tell a life account's gateway; said is what the account has answered this citizen.
func (c *City) alipayMessage(raw json.RawMessage) (any, error) {
	e, err := c.account(raw)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), messageTime)
	defer cancel()
	got, err := c.Alipay.Tell(ctx, alipay.Happening{App: e.AppID, Citizen: e.Citizen, What: e.What, Text: e.Text, Key: e.Key, Charset: e.Charset, At: e.At}, e.How)
	return map[string]any{"status": got.Status, "taken": got.Taken, "body": got.Body, "said": c.Alipay.Said(e.AppID, e.Citizen)}, err
}
