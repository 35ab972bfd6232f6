package subsidy

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Store keeps programmes, batches and payments. Every method joins the transaction that ctx carries.
type Store interface {
	RecordAudit(ctx context.Context, e audit.Entry) error
	AddNotice(ctx context.Context, d notice.Draft) error
	// PaymentsAsOf is how fresh the copy is; zero before the first page.
	PaymentsAsOf(ctx context.Context) (time.Time, error)

	SaveProgrammes(ctx context.Context, list []Programme) error // newer versions win
	Programmes(ctx context.Context) ([]Programme, error)        // every edition
	SaveBatches(ctx context.Context, list []Batch) (moved []string, err error)
	SavePayees(ctx context.Context, list []Payee) (orphans []string, err error)

	// Payees resolves references to persons we know and says who heads a household.
	PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]PayeePerson, error)
	// SavePayments writes the payments that are newer than their rows and returns, for each written one, the row as
	// it stood before (its zero value where there was none).
	SavePayments(ctx context.Context, list []Payment) (map[Key]Payment, error)
	Payment(ctx context.Context, k Key) (Payment, error)
	// PaymentsOf lists a person's payments of one year that are not held, newest first, after the cursor.
	PaymentsOf(ctx context.Context, q ListQuery) ([]Payment, error)
	TotalsOf(ctx context.Context, person models.ID) ([]Total, error)
	HeldPayments(ctx context.Context, limit int) ([]Payment, error)
}

// PayeePerson is what a payment needs to know of a person.
type PayeePerson struct {
	ID           models.ID
	IsHead       bool
	HouseholdRef string
}

// ListQuery asks for one page of one person's payments.
type ListQuery struct {
	Person    models.ID
	Year      int
	Programme string // a code, or empty
	After     Key    // the last one of the page before
	Limit     int
}

// Total is what one programme paid to one person in one year; credited payments only.
type Total struct {
	Year      int
	Programme string
	Edition   int
	Count     int
	AmountFen models.Fen
}

// Gate says whether an actor may do an act now.
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}

// BankName reads a bank's name as citizens must see it on a day; empty when unknown.
type BankName interface {
	BankName(ctx context.Context, code string, at time.Time) (string, error)
}
