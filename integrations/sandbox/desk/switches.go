package desk

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"onecard/integrations/sandbox/fault"
)

// order is one instruction to fail. target is wechat, alipay, sms, sms_tencent, cards or payments; op is a path, a method or an
// operation of that target, any when empty; times 0 is until cleared by `none`.
type order struct {
	Target  string `json:"target"`
	Fault   string `json:"fault"` // refuse, delay, lose_reply, down, none; also status, garbage, hang and the registry's own
	Op      string `json:"op,omitempty"`
	Code    string `json:"code,omitempty"` // refuse: the vendor's own
	Status  int    `json:"status,omitempty"`
	DelayMS int    `json:"delay_ms,omitempty"`
	Times   int    `json:"times,omitempty"`
}

func (d *Desk) orderFault(w http.ResponseWriter, r *http.Request) {
	var in order
	raw, ok := decode(w, r, &in)
	if !ok {
		return
	}
	if in.Target == "" && in.Fault == "none" {
		for _, p := range d.Plans {
			p.Clear("")
		}
		if err := d.City.Fault(raw); err != nil {
			refuse(w, r, http.StatusBadRequest, "MALFORMED", err.Error())
			return
		}
		answer(w, r, d.faults())
		return
	}
	plan, ours := d.Plans[in.Target]
	var err error
	switch {
	case !ours:
		err = d.City.Fault(raw)
	case in.Fault == "none":
		plan.Clear(in.Op)
	default:
		if in.Times == 0 {
			in.Times = fault.Forever
		}
		err = plan.Next(in.Op, in.Times, fault.Failure{Mode: fault.Mode(in.Fault), Code: in.Code, Status: in.Status, Delay: time.Duration(in.DelayMS) * time.Millisecond})
	}
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "MALFORMED", err.Error())
		return
	}
	answer(w, r, d.faults())
}

func (d *Desk) showFaults(w http.ResponseWriter, r *http.Request) { answer(w, r, d.faults()) }

func (d *Desk) faults() map[string]any {
	return map[string]any{"platforms": d.orders(), "registry": d.City.Faults()}
}

// orders lists the platforms' failures still to happen, by target.
func (d *Desk) orders() []order {
	targets := make([]string, 0, len(d.Plans))
	for t := range d.Plans {
		targets = append(targets, t)
	}
	slices.Sort(targets)
	out := []order{}
	for _, t := range targets {
		for _, o := range d.Plans[t].Orders() {
			out = append(out, order{t, string(o.What.Mode), o.Path, o.What.Code, o.What.Status, int(o.What.Delay / time.Millisecond), max(o.Left, 0)})
		}
	}
	return out
}

// event makes something happen: POST {kind, citizen, …}; the registry's kinds, and those of the platforms.
func (d *Desk) event(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Kind    string `json:"kind"`
		Citizen string `json:"citizen"`
	}
	raw, ok := decode(w, r, &in)
	if !ok {
		return
	}
	if in.Citizen != "" {
		d.one(in.Citizen) // her phone before it changes
	}
	do, own := d.Events[in.Kind]
	if !own {
		do = func(raw json.RawMessage) (any, error) { return d.City.Drive(raw) }
	}
	out, err := do(raw)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "NOT_POSSIBLE", err.Error())
		return
	}
	answer(w, r, out)
}

// face puts a citizen before the camera of whichever platform waits for her: POST {citizen, passed[, platform]}.
func (d *Desk) face(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Citizen  string `json:"citizen"`
		Passed   bool   `json:"passed"`
		Platform string `json:"platform"`
	}
	if _, ok := decode(w, r, &in); !ok {
		return
	}
	who, ok := d.one(in.Citizen)
	if !ok {
		refuse(w, r, http.StatusNotFound, "NO_SUCH_CITIZEN", "want a key, a person_ref or an ID number")
		return
	}
	for _, c := range d.Cameras {
		if in.Platform != "" && in.Platform != c.Platform {
			continue
		}
		if c.Face(who.Key, in.Passed) == nil {
			answer(w, r, map[string]any{"platform": c.Platform, "citizen": who.Key, "passed": in.Passed})
			return
		}
	}
	refuse(w, r, http.StatusNotFound, "NO_CHECK", "no face check waits for this citizen")
}
