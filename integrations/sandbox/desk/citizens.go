package desk

import (
	"net/http"
	"slices"
	"strconv"
)

// citizens lists the named ones first: GET /desk/citizens?more=20.
func (d *Desk) citizens(w http.ResponseWriter, r *http.Request) {
	more, _ := strconv.Atoi(r.URL.Query().Get("more"))
	list := d.City.Citizens(min(max(more, 0), 10_000))
	for i := range list {
		d.remember(list[i])
		list[i].OpenIDs = []OpenID{}
		for _, door := range d.Doors {
			list[i].OpenIDs = append(list[i].OpenIDs, OpenID{door.Platform, door.AppID, door.OpenID(list[i].Key)})
		}
	}
	answer(w, r, map[string]any{"citizens": list})
}

type issued struct {
	Platform  string `json:"platform"`
	AppID     string `json:"app_id"`
	Citizen   string `json:"citizen"`
	Code      string `json:"code"`
	PhoneCode string `json:"phone_code,omitempty"` // what the client sends as proof of the phone: a code, or Alipay's sealed answer
}

// codes issues what a client would be given: /desk/codes?platform=wechat_mini&citizen=wang[&app_id=…].
func (d *Desk) codes(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	who, ok := d.one(q.Get("citizen"))
	if !ok {
		refuse(w, r, http.StatusNotFound, "NO_SUCH_CITIZEN", "want a key, a person_ref or an ID number")
		return
	}
	for _, door := range d.Doors {
		if door.Platform != q.Get("platform") || q.Get("app_id") != "" && door.AppID != q.Get("app_id") {
			continue
		}
		out := issued{Platform: door.Platform, AppID: door.AppID, Citizen: who.Key}
		var err error
		if out.Code, err = door.Login(who.Key); err == nil && door.Phone != nil {
			out.PhoneCode, err = door.Phone(who.Key)
		}
		if err != nil {
			refuse(w, r, http.StatusConflict, "NOT_POSSIBLE", err.Error())
			return
		}
		answer(w, r, out)
		return
	}
	refuse(w, r, http.StatusNotFound, "NO_SUCH_APP", "want platform=wechat_mini, wechat_oa, alipay_mini or alipay_life, and an app_id that exists")
}

// messages shows what arrived, newest first, and the newest code: /desk/messages?citizen=wang or ?phone=138… A
// citizen's messages are those of every phone she was seen with, and those in her apps.
func (d *Desk) messages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	phones := []string{q.Get("phone")}
	var pushed []Message
	switch name := q.Get("citizen"); {
	case name != "":
		who, ok := d.one(name)
		if !ok {
			refuse(w, r, http.StatusNotFound, "NO_SUCH_CITIZEN", "want a key, a person_ref or an ID number")
			return
		}
		phones, pushed = d.phonesOf(who), d.Mail.Pushed(who.Key)
	case phones[0] == "":
		pushed = d.Mail.Pushed("")
	}
	out := struct {
		Messages []Message `json:"messages"`
		Code     string    `json:"code,omitempty"`
	}{Messages: d.inbox(phones, pushed)}
	for _, m := range out.Messages {
		if m.Code != "" {
			out.Code = m.Code
			break
		}
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n >= 0 && n < len(out.Messages) {
		out.Messages = out.Messages[:n]
	}
	answer(w, r, out)
}

// inbox is what arrived on these phones and in apps, newest first.
func (d *Desk) inbox(phones []string, pushed []Message) []Message {
	list := append([]Message{}, pushed...)
	for _, p := range phones {
		list = append(list, d.Mail.Messages(p)...)
	}
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b Message) int { return b.SentAt.Compare(a.SentAt) })
	return list
}

// receipts lets the carrier answer: POST {citizen|phone, err_code}. Nobody named means everyone.
func (d *Desk) receipts(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Citizen string `json:"citizen"`
		Phone   string `json:"phone"`
		ErrCode string `json:"err_code"`
	}
	if _, ok := decode(w, r, &in); !ok {
		return
	}
	phones := []string{in.Phone}
	if in.Citizen != "" {
		who, ok := d.one(in.Citizen)
		if !ok {
			refuse(w, r, http.StatusNotFound, "NO_SUCH_CITIZEN", "want a key, a person_ref or an ID number")
			return
		}
		phones = d.phonesOf(who)
	}
	var out struct {
		Settled int `json:"settled"`
		Taken   int `json:"taken"`
	}
	for _, p := range phones {
		settled, taken, err := d.Mail.Deliver(r.Context(), p, in.ErrCode)
		out.Settled, out.Taken = out.Settled+settled, out.Taken+taken
		if err != nil {
			refuse(w, r, http.StatusBadGateway, "NOT_TAKEN", "the receipts were not taken")
			return
		}
	}
	answer(w, r, out)
}
