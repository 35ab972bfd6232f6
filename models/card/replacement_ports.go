package card

import (
	"context"
	"time"

	"onecard/models"
)

// Replacements are the replacements and their timelines.
type Replacements interface {
	// CreateReplacement: models.ErrConflict when the card has one under way.
	CreateReplacement(ctx context.Context, r Replacement) error
	Replacement(ctx context.Context, id models.ID) (Replacement, error) // models.ErrNotFound
	// LockReplacement reads one and holds it against other decisions until the transaction ends. The fee order of an
	// unpaid one is locked before it; of a paid one the card is, and the fee after it.
	LockReplacement(ctx context.Context, id models.ID) (Replacement, error)
	OpenReplacement(ctx context.Context, card models.ID) (Replacement, error) // models.ErrNotFound
	// ReplacementByRequest finds the replacement that a command of ours carried.
	ReplacementByRequest(ctx context.Context, request models.ID) (Replacement, error)
	LatestReplacement(ctx context.Context, person models.ID) (Replacement, error)           // models.ErrNotFound
	ReplacementsOf(ctx context.Context, person models.ID, limit int) ([]Replacement, error) // newest first
	// UnpaidReplacements lists those whose time to pay is over.
	UnpaidReplacements(ctx context.Context, at time.Time, limit int) ([]Replacement, error)
	// UncollectedReplacements lists those that wait at their outlet since before, reminded of so often.
	UncollectedReplacements(ctx context.Context, reminded int, before time.Time, limit int) ([]Replacement, error)
	// ReplacementsToActivate lists those whose card was handed over before, reminded of so often.
	ReplacementsToActivate(ctx context.Context, reminded int, before time.Time, limit int) ([]Replacement, error)
	// ReplacementsToLookAt lists those whose card was handed over before, who were not reminded since, and of whom nobody has
	// looked whether money is on its way.
	ReplacementsToLookAt(ctx context.Context, before time.Time, limit int) ([]Replacement, error)
	// AdvanceReplacement writes r and its new steps where the row still has state from and r.Version; models.ErrConflict.
	AdvanceReplacement(ctx context.Context, r Replacement, from ReplacementState) error
	ReplacementByReceipt(ctx context.Context, receipt string) (Replacement, error) // models.ErrNotFound
	// ReplacementsNotArchived lists those that ended before a time, that the registry was told of and that the archive does not have,
	// in the order of their ids.
	ReplacementsNotArchived(ctx context.Context, endedBefore time.Time, after models.ID, limit int) ([]Replacement, error)
	// MarkReplacementArchived notes that the archive has an ended one; models.ErrConflict when it is under way or noted already.
	MarkReplacementArchived(ctx context.Context, id models.ID, at time.Time, basis string) error
	// ReplacementsWithPictures lists those that ended before a time, are archived, or were never told to the registry, and
	// still have pictures.
	ReplacementsWithPictures(ctx context.Context, endedBefore time.Time, limit int) ([]Replacement, error)
	// ReleaseReplacementPictures claims the pictures for dropping, once; models.ErrConflict when that is done.
	ReleaseReplacementPictures(ctx context.Context, r Replacement, at time.Time) error
	// UnfinishedReplacementCommand is the order, correction or withdrawal of a replacement that is not settled; models.ErrNotFound.
	UnfinishedReplacementCommand(ctx context.Context, replacement models.ID) (Command, error)
}

// Fee is what is owed for a replacement, as the one who takes fees tells it.
type Fee struct {
	OrderID   models.ID
	Number    string
	AmountFen models.Fen
	State     string
	Label     string // in Chinese
	Payable   bool
	Refund    string // what became of money that goes back, in Chinese; empty where none does
}

// FeeQuote is what a replacement costs on a day, and by which paper; no amount: it is waived.
type FeeQuote struct {
	AmountFen models.Fen
	Basis     string
	Item      string
}

// Fees takes the fee of a replacement and gives it back. OpenFee and ReturnFee join the transaction that ctx carries.
type Fees interface {
	// Quote reads the fee of a district on a day. A named refusal while a fee that is owed cannot be paid online.
	Quote(ctx context.Context, district string, at time.Time) (FeeQuote, error)
	// OpenFee opens the order of a cause, once.
	OpenFee(ctx context.Context, cause string, subject models.ID, q FeeQuote) error
	// ReturnFee says that the fee of a cause is not owed: what was paid goes back once, an unpaid order is closed, and
	// what is paid later goes back by itself. It locks the order. Again: nothing more.
	ReturnFee(ctx context.Context, cause, why string) error
	// FeeOf: models.ErrNotFound for a cause without an order, as a replacement has whose fee is waived.
	FeeOf(ctx context.Context, cause string) (Fee, error)
}

// AnnouncedPayment is one that is on its way to the account of a card, under the name that a list may show (R55).
type AnnouncedPayment struct {
	Name        string
	LedgerMonth string
	AmountFen   models.Fen
}

// Announcements tells which payments to a person are announced and not credited, and name the account with these last
// four digits or none.
type Announcements interface {
	AnnouncedTo(ctx context.Context, person models.ID, tail string) ([]AnnouncedPayment, error)
}

// ReplacementRules is what policy says of replacements on a day.
type ReplacementRules struct {
	Online       map[ReplacementReason]bool // reasons that may be given here
	UnpaidDays   int                        // then an unpaid one closes
	ActivateDays []int                      // after the card is handed over, rising: reminders to activate it
	Papers       string                     // for a delegate, at a window
	MinorPapers  string                     // for a minor's guardian, at a window
}

// ReplacementPolicy reads them.
type ReplacementPolicy interface {
	ReplacementRules(ctx context.Context, at time.Time) (ReplacementRules, error)
}
