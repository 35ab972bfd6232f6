package sandbox

import (
	"encoding/json"
	"errors"

	"onecard/integrations/sandbox/telephone"
)

// calls says what is up at the exchange; nil without one.
func (c *City) calls() func() []string {
	if c.Telephone == nil {
		return nil
	}
	return c.Telephone.Calls
}

// telephoneEvents are what people at telephones do: a citizen calls 12333, the agent or the called citizen lifts the
// receiver, somebody presses keys, hangs up, or rates. A conversation is named by its reference, by the citizen's newest
// one, or is simply the newest.
func (c *City) telephoneEvents() map[string]func(json.RawMessage) (any, error) {
	if c.Telephone == nil {
		return nil
	}
	type event struct {
		Citizen   string `json:"citizen"`
		Number    string `json:"number"` // instead of the citizen's own
		Extension string `json:"extension"`
		Ref       string `json:"call_ref"`
		Keys      string `json:"keys"`
		Level     int    `json:"level"`
	}
	at := func(do func(x *telephone.Exchange, e event) (string, error)) func(json.RawMessage) (any, error) {
		return func(raw json.RawMessage) (any, error) {
			var e event
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, errors.New("not a JSON event")
			}
			if e.Number == "" && e.Citizen != "" {
				who, ok := c.Registry.Citizen(e.Citizen)
				if !ok {
					return nil, errors.New("unknown citizen")
				}
				e.Number = who.Phone
			}
			if e.Ref == "" {
				e.Ref = e.Number
			}
			ref, err := do(c.Telephone, e)
			return map[string]string{"call_ref": ref}, err
		}
	}
	return map[string]func(json.RawMessage) (any, error){
		"call_in": at(func(x *telephone.Exchange, e event) (string, error) {
			if e.Extension == "" {
				e.Extension = "8001"
			}
			return x.Ring(e.Number, e.Extension)
		}),
		"call_answer":  at(func(x *telephone.Exchange, e event) (string, error) { return x.Answer(e.Ref) }),
		"call_decline": at(func(x *telephone.Exchange, e event) (string, error) { return x.Decline(e.Ref) }),
		"call_key":     at(func(x *telephone.Exchange, e event) (string, error) { return x.Key(e.Ref, e.Keys) }),
		"call_hang_up": at(func(x *telephone.Exchange, e event) (string, error) { return x.HangUp(e.Ref) }),
		"call_rate":    at(func(x *telephone.Exchange, e event) (string, error) { return x.Rate(e.Ref, e.Level) }),
	}
}
