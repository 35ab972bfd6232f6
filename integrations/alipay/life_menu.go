package alipay

import (
	"context"
	"encoding/json"
	"errors"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models"
)

type lifeButton struct {
	Name   string       `json:"name"`
	Type   string       `json:"action_type,omitempty"`
	Param  string       `json:"action_param,omitempty"`
	Nested []lifeButton `json:"sub_button,omitempty"`
}

type lifeMenu struct {
	Button []lifeButton `json:"button"`
}

// The action types that we use: a page, and an event that comes to our gateway.
const (
	actionLink = "link"
	actionWord = "out"
)

// Name is the account's name in our settings.
func (l *LifeAccount) Name() string { return l.name }

// Menu is what the life account's menu is now; nil where it has none.
func (l *LifeAccount) Menu(ctx context.Context) ([]configs.Button, error) {
	var text string
	err := l.request(ctx, sdk.NewPayload("alipay.open.public.menu.query"), &text)
	var vendor *vendorError
	if errors.As(err, &vendor) && noMenu(vendor.sub) || err == nil && text == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var menu lifeMenu
	if err := json.Unmarshal([]byte(text), &menu); err != nil {
		return nil, models.ErrUnavailable.Because(&callError{method: "alipay.open.public.menu.query", cause: "the menu is not readable"})
	}
	return fromLife(menu.Button), nil
}

// noMenu are the vendor's words for a menu that was never made.
func noMenu(sub string) bool { return sub == "MENU_NOT_EXIST" || sub == "PUBLIC_MENU_NOT_EXIST" }

// SetMenu makes the menu, or changes the one that is there. Sent twice it says the same; without an answer, Menu tells.
func (l *LifeAccount) SetMenu(ctx context.Context, menu []configs.Button) error {
	now, err := l.Menu(ctx)
	if err != nil {
		return err
	}
	method := "alipay.open.public.menu.modify"
	if len(now) == 0 {
		method = "alipay.open.public.menu.create"
	}
	return l.request(ctx, sdk.NewPayload(method).AddBizField("type", "text").AddBizField("button", toLife(menu)), nil)
}

func toLife(menu []configs.Button) []lifeButton {
	out := make([]lifeButton, 0, len(menu))
	for _, b := range menu {
		one := lifeButton{Name: b.Name}
		switch {
		case len(b.Sub) > 0:
			one.Nested = toLife(b.Sub)
		case b.Word != "":
			one.Type, one.Param = actionWord, b.Word
		default:
			one.Type, one.Param = actionLink, b.URL
		}
		out = append(out, one)
	}
	return out
}

func fromLife(menu []lifeButton) []configs.Button {
	out := make([]configs.Button, 0, len(menu))
	for _, b := range menu {
		one := configs.Button{Name: b.Name}
		switch {
		case len(b.Nested) > 0:
			one.Sub = fromLife(b.Nested)
		case b.Type == actionLink:
			one.URL = b.Param
		case b.Type == actionWord:
			one.Word = b.Param
		default:
			one.Word = b.Type + ":" + b.Param // made by hand in the console; not ours
		}
		out = append(out, one)
	}
	return out
}
