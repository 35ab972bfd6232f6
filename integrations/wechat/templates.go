package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"

	"github.com/silenceper/wechat/v2/util"

	"onecard/models/notice"
)

// The lists of an app's own templates: subscribeMessage.getTemplateList of a mini-program, get_all_private_template of an
// official account. Neither names a state: what is listed may be sent, what is not is gone.
const (
	miniTemplates = "/wxaapi/newtmpl/gettemplate"
	oaTemplates   = "/cgi-bin/template/get_all_private_template"
)

var dataKey = regexp.MustCompile(`\{\{([a-z_]+[0-9]+)\.DATA\}\}`)

type ownTemplate struct {
	MiniID  string `json:"priTmplId"`
	OAID    string `json:"template_id"`
	Content string `json:"content"`
}

type ownTemplates struct {
	util.CommonError
	Mini []ownTemplate `json:"data"`
	OA   []ownTemplate `json:"template_list"`
}

var errNoList = errors.New("the answer has no list of templates")

var _ notice.Asker = (*messages)(nil)

// AskTemplates implements notice.Asker. An answer without a list is an error: it must not withdraw every template.
func (m *messages) AskTemplates(ctx context.Context, _ []string) ([]notice.VendorTemplate, error) {
	path := miniTemplates
	if m.channel == notice.WechatOA {
		path = oaTemplates
	}
	var told ownTemplates
	err := m.withToken(ctx, path, func(ctx context.Context, token string) reply {
		return patiently(ctx, func() reply {
			body, err := util.HTTPGetContext(ctx, realAddress+path+"?access_token="+url.QueryEscape(token))
			if err != nil {
				return reply{err: err}
			}
			told = ownTemplates{}
			if err := json.Unmarshal(body, &told); err != nil {
				return reply{err: err}
			}
			if told.ErrCode == 0 && told.Mini == nil && told.OA == nil {
				return reply{err: errNoList}
			}
			return of(told.CommonError, nil)
		})
	})
	if err != nil {
		return nil, err
	}
	var out []notice.VendorTemplate
	for _, t := range append(told.Mini, told.OA...) {
		v := notice.VendorTemplate{Code: t.MiniID + t.OAID, State: notice.FilingApproved}
		for _, found := range dataKey.FindAllStringSubmatch(t.Content, -1) {
			v.Keys = append(v.Keys, found[1])
		}
		out = append(out, v)
	}
	return out, nil
}
