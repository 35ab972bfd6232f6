package notice

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ChangeReason says why another SMS vendor is preferred from now on.
type ChangeReason string

// The reasons.
const (
	ChangedForErrors   ChangeReason = "errors"   // too many of its last calls failed
	ChangedForSlowness ChangeReason = "slow"     // they failed mostly by taking too long
	ChangedBack        ChangeReason = "probe_ok" // the vendor we are at home with took its probes
	ChangedByHand      ChangeReason = "by_hand"
)

// VendorChange is one step of the list that says which vendor every replica prefers: the newest one counts.
type VendorChange struct {
	ID      models.ID
	Follows models.ID // the change before it; empty for the first
	From    string    // empty: the first of the settings was preferred until then
	To      string
	Home    string // the vendor that probes lead back to
	Reason  ChangeReason
	Failed  int    // of the last Calls, in the replica that decided
	Calls   int    //
	Basis   string // by hand: the operator's words
	SetBy   string // by hand: who typed it
	At      time.Time
}

// VendorStore keeps the list. Every method joins the transaction that ctx carries.
type VendorStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
	Now(ctx context.Context) (time.Time, error)
	// VendorChanges lists the newest first.
	VendorChanges(ctx context.Context, limit int) ([]VendorChange, error)
	// AddVendorChange adds c; false where another change follows the same one already. Of any number of callers one adds.
	AddVendorChange(ctx context.Context, c VendorChange) (bool, error)
}

// Vendors says which vendor all replicas prefer, and changes it: each change is one commit with its audit row.
type Vendors struct{ store VendorStore }

// NewVendors makes the list's use cases.
func NewVendors(store VendorStore) *Vendors { return &Vendors{store} }

// VendorChanges lists the newest changes first.
func (v *Vendors) VendorChanges(ctx context.Context, limit int) ([]VendorChange, error) {
	return v.store.VendorChanges(ctx, limit)
}

// ChangeVendor is a replica's own decision. false: another replica was first, and its change counts.
func (v *Vendors) ChangeVendor(ctx context.Context, c VendorChange) (bool, error) {
	return v.change(ctx, models.Actor{Kind: models.SystemActor, Channel: models.JobChannel}, c)
}

const handTries = 3

// SwitchVendor is the operator's decision: to is preferred and is home from now on, whatever the replicas found.
func (v *Vendors) SwitchVendor(ctx context.Context, by models.Actor, to, basis, setBy string) (VendorChange, error) {
	for range handTries { // a replica may be faster
		list, err := v.store.VendorChanges(ctx, 1)
		if err != nil {
			return VendorChange{}, err
		}
		c := VendorChange{ID: models.NewID(), To: to, Home: to, Reason: ChangedByHand, Basis: basis, SetBy: setBy}
		if len(list) > 0 {
			c.Follows, c.From = list[0].ID, list[0].To
		}
		if added, err := v.change(ctx, by, c); err != nil || added {
			return c, err
		}
	}
	return VendorChange{}, models.ErrConflict
}

func (v *Vendors) change(ctx context.Context, by models.Actor, c VendorChange) (added bool, err error) {
	err = v.store.InTx(ctx, func(ctx context.Context) error {
		if c.At, err = v.store.Now(ctx); err != nil {
			return err
		}
		last, err := v.store.VendorChanges(ctx, 1)
		if err != nil {
			return err
		}
		if len(last) > 0 && !c.At.After(last[0].At) { // a database that took over with an earlier clock
			c.At = last[0].At.Add(time.Microsecond)
		}
		if added, err = v.store.AddVendorChange(ctx, c); err != nil || !added {
			return err
		}
		return v.store.RecordAudit(ctx, audit.Of(by, c.At, "notice.vendor.changed", "sms_vendor_changes", string(c.ID), string(c.Reason)).
			Noting("from", c.From).Noting("to", c.To))
	})
	return added && err == nil, err
}
