package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/util"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// The SDK's menu functions take no context and hide the vendor's code in a text; its HTTP functions carry these calls.
const (
	menuGet    = "/cgi-bin/menu/get"
	menuCreate = "/cgi-bin/menu/create"
	ticketPath = "/cgi-bin/ticket/getticket"

	codeNoMenu = 46003
)

type menuButton struct {
	Type string       `json:"type,omitempty"`
	Name string       `json:"name"`
	Key  string       `json:"key,omitempty"`
	URL  string       `json:"url,omitempty"`
	Sub  []menuButton `json:"sub_button,omitempty"`
}

type menuBody struct {
	Button []menuButton `json:"button"`
}

// Menu is what the account's menu is now; nil where it has none.
func (o *OfficialAccount) Menu(ctx context.Context) ([]configs.Button, error) {
	var out struct {
		util.CommonError
		Menu menuBody `json:"menu"`
	}
	none := false
	err := o.withToken(ctx, menuGet, func(ctx context.Context, token string) reply {
		return patiently(ctx, func() reply {
			body, err := util.HTTPGetContext(ctx, realAddress+menuGet+"?access_token="+url.QueryEscape(token))
			if err != nil {
				return reply{err: err}
			}
			out.CommonError = util.CommonError{}
			if err := json.Unmarshal(body, &out); err != nil {
				return reply{err: err}
			}
			if none = out.ErrCode == codeNoMenu; none {
				return reply{}
			}
			return of(out.CommonError, nil)
		})
	})
	if err != nil || none {
		return nil, err
	}
	return buttonsOf(out.Menu.Button), nil
}

// SetMenu replaces the account's whole menu. Sent twice it says the same; without an answer, Menu tells.
func (o *OfficialAccount) SetMenu(ctx context.Context, menu []configs.Button) error {
	in := menuBody{Button: vendorButtons(menu)}
	return o.withToken(ctx, menuCreate, func(ctx context.Context, token string) reply {
		return patiently(ctx, func() reply {
			body, err := util.PostJSONContext(ctx, realAddress+menuCreate+"?access_token="+url.QueryEscape(token), in)
			if err != nil {
				return reply{err: err}
			}
			var told util.CommonError
			if err := json.Unmarshal(body, &told); err != nil {
				return reply{err: err}
			}
			return of(told, nil)
		})
	})
}

func vendorButtons(menu []configs.Button) []menuButton {
	out := make([]menuButton, 0, len(menu))
	for _, b := range menu {
		one := menuButton{Name: b.Name}
		switch {
		case len(b.Sub) > 0:
			one.Sub = vendorButtons(b.Sub)
		case b.Word != "":
			one.Type, one.Key = "click", b.Word
		default:
			one.Type, one.URL = "view", b.URL
		}
		out = append(out, one)
	}
	return out
}

func buttonsOf(menu []menuButton) []configs.Button {
	out := make([]configs.Button, 0, len(menu))
	for _, b := range menu {
		one := configs.Button{Name: b.Name, Word: b.Key, URL: b.URL}
		if len(b.Sub) > 0 {
			one = configs.Button{Name: b.Name, Sub: buttonsOf(b.Sub)}
		} else if b.Type != "click" && b.Type != "view" {
			one.Word = b.Type + ":" + b.Key // made by hand in the console; not ours, so it differs from all that is
		}
		out = append(out, one)
	}
	return out
}

// Name is the account's name in our settings.
func (o *OfficialAccount) Name() string { return o.name }

// PageSignatures sign pages of ours for the official account, so that they may use what WeChat's browser offers.
type PageSignatures struct {
	at     *OfficialAccount
	origin *url.URL
}

var _ citizen.PageSigner = (*PageSignatures)(nil)

// PageSignatures signs pages under origin, e.g. https://card.example, and no others.
func (o *OfficialAccount) PageSignatures(origin string) (*PageSignatures, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return nil, errors.New("wechat: our own address is not an address")
	}
	return &PageSignatures{o, u}, nil
}

const longestPage = 1024

// SignPage signs one page by the documented recipe: SHA-1 over ticket, nonce, time and the address without its fragment.
// The ticket is shared by all replicas, and one of them fetches it.
func (p *PageSignatures) SignPage(ctx context.Context, page string) (citizen.PageSignature, error) {
	u, err := url.Parse(page)
	if err != nil || len(page) > longestPage || u.Scheme != p.origin.Scheme || u.Host != p.origin.Host || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return citizen.PageSignature{}, citizen.ErrPageNotOurs
	}
	ticket, err := p.ticket(ctx)
	if err != nil {
		return citizen.PageSignature{}, err
	}
	out := citizen.PageSignature{AppID: p.at.id, Nonce: nonceText(), Timestamp: p.at.clock.Now().Unix()}
	out.Signature = util.Signature("jsapi_ticket=" + ticket + "&noncestr=" + out.Nonce + "&timestamp=" + decimal(out.Timestamp) + "&url=" + page)
	return out, nil
}

func (p *PageSignatures) ticket(ctx context.Context) (string, error) {
	return p.at.tokens.Fetch(ctx, p.at.tokenName()+":jsapi", func(ctx context.Context) (string, time.Duration, error) {
		var got credential.ResTicket
		err := p.at.withToken(ctx, ticketPath, func(ctx context.Context, token string) reply {
			return patiently(ctx, func() reply {
				var err error
				got, err = credential.GetTicketFromServerContext(ctx, url.QueryEscape(token))
				return of(got.CommonError, err)
			})
		})
		if err != nil {
			return "", 0, err
		}
		if got.Ticket == "" {
			return "", 0, models.ErrUnavailable.Because(errNoField)
		}
		return got.Ticket, time.Duration(got.ExpiresIn)*time.Second - margin, nil
	})
}
