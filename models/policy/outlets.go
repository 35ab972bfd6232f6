package policy

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// OutletKind says whose window it is (R18).
type OutletKind string

// The kinds of outlet.
const (
	BankOutlet OutletKind = "bank"
	HRSSOutlet OutletKind = "hrss"
)

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
	Hours     string
	Services  []string
	Longitude float64
	Latitude  float64
	Open      bool
	Version   int64
	ChangedAt time.Time
}

// OutletFilter says which outlets are looked for; empty fields do not narrow.
type OutletFilter struct {
	District string
	Kind     OutletKind
	Banks    []string
	Name     string // part of the name or the address
	After    string
	Limit    int
}

// FindOutletsInput is a search as a citizen makes it.
type FindOutletsInput struct {
	District string
	Kind     OutletKind
	Bank     string
	Name     string
	After    string
	Limit    int
}

// FoundOutlet is an outlet with its bank as it is called today.
type FoundOutlet struct {
	Outlet
	Bank ShownBank
}

// FoundOutlets is one page of a search.
type FoundOutlets struct {
	Items []FoundOutlet
	Next  string // the place to go on from; empty at the end
	AsOf  time.Time
}

// FindOutlets lists outlets that are open to everybody, for anyone, without a log-in (R18, R19). Asked for a bank that
// was taken over, it lists the successor's too (R30).
func (s *Service) FindOutlets(ctx context.Context, in FindOutletsInput) (FoundOutlets, error) {
	v, err := s.look(ctx)
	if err != nil {
		return FoundOutlets{}, err
	}
	now := s.clock.Now()
	f := OutletFilter{District: in.District, Kind: in.Kind, Name: in.Name, After: in.After, Limit: in.Limit + 1}
	if in.Bank != "" {
		f.Banks = []string{in.Bank}
		if b, ok := v.banks[in.Bank]; ok {
			if heir := successor(v.banks, b, models.DateOf(now)); heir.Code != in.Bank {
				f.Banks = append(f.Banks, heir.Code)
			}
		}
	}
	outlets, err := s.store.Outlets(ctx, f)
	if err != nil {
		return FoundOutlets{}, err
	}
	var found FoundOutlets
	if found.AsOf, err = s.store.AsOf(ctx); err != nil {
		return FoundOutlets{}, err
	}
	if len(outlets) > in.Limit {
		outlets = outlets[:in.Limit]
		found.Next = outlets[in.Limit-1].Ref
	}
	for _, o := range outlets {
		one := FoundOutlet{Outlet: o}
		if b, ok := v.banks[o.BankCode]; ok {
			one.Bank = shown(v.banks, b, models.DateOf(now))
		}
		found.Items = append(found.Items, one)
	}
	return found, nil
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
