package policy

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Store keeps settings, banks and outlets. Every method joins the transaction that ctx carries.
type Store interface {
	// InTx runs fn in one transaction; an error rolls everything back.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs f once the transaction of ctx has committed; without one, now.
	AfterCommit(ctx context.Context, f func())
	RecordAudit(ctx context.Context, e audit.Entry) error
	// Remember ties the request key in ctx to a result. A prior result comes back instead; no key, nothing remembered.
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	SettingStore
	ProposalStore
	BankStore
	OutletStore
}

// SettingStore keeps decisions about settings, for ever.
type SettingStore interface {
	Settings(ctx context.Context) ([]Row, error)
	AddSetting(ctx context.Context, r Row) error
}

// BankStore keeps the registry's list of banks.
type BankStore interface {
	Banks(ctx context.Context) ([]Bank, error)
	// SaveBank writes b whole where its version is newer than the row's; saved tells whether it was.
	SaveBank(ctx context.Context, b Bank, received time.Time) (saved bool, err error)
}

// OutletStore keeps the registry's list of outlets.
type OutletStore interface {
	Outlet(ctx context.Context, ref string) (Outlet, error) // models.ErrNotFound
	// SaveOutlet writes o where its version is newer than the row's; saved tells whether it was.
	SaveOutlet(ctx context.Context, o Outlet, received time.Time) (saved bool, err error)
	// Outlets lists open outlets that fit, by ref, after the ref f.After, at most f.Limit.
	Outlets(ctx context.Context, f OutletFilter) ([]Outlet, error)
	// AsOf is how fresh banks and outlets are: the registry's word of the last page; zero before the first.
	AsOf(ctx context.Context) (time.Time, error)
}

// Service answers what policy is. It is safe for many goroutines.
type Service struct {
	store Store
	clock models.Clock
	seen  snapshot

	// AtWindow are acts that the registry behind us takes at its windows only: `here` counts as window_only.
	AtWindow []models.Act
	Sheets   SheetPrinter // draws guides; set before the first is asked for
	Deciders Deciders     // who proposes and approves; set before the first does
	Previews []TextSource // texts of other capabilities that hang on policy
	Alarms   Alarms       // may be nil: the audit entry carries the alarm too
}

// New makes the service.
func New(store Store, clock models.Clock) *Service { return &Service{store: store, clock: clock} }
