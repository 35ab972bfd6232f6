package wechat

import (
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"
)

type jsonButton struct {
	Type string       `json:"type,omitempty"`
	Name string       `json:"name"`
	Key  string       `json:"key,omitempty"`
	URL  string       `json:"url,omitempty"`
	Sub  []jsonButton `json:"sub_button"`
}

type jsonMenu struct {
	Button []jsonButton `json:"button"`
}

type ticket struct {
	text  string
	until time.Time
}

const ticketLife = 2 * time.Hour

// official is the official account that an access token belongs to.
func (p *Platform) official(w http.ResponseWriter, r *http.Request) (App, bool) {
	a, bad := p.caller(r)
	if bad == 0 && a.Kind != Official {
		bad = 48001
	}
	if bad != 0 {
		refuseWith(w, bad)
		return App{}, false
	}
	return a, true
}

// createMenu takes the whole menu; the vendor has no way to change a part of it.
func (p *Platform) createMenu(w http.ResponseWriter, r *http.Request) {
	a, ok := p.official(w, r)
	if !ok {
		return
	}
	var in jsonMenu
	if !decode(w, r, &in) {
		return
	}
	if code, text := in.problem(); code != 0 {
		refuse(w, code, text)
		return
	}
	p.servers.mu.Lock()
	p.servers.menus[a.ID] = in
	p.servers.mu.Unlock()
	answer(w, problem{0, "ok"})
}

// problem holds a menu to the vendor's figures: three buttons of 16 bytes, five below each of 60 bytes.
func (m jsonMenu) problem() (int, string) {
	if len(m.Button) == 0 || len(m.Button) > 3 {
		return 40017, "invalid button size"
	}
	for _, b := range m.Button {
		if len(b.Name) == 0 || len(b.Name) > 16 || !utf8.ValidString(b.Name) {
			return 40018, "invalid button name size"
		}
		if len(b.Sub) > 5 {
			return 40023, "invalid sub button size"
		}
		if len(b.Sub) == 0 {
			if code, text := b.action(); code != 0 {
				return code, text
			}
		}
		for _, s := range b.Sub {
			if len(s.Name) == 0 || len(s.Name) > 60 {
				return 40024, "invalid sub button name size"
			}
			if code, text := s.action(); code != 0 {
				return code, text
			}
		}
	}
	return 0, ""
}

func (b jsonButton) action() (int, string) {
	switch b.Type {
	case "click":
		if b.Key == "" || len(b.Key) > 128 {
			return 40019, "invalid button key size"
		}
	case "view":
		if u, err := url.Parse(b.URL); err != nil || u.Host == "" || len(b.URL) > 1024 {
			return 40055, "invalid button url domain"
		}
	default:
		return 40016, "invalid button type"
	}
	return 0, ""
}

func (p *Platform) getMenu(w http.ResponseWriter, r *http.Request) {
	a, ok := p.official(w, r)
	if !ok {
		return
	}
	p.servers.mu.Lock()
	m, there := p.servers.menus[a.ID]
	p.servers.mu.Unlock()
	if !there {
		refuse(w, 46003, "menu no exist")
		return
	}
	answer(w, map[string]jsonMenu{"menu": m})
}

// Menu is what the account shows; false: none.
func (p *Platform) Menu(appID string) (buttons []string, there bool) {
	p.servers.mu.Lock()
	defer p.servers.mu.Unlock()
	m, there := p.servers.menus[appID]
	for _, b := range m.Button {
		buttons = append(buttons, b.Name)
		for _, s := range b.Sub {
			buttons = append(buttons, b.Name+"/"+s.Name)
		}
	}
	return buttons, there
}

// getTicket gives the ticket that pages' signatures are made with: one for everybody until it is over.
func (p *Platform) getTicket(w http.ResponseWriter, r *http.Request) {
	a, ok := p.official(w, r)
	if !ok {
		return
	}
	if r.URL.Query().Get("type") != "jsapi" {
		refuse(w, 40097, texts[40097])
		return
	}
	now := p.now()
	p.servers.mu.Lock()
	defer p.servers.mu.Unlock()
	t := p.servers.tickets[a.ID]
	if !now.Before(t.until) {
		t = ticket{"kgt8ON7yVITDhtdwci0q" + random(60), now.Add(ticketLife)}
		p.servers.tickets[a.ID] = t
		p.servers.made[a.ID]++
	}
	answer(w, map[string]any{"errcode": 0, "errmsg": "ok", "ticket": t.text, "expires_in": int(t.until.Sub(now) / time.Second)})
}

// PageSigned reports whether a page's signature is right, as the client in the citizen's hand would find it.
func (p *Platform) PageSigned(appID, nonce, stamp, page, sign string) bool {
	p.servers.mu.Lock()
	t := p.servers.tickets[appID]
	p.servers.mu.Unlock()
	return t.text != "" && sign == signature("jsapi_ticket="+t.text+"&noncestr="+nonce+"&timestamp="+stamp+"&url="+page)
}

// TicketsMade is how often a ticket was made for the app.
func (p *Platform) TicketsMade(appID string) int {
	p.servers.mu.Lock()
	defer p.servers.mu.Unlock()
	return p.servers.made[appID]
}
