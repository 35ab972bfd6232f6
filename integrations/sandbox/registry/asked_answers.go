package registry

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// basicOf is who a person is and her present card; of one whose cards have all ended, the last of them.
func (r *Registry) basicOf(p *Person, cardless bool) answered {
	c := r.cardFor(p.Ref)
	if refs := r.st.cardsOf[p.Ref]; c == nil && len(refs) > 0 {
		c = r.st.cards.byID[refs[len(refs)-1]]
	}
	if c == nil || cardless {
		c = &Card{}
	}
	account := ""
	if c.AccountTail != "" {
		account = "621700000000" + c.AccountTail
	}
	return answered{code: "00", fields: []field{
		{"AAC001", p.Ref}, {"AAC002", p.IDNumber}, {"AAC003", p.Name}, {"AAC006", strings.ReplaceAll(p.BirthDate, "-", "")}, {"AAC060", p.LivingStatus},
		{"AAE005", p.Phone}, {"AAB301", c.IssuingArea}, {"AAZ500", c.CardNo}, {"AAZ501", c.Ref}, {"AAZ502", c.AAZ502}, {"STATUS", c.PersonStatus},
		{"AAE008", c.BankCode}, {"AAE010", account}, {"ORGANID", c.OutletRef},
	}}
}

// progressOf is the production record of the person's last application.
func (r *Registry) progressOf(p *Person) answered {
	var a *Application
	for _, id := range r.st.applications.order {
		if one := r.st.applications.byID[id]; one.PersonRef == p.Ref {
			a = one
		}
	}
	if a == nil {
		return reason("查无数据")
	}
	z, account := a.AZ03, ""
	if a.AccountTail != "" {
		account = "621700000000" + a.AccountTail
	}
	return answered{code: "00", fields: []field{
		{"AAC002", p.IDNumber}, {"AAC003", p.Name}, {"BATCHNO", z.BatchNo}, {"APPLYTIME", stamp(&z.ApplyTime)}, {"BANKTIME0", stamp(z.BankTime0)},
		{"BANKFINISHTIME0", stamp(z.BankFinishTime0)}, {"INSURETIME", stamp(z.InsureTime)}, {"INSUREFINISHTIME", stamp(z.InsureFinishTime)},
		{"PROVINCETIME", stamp(z.ProvinceTime)}, {"CITYTIME", stamp(z.CityTime)}, {"GETTIME", stamp(z.GetTime)}, {"AAE010", account},
		{"REMARKS", z.Remarks}, {"VALIDTAG", z.ValidTag},
	}}
}

// stamp writes an instant as such interfaces do: 14 digits of local time.
func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.In(shanghai).Format("20060102150405")
}

// written gives the answer its form and content type.
func (a answered) written(s service) (ctype, text string) {
	if s.xml {
		return "text/xml; charset=utf-8", a.asXML(s)
	}
	parts := []string{a.code}
	for _, f := range a.fields {
		parts = append(parts, f.value)
	}
	return "text/plain; charset=utf-8", strings.Join(parts, "|") + "\n"
}

func (a answered) asXML(s service) string {
	code := a.code
	if code == "00" && s.op != "commands" {
		code = "OK"
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<ALL>")
	for _, f := range append([]field{{"ERR", code}}, a.fields...) {
		b.WriteString("<" + f.name + ">")
		_ = xml.EscapeText(&b, []byte(f.value)) // a buffer takes everything
		b.WriteString("</" + f.name + ">")
	}
	b.WriteString("</ALL>")
	return b.String()
}

// spoil sends an answer as its fault would have it: nonsense, cut in the middle, in another charset, far too long.
func spoil(w http.ResponseWriter, f Fault, out reply) {
	switch f.Fault {
	case FaultGarbage:
		out.body = []byte("\x00\x01<<|not an answer||\x7f")
	case FaultCharset:
		out.body = bytes.ReplaceAll(out.body, []byte("AAC003"), []byte("\xcd\xf5"))
		out.body = append([]byte("\xcd\xf5\xbd\xa8\xb9\xfa"), out.body...)
	case FaultLong:
		out.body = append(out.body, bytes.Repeat([]byte(" "), 2<<20)...)
	}
	w.Header().Set("Content-Type", out.ctype)
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if f.Fault == FaultHalf {
		_, _ = w.Write(out.body[:len(out.body)/2])
		if flush, ok := w.(http.Flusher); ok {
			flush.Flush()
		}
		panic(http.ErrAbortHandler) // the length was promised: the reader sees that it broke off
	}
	_, _ = w.Write(out.body)
}

// lists are the banks and outlets as the bureau publishes them for those who have no feed.
func (r *Registry) lists() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	banks, outlets := make([]*Bank, 0, len(r.st.banks.order)), make([]*Outlet, 0, len(r.st.outlets.order))
	for _, id := range r.st.banks.order {
		banks = append(banks, r.st.banks.byID[id])
	}
	for _, id := range r.st.outlets.order {
		outlets = append(outlets, r.st.outlets.byID[id])
	}
	return map[string]any{"banks": banks, "outlets": outlets}
}
