package registry

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The other face of the same city: the interface that most bureaus have today. It is asked person by person, with name and
// password, answers in fields behind bars or in XML, and knows neither request ids nor versions nor a feed.

// AskedPath is where it is served.
const AskedPath = "/registry/query"

// service is one thing that may be asked for, in one of the two forms.
type service struct {
	op   string // for faults: person, progress, commands
	kind string // of a command
	loss string // kind of loss
	xml  bool
}

// services are the calls of the two provinces whose interfaces are public, by their own names.
var services = map[string]service{
	"0811014": {op: "person"}, "0811016": {op: "progress"},
	"0821017": {op: "commands", kind: "loss", loss: "formal"}, "0821015": {op: "commands", kind: "release"},
	"getAC01": {op: "person", xml: true}, "getAZ03": {op: "progress", xml: true},
	"01": {op: "commands", kind: "loss", loss: "temporary", xml: true}, "02": {op: "commands", kind: "loss", loss: "formal", xml: true},
	"03": {op: "commands", kind: "release", xml: true},
}

// answered is an answer before it has its form: a code or a reason, and the fields of a question.
type answered struct {
	code   string // 00, 01, or the reason in words
	fields []field
}

type field struct{ name, value string }

func reason(text string) answered { return answered{code: text} }

// askedHandler serves the whole interface at one address.
func (r *Registry) askedHandler(w http.ResponseWriter, req *http.Request) {
	body, err := readBody(w, req, "")
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil || req.Method != http.MethodPost {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	s, known := services[form.Get("service")]
	f := r.takeFault(sourceCards, s.op)
	switch f.Fault {
	case FaultOff:
		cut(w)
		return
	case FaultDown:
		http.Error(w, "<html>503 upstream</html>", http.StatusServiceUnavailable)
		return
	case FaultDelay:
		r.wait(f.DelayMS)
	}
	out := r.askedFor(form, s, known, f)
	if f.Fault == FaultLate {
		r.wait(f.DelayMS)
	}
	if f.Fault == FaultLoseReply {
		cut(w)
		return
	}
	kind, text := out.written(s)
	spoil(w, f, reply{status: http.StatusOK, ctype: kind, body: []byte(text)})
}

// askedFor carries a call out, if the caller may.
func (r *Registry) askedFor(form url.Values, s service, known bool, f Fault) answered {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.opts.Cards
	switch {
	case form.Get("user") != c.ID, subtle.ConstantTimeCompare([]byte(form.Get("password")), []byte(c.Secret)) != 1:
		return reason("用户名或密码错误")
	case !known:
		return reason("没有此项服务")
	case f.Fault == FaultBusy:
		return reason("系统繁忙,请稍后再试")
	case f.Fault == FaultRefuse:
		return reason(refusalText(f))
	}
	now := instant(r.now())
	key := strings.Split(form.Get("key"), "|")
	if len(key) < 2 {
		return reason("参数不完整")
	}
	p := r.st.persons.byID[r.st.personByNumber[strings.ToUpper(key[0])]]
	switch {
	case p == nil:
		return reason("查无数据")
	case sameName(p.Name) != sameName(key[1]):
		return reason("姓名与社会保障号码不一致")
	}
	if f.Fault == FaultForge { // somebody else's answer
		p = r.another(p)
	}
	switch s.op {
	case "person":
		return r.basicOf(p, f.Fault == FaultCardless)
	case "progress":
		return r.progressOf(p)
	}
	if len(key) != 3 {
		return reason("参数不完整")
	}
	return r.askedCommand(p, key[2], s, now)
}

// another is some other person of the city.
func (r *Registry) another(p *Person) *Person {
	i := slices.Index(r.st.persons.order, p.Ref)
	return r.st.persons.byID[r.st.persons.order[(i+1)%len(r.st.persons.order)]]
}

// askedCommand changes the social-security account of the card with this number. It keeps nothing of who asked.
func (r *Registry) askedCommand(p *Person, cardNo string, s service, now time.Time) answered {
	var card *Card
	for _, ref := range r.st.cardsOf[p.Ref] {
		if c := r.st.cards.byID[ref]; c.CardNo == cardNo {
			card = c
		}
	}
	if card == nil {
		return reason("查无此卡")
	}
	if code, text := ended(card); code != "" {
		return reason(text)
	}
	var next *Card
	switch {
	case s.kind == "loss" && card.Loss != nil, s.kind == "release" && card.Loss == nil:
		return answered{code: "01"}
	case s.kind == "loss":
		next = r.lost(card, Loss{Reference: r.reference("GS", now), Source: "registry", Kind: s.loss, ReportedAt: now, EffectiveAt: now})
	default:
		next = released(card, LossEnd{How: "released", Source: "registry", At: now})
	}
	err := r.commit(change{Events: []event{happened(next, "card."+s.kind)}, Effect: &Effect{Kind: s.kind, CardRef: card.Ref, Version: next.Version, At: now}})
	if err != nil {
		return reason("系统异常")
	}
	return answered{code: "00"}
}

// refusalText is a refusal in the words of such an interface, which has no codes for them.
func refusalText(f Fault) string {
	texts := map[string]string{
		"CARD_UNKNOWN": "查无此卡", "CARD_NOT_OF_PERSON": "卡与持卡人不一致", "CARD_VOID": "此卡已作废", "CARD_CANCELLED": "此卡已注销",
		"CARD_SEALED": "此卡已封存", "CARD_NOT_COLLECTED": "此卡尚未领取", "CARD_LOCKED": "此卡应用已锁定",
	}
	if t := texts[f.Code]; t != "" {
		return t
	}
	return f.Reason
}
