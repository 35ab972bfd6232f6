package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// OutletKind says whose window it is (R18), or that it is a place which only activates the social-security account (R29).
type OutletKind string

// The kinds of outlet.
const (
	BankOutlet     OutletKind = "bank"
	HRSSOutlet     OutletKind = "hrss"
	HospitalOutlet OutletKind = "hospital" // 医保定点医院
	PharmacyOutlet OutletKind = "pharmacy" // 医保定点药店
)

// cardWindows are the kinds that serve cards; the others are listed where they are asked for.
var cardWindows = []OutletKind{BankOutlet, HRSSOutlet}

// KnownOutletKind reports whether k is one of the kinds.
func KnownOutletKind(k OutletKind) bool {
	return slices.Contains(cardWindows, k) || k == HospitalOutlet || k == PharmacyOutlet
}

// Outlet is a place where cards are served.
type Outlet struct {
	Ref       string
	Name      string
	Kind      OutletKind
	BankCode  string // bank outlets only
	District  string
	Town      string
	Address   string
	Phone     string
	Hours     string    // for people
	Opening   []Opening // for machines; empty where the registry gives words only
	Services  []string  // acts of windows, in the registry's words (WindowAct)
	Longitude float64   // GCJ-02; 0, 0 where it is not known
	Latitude  float64
	Open      bool
	Successor string // of a closed outlet: who took over
	Version   int64
	ChangedAt time.Time
}

// HandsOutCards reports whether cards can be collected there. An outlet whose services the registry does not list is not
// held against it.
func (o Outlet) HandsOutCards() bool {
	return slices.Contains(cardWindows, o.Kind) && (len(o.Services) == 0 || slices.Contains(o.Services, string(WindowCollect)))
}

// OutletFilter says which outlets are looked for; empty fields do not narrow.
type OutletFilter struct {
	District string
	Kinds    []OutletKind
	Banks    []string
	Name     string // part of the name or the address
	After    string
	Limit    int
}

// ShownOutlet is one outlet as anybody may see it, a closed one too: with who took over.
type ShownOutlet struct {
	FoundOutlet
	Successor FoundOutlet // with a ref where there is one
	AsOf      time.Time
}

// ShowOutlet is one outlet, closed ones too, with its day today (R19). ErrOutletUnknown.
func (s *Service) ShowOutlet(ctx context.Context, ref string) (ShownOutlet, error) {
	look, err := s.newLook(ctx, FindOutletsInput{})
	if err != nil {
		return ShownOutlet{}, err
	}
	o, err := s.OutletByRef(ctx, ref)
	if err != nil {
		return ShownOutlet{}, err
	}
	out := ShownOutlet{FoundOutlet: look.shown(o), AsOf: look.asOf}
	if o.Open || o.Successor == "" {
		return out, nil
	}
	heir, err := s.heirOf(ctx, o)
	if err == nil {
		out.Successor = look.shown(heir)
	}
	if errors.Is(err, ErrOutletUnknown) {
		err = nil // a reference that leads nowhere is no reason to hide the outlet
	}
	return out, err
}

// mostHeirs bounds a chain of outlets that took one another over.
const mostHeirs = 8

// heirOf follows the take-overs of a closed outlet to one that is open. ErrOutletUnknown where none is.
func (s *Service) heirOf(ctx context.Context, o Outlet) (Outlet, error) {
	for range mostHeirs {
		if o.Open {
			return o, nil
		}
		if o.Successor == "" {
			break
		}
		next, err := s.OutletByRef(ctx, o.Successor)
		if err != nil {
			return Outlet{}, err
		}
		o = next
	}
	return Outlet{}, ErrOutletUnknown
}

// OutletByRef is one outlet, closed ones too: a card may still wait there. ErrOutletUnknown.
func (s *Service) OutletByRef(ctx context.Context, ref string) (Outlet, error) {
	o, err := s.store.Outlet(ctx, ref)
	if errors.Is(err, models.ErrNotFound) {
		return Outlet{}, ErrOutletUnknown
	}
	return o, err
}

// ApplyOutlet takes what the feed tells of an outlet, in the feed's transaction. An older version than ours changes
// nothing.
func (s *Service) ApplyOutlet(ctx context.Context, o Outlet) error {
	_, err := s.store.SaveOutlet(ctx, o, s.clock.Now())
	return err
}
