package registry

import (
	"errors"
	"time"
)

// driveCloseOutlet closes an outlet (id), with the one that takes over (into) where there is one; state "open" opens it
// again.
func driveCloseOutlet(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	o := r.st.outlets.byID[h.ID]
	if o == nil || h.Into != "" && (h.Into == h.ID || r.st.outlets.byID[h.Into] == nil) {
		return change{}, nil, errors.New("want id and perhaps into: the refs of two outlets")
	}
	next := *o
	next.Open, next.Successor, next.Version, next.ChangedAt = h.State == "open", h.Into, o.Version+1, now
	typ := "outlet.closed"
	if next.Open {
		typ = "outlet.opened"
	}
	return change{Events: []event{happened(&next, typ)}}, Outcome{"outlet": next.Ref, "into": next.Successor}, nil
}
