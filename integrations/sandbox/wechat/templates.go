package wechat

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

type listedTemplate struct {
	MiniID  string `json:"priTmplId,omitempty"`
	OAID    string `json:"template_id,omitempty"`
	Title   string `json:"title"`
	Content string `json:"content"`
	Example string `json:"example"`
	Type    int    `json:"type,omitempty"`
}

// DropTemplate takes a template out of the app, as its console does: it is listed no more, and nothing is sent by it.
func (p *Platform) DropTemplate(appID, template string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped[[2]string{appID, template}] = true
}

// keysOf are the keys of an app's template; nil: it has no such template.
func (p *Platform) keysOf(a App, template string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dropped[[2]string{a.ID, template}] {
		return nil
	}
	return a.Templates[template]
}

// templates lists what an app has, as both vendors' lists do: fields as {{key.DATA}}.
func (p *Platform) templates(kind Kind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, bad := p.caller(r)
		if bad == 0 && a.Kind != kind {
			bad = 48001
		}
		if bad != 0 {
			refuseWith(w, bad)
			return
		}
		list := []listedTemplate{}
		for _, id := range slices.Sorted(maps.Keys(a.Templates)) {
			keys := p.keysOf(a, id)
			if keys == nil {
				continue
			}
			var content strings.Builder
			for _, key := range keys {
				content.WriteString("内容:{{" + key + ".DATA}}\n")
			}
			t := listedTemplate{Title: "业务通知", Content: content.String()}
			if kind == Mini {
				t.MiniID, t.Type = id, 2
			} else {
				t.OAID = id
			}
			list = append(list, t)
		}
		if kind == Mini {
			answer(w, map[string]any{"errcode": 0, "errmsg": "ok", "data": list})
			return
		}
		answer(w, map[string]any{"template_list": list})
	}
}
