package registry

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The ways in which a source can fail.
const (
	FaultNone      = "none"       // clears the target's faults
	FaultRefuse    = "refuse"     // a command is refused with Code, anything else answered 403
	FaultBusy      = "busy"       // a signed 503 BUSY: surely not taken
	FaultDelay     = "delay"      // waits, then does it and answers, though nobody may be listening any more
	FaultLate      = "late"       // does it at once, answers late
	FaultLoseReply = "lose_reply" // does it, then cuts the connection
	FaultDown      = "down"       // a gateway's unsigned 503; nothing done
	FaultOff       = "off"        // the connection is cut before anything is read
	FaultForge     = "forge"      // does it, answers with a wrong signature
	FaultAccept    = "accept"     // a command is taken in ("accepted") and done only at the event `settle`
	FaultGarbage   = "garbage"    // does it, answers nonsense
	FaultHalf      = "half"       // does it, the answer breaks off in the middle
	FaultCharset   = "charset"    // does it, answers in another charset (the interface that is asked person by person)
	FaultCardless  = "cardless"   // tells of a person as if she had no card (the interface that is asked person by person)
	FaultLong      = "long"       // does it, answers far more than anybody reads
)

var faultKinds = append([]string{FaultRefuse, FaultBusy, FaultDelay, FaultLate, FaultLoseReply, FaultDown, FaultOff, FaultForge, FaultAccept, FaultGarbage, FaultHalf,
	FaultCharset, FaultCardless, FaultLong}, streamFaults...)

// Fault is one instruction to fail.
type Fault struct {
	Target  string `json:"target"`           // cards, payments
	Fault   string `json:"fault"`            // one of the words above
	Op      string `json:"op,omitempty"`     // only this operation: match person cards attachments commands command_status feed snapshot lines health; asked person by person: person progress commands
	Code    string `json:"code,omitempty"`   // refuse
	Reason  string `json:"reason,omitempty"` // refuse
	DelayMS int    `json:"delay_ms,omitempty"`
	Line    int    `json:"line,omitempty"`  // stream faults: where; 0: in the middle
	Times   int    `json:"times,omitempty"` // 0: until cleared
}

// SetFault adds a fault, or with `none` clears those of its target (of both, where no target is named).
func (r *Registry) SetFault(f Fault) error {
	if f.Target != sourceCards && f.Target != sourcePayments && (f.Fault != FaultNone || f.Target != "") {
		return fmt.Errorf("unknown target: want cards or payments")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.Fault == FaultNone {
		r.faults = slices.DeleteFunc(r.faults, func(g *Fault) bool { return f.Target == "" || g.Target == f.Target })
		return nil
	}
	if !slices.Contains(faultKinds, f.Fault) {
		return fmt.Errorf("unknown fault: want one of %v or none", faultKinds)
	}
	if f.Fault == FaultRefuse && f.Code == "" {
		f.Code, f.Reason = "REFUSED_BY_DESK", cmp.Or(f.Reason, "登记机构未受理")
	}
	r.faults = append(r.faults, &f)
	return nil
}

// Faults lists what is switched on.
func (r *Registry) Faults() []Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Fault, 0, len(r.faults))
	for _, f := range r.faults {
		out = append(out, *f)
	}
	return out
}

// takeFault finds the first fault for an operation and counts it.
func (r *Registry) takeFault(source, op string) Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, f := range r.faults {
		if f.Target != source || f.Op != "" && f.Op != op {
			continue
		}
		hit := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				r.faults = slices.Delete(r.faults, i, i+1)
			}
		}
		return hit
	}
	return Fault{Fault: FaultNone}
}

// wait holds an answer back; the closing registry ends it.
func (r *Registry) wait(ms int) {
	t := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.stop:
	}
}

// SetFence switches the check of card_seq on or off.
func (r *Registry) SetFence(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fence = on
}
