package alipay

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

type outcome string

const (
	waiting outcome = ""
	passed  outcome = "T"
	failed  outcome = "F"
)

type certification struct {
	id, app, order     string
	name, number, back string
	until              time.Time
	result             outcome
}

var orderForm = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)

// initialize opens a certification of one claimed identity.
func (p *Platform) initialize(c call) any {
	var in struct {
		Order    string `json:"outer_order_no"`
		Scene    string `json:"biz_code"`
		Identity struct {
			Type     string `json:"identity_type"`
			CertType string `json:"cert_type"`
			Name     string `json:"cert_name"`
			Number   string `json:"cert_no"`
		} `json:"identity_param"`
		Merchant struct {
			Return  string `json:"return_url"`
			Reserve string `json:"face_reserve_strategy"`
		} `json:"merchant_config"`
	}
	if !c.content(&in) {
		return badParameter
	}
	id := in.Identity
	switch in.Scene {
	case "FACE", "CERT_PHOTO", "CERT_PHOTO_FACE", "SMART_FACE":
	default:
		return badParameter
	}
	back, err := url.Parse(in.Merchant.Return)
	if err != nil || back.Host == "" || !orderForm.MatchString(in.Order) || id.Type != "CERT_INFO" || id.CertType == "" || id.Name == "" || id.Number == "" {
		return badParameter
	}
	if r := in.Merchant.Reserve; r != "" && r != "reserve" && r != "never" {
		return badParameter
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, other := range p.checks {
		if other.app == c.app.ID && other.order == in.Order {
			return badParameter
		}
	}
	x := &certification{id: random(32), app: c.app.ID, order: in.Order, name: id.Name, number: id.Number, back: in.Merchant.Return, until: p.now().Add(certifyLife)}
	p.checks[x.id] = x
	p.recent = append(p.recent, x.id)
	if len(p.recent) > maxKept {
		delete(p.checks, p.recent[0])
		p.recent = p.recent[1:]
	}
	return struct {
		Code string `json:"code"`
		Msg  string `json:"msg"`
		ID   string `json:"certify_id"`
	}{"10000", "Success", x.id}
}

// queryCertified answers T only for a certification that ended well; unfinished and failed ones are both F, and only a
// failed one has a reason.
func (p *Platform) queryCertified(c call) any {
	x, ok := p.named(c)
	if !ok {
		return refusal{"40004", "Business Failed", "CERTIFY_ID_NOT_EXIST", "认证单据不存在"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := struct {
		Code   string  `json:"code"`
		Msg    string  `json:"msg"`
		Passed outcome `json:"passed"`
		Reason string  `json:"fail_reason,omitempty"`
	}{"10000", "Success", failed, ""}
	switch x.result {
	case passed:
		out.Passed = passed
	case failed:
		out.Reason = "Z1147"
	case waiting:
	}
	return out
}

func (p *Platform) named(c call) (*certification, bool) {
	var in struct {
		ID string `json:"certify_id"`
	}
	if !c.content(&in) {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.checks[in.ID]
	return x, ok && x.app == c.app.ID
}

// ErrNoCheck is a face nobody waits for.
var ErrNoCheck = errors.New("alipay sandbox: no certification waits for this citizen")

// Face puts the citizen before the camera of the newest unfinished certification that names her.
// willing=false is a citizen who gives up.
func (p *Platform) Face(citizen string, willing bool) error {
	who, ok := p.people.Find(citizen)
	if !ok {
		return ErrNoCheck
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.recent) - 1; i >= 0; i-- {
		x := p.checks[p.recent[i]]
		if x.result != waiting || !p.now().Before(x.until) || x.number != who.IDNumber {
			continue
		}
		x.result = failed
		if willing && x.name == who.Name {
			x.result = passed
		}
		return nil
	}
	return ErrNoCheck
}

// certifyPage is what opens in the wallet: the person before the camera decides how it ends.
func (p *Platform) certifyPage(w http.ResponseWriter, c call) {
	x, ok := p.named(c)
	if !ok || !p.now().Before(x.until) {
		errorPage(w, "认证单据不存在或已过期", "CERTIFY_ID_NOT_EXIST")
		return
	}
	show(w, "certify", map[string]string{"Title": "身份认证", "Name": x.name, "ID": x.id})
}

func (p *Platform) certified(w http.ResponseWriter, r *http.Request) {
	result, ok := map[string]outcome{"pass": passed, "fail": failed}[r.FormValue("result")]
	p.mu.Lock()
	x, known := p.checks[r.FormValue("certify_id")]
	done := ok && known && x.result == waiting && p.now().Before(x.until)
	if done {
		x.result = result
	}
	p.mu.Unlock()
	if !done {
		errorPage(w, "认证单据不存在、已完成或已过期", "CERTIFY_ID_NOT_EXIST")
		return
	}
	http.Redirect(w, r, x.back, http.StatusSeeOther)
}
