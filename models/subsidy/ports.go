package subsidy

import (
	"context"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Store keeps programmes, batches and payments. Every method joins the transaction that ctx carries.
type Store interface {
	Catalogued
	Announced
	Lines
	Shown
	HotRead
	Totalled
	Linked
	Households
	Statements
	Journal
	Held
	Compared
	Paydays
	Runs
	PostedBatches
	TotalledPublicly
}

// Catalogued keeps the editions of programmes.
type Catalogued interface {
	SaveProgrammes(ctx context.Context, list []Programme) error // newer versions win
	Programmes(ctx context.Context) ([]Programme, error)        // every edition, numbered items first
}

// Announced keeps payees and batches.
type Announced interface {
	SavePayees(ctx context.Context, list []Payee) (orphans []string, err error)
	// SaveBatches writes newer versions and returns the known batches that came with another ledger month.
	SaveBatches(ctx context.Context, list []Batch) (moved []string, err error)
	// FixMonths answers what is known of each batch, and holds that until the transaction ends; one never heard of takes
	// the month of the line given for it, for ever.
	FixMonths(ctx context.Context, first map[string]Key, at time.Time) (map[string]BatchSeen, error)
}

// Lines keeps payments as the feed tells them.
type Lines interface {
	// PayeesByRef resolves references to people we know; that of a merged record to the person it became.
	PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]PayeePerson, error)
	PayeesByID(ctx context.Context, ids []models.ID) (map[models.ID]PayeePerson, error)
	// SavePayments writes the payments that are newer than their rows and returns, for each written one, the row as
	// it stood before (its zero value where there was none). No key may come twice.
	SavePayments(ctx context.Context, list []Payment) (map[Key]Payment, error)
	// WaitingFor lists lines held as PROGRAMME_UNKNOWN of these programmes, in the order of their keys.
	WaitingFor(ctx context.Context, codes []string, after Key, limit int) ([]Payment, error)
	// SetHolds replaces the hold from of these payments.
	SetHolds(ctx context.Context, from Hold, to map[Hold][]Key) error
}

// Shown reads payments for people.
type Shown interface {
	Payment(ctx context.Context, person models.ID, k Key) (Payment, error) // models.ErrNotFound, also of another's
	// PaymentsOf lists a person's payments of some months that may be shown, newest first, after the cursor, in one
	// statement. They hold what lists show and no more.
	PaymentsOf(ctx context.Context, q ListQuery) (Listed, error)
	// PaidByOldChannel reports whether payments of these months are left out of PaymentsOf for their channel (R13).
	PaidByOldChannel(ctx context.Context, q ListQuery) (bool, error)
	HeldPayments(ctx context.Context, limit int) ([]Payment, error)
}

// Journal is what a decision leaves behind in its own commit.
type Journal interface {
	RecordAudits(ctx context.Context, list []audit.Entry) error
	AddNotices(ctx context.Context, drafts []notice.Draft) error
}

// PayeePerson is what a payment needs to know of a person.
type PayeePerson struct {
	ID           models.ID
	Ref          models.PersonRef // her own; a line may name one that was merged into it
	IsHead       bool
	HouseholdRef string
	District     string
	Deceased     bool
	Since        time.Time // since when the registry says that the person is dead
}

// ListQuery asks for one page of one person's payments.
type ListQuery struct {
	Person    models.ID
	Year      int      // 0: the recent months
	From, To  string   // ledger months; filled from Year. A next page of the recent view names To itself
	Programme string   // a code, or empty
	State     State    // or empty; Unknown means lines without a stage
	Only      []string // codes; nil: of all programmes
	After     Key      // the last one of the page before
	Limit     int
	AskOld    bool // tell whether there are payments by the old channel too
}

// Listed is what one statement found.
type Listed struct {
	Payments   []Payment
	OldChannel bool // told only where it was asked and something was found
}

// Gate says whether an actor may do an act now.
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}

// BankName reads a bank's name as citizens must see it on a day; models.ErrNotFound for one not listed.
type BankName interface {
	BankName(ctx context.Context, code string, at time.Time) (string, error)
}

// LineSource reads the lines of one announced batch, in line order, as the source has them now. It streams: memory does
// not grow with the batch. Nothing may be believed before it returned nil (the answer's signature is checked at its end).
// An error of take ends the reading and is returned. A line that cannot be read is handed over with Bad set, so that a
// report names every one; where the source cannot go on behind it, BatchLines returns a *LineError instead. Either way
// the batch is held whole.
type LineSource interface {
	BatchLines(ctx context.Context, batch string, take func(Line) error) error
}

// LineError says which line of a batch made the rest unreadable, and why. It holds nothing of the line.
type LineError struct {
	Line int    // counted from 1 as the source counts; 0 where no line can be named
	Code string // BATCH_LINE_UNREADABLE, BATCH_LINE_TOO_LONG ...
}

func (e *LineError) Error() string { return "line " + strconv.Itoa(e.Line) + ": " + e.Code }
