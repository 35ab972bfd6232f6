package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// DeclarationState is how far a declaration has come (R8).
type DeclarationState string

// The states of a declaration.
const (
	Declared       DeclarationState = "declared" // taken in, being reviewed
	DeclaredPosted DeclarationState = "posted"   // posted publicly (公示)
	Objected       DeclarationState = "objected"
	DeclaredNo     DeclarationState = "rejected"
	DeclaredYes    DeclarationState = "approved"
)

// Declaration says that somebody stands on the list of a programme for a period.
type Declaration struct {
	Ref          string
	PersonRef    models.PersonRef
	Programme    string
	Period       string
	District     string
	Township     string
	State        DeclarationState
	HolderRef    models.PersonRef // who holds the land record, where the programme goes by land; empty: not told
	PostingPlace string
	PostingFrom  models.Date
	PostingTo    models.Date
	Version      int64
	ChangedAt    time.Time
}

// Declarations keeps the declarations.
type Declarations interface {
	// SaveDeclarations writes what is newer and returns the declarations whose person is not known here.
	SaveDeclarations(ctx context.Context, list []Declaration) (orphans []string, err error)
}

// ApplyDeclarations takes declarations from the feed, in its transaction; those of people we do not know are returned.
func (e *Explainer) ApplyDeclarations(ctx context.Context, list []Declaration) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return e.Declarations.SaveDeclarations(ctx, list)
}
