package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/registry"
	"onecard/integrations/sandbox/wechat"
)

// keyOf names a citizen always the same, by whatever name she was found: the short name, else the reference.
func keyOf(c registry.Citizen) string {
	if c.Key != "" {
		return c.Key
	}
	return c.PersonRef
}

// wechatPeople: everyone in the city has WeChat.
type wechatPeople struct{ r *registry.Registry }

func (p wechatPeople) Named() []wechat.Citizen {
	var out []wechat.Citizen
	for _, c := range p.r.Citizens(0) {
		out = append(out, wechat.Citizen{Key: keyOf(c), Name: c.Name, IDNumber: c.IDNumber, Phone: c.Phone})
	}
	return out
}

func (p wechatPeople) Find(name string) (wechat.Citizen, bool) {
	c, ok := p.r.Citizen(name)
	return wechat.Citizen{Key: keyOf(c), Name: c.Name, IDNumber: c.IDNumber, Phone: c.Phone}, ok
}

// alipayPeople: and Alipay.
type alipayPeople struct{ r *registry.Registry }

func (p alipayPeople) Named() []alipay.Citizen {
	var out []alipay.Citizen
	for _, c := range p.r.Citizens(0) {
		out = append(out, alipay.Citizen{Key: keyOf(c), Name: c.Name, IDNumber: c.IDNumber, Phone: c.Phone})
	}
	return out
}

func (p alipayPeople) Find(name string) (alipay.Citizen, bool) {
	c, ok := p.r.Citizen(name)
	return alipay.Citizen{Key: keyOf(c), Name: c.Name, IDNumber: c.IDNumber, Phone: c.Phone}, ok
}

// registrySide is the registry as the desk sees it.
type registrySide struct{ r *registry.Registry }

func deskCitizen(c registry.Citizen) desk.Citizen {
	return desk.Citizen{Key: keyOf(c), Name: c.Name, IDNumber: c.IDNumber, Phone: c.Phone, PersonRef: c.PersonRef, District: c.District}
}

func (s registrySide) Citizens(more int) []desk.Citizen {
	out := []desk.Citizen{}
	for _, c := range s.r.Citizens(more) {
		out = append(out, deskCitizen(c))
	}
	return out
}

func (s registrySide) Citizen(name string) (desk.Citizen, bool) {
	c, ok := s.r.Citizen(name)
	return deskCitizen(c), ok
}

func (s registrySide) Drive(event json.RawMessage) (any, error) { return s.r.Drive(event) }
func (s registrySide) Faults() any                              { return s.r.Faults() }
func (s registrySide) Handler() http.Handler                    { return s.r.DeskHandler() }

func (s registrySide) Fault(order json.RawMessage) error {
	var f registry.Fault
	if err := json.Unmarshal(order, &f); err != nil {
		return errors.New("not a JSON fault")
	}
	f.Target = strings.TrimPrefix(f.Target, "registry.")
	return s.r.SetFault(f)
}
