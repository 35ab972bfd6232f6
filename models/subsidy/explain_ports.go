package subsidy

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Stories reads what an explanation rests on, beyond the person's standing.
type Stories interface {
	// LinesAbout lists payments of a programme to a person, newest first, of one period where it is given; also one that
	// is held because it goes to somebody else, where she is who should have it.
	LinesAbout(ctx context.Context, person models.ID, programme, period string) ([]StoryLine, error)
	// LineAbout is one payment to a person; models.ErrNotFound, also of another's.
	LineAbout(ctx context.Context, person models.ID, k Key) (StoryLine, error)
	// HomeDeclarations lists the places of a person and of her household on the lists of a programme, newest first.
	HomeDeclarations(ctx context.Context, person models.ID, household, programme, period string) ([]HomeDeclaration, error)
	// HeadOf is the head of a household; models.ErrNotFound where none is registered, or more than one.
	HeadOf(ctx context.Context, household string) (Head, error)
	// CreditedTo reports when a household's payment of a programme and period was credited to its head; zero if it was not.
	CreditedTo(ctx context.Context, head models.ID, household, programme, period string) (time.Time, error)
	// ListTold reports whether the source tells the list of a programme, period and district, and since when.
	ListTold(ctx context.Context, programme, period, district string) (told bool, since time.Time, err error)
	// TownPaid reports whether anybody approved on the list of a township has a payment.
	TownPaid(ctx context.Context, programme, period, district, township string) (bool, error)
}

// StoryLine is a payment with the instant at which its payee list was announced.
type StoryLine struct {
	Payment   Payment
	ListFixed time.Time
}

// HomeDeclaration is a place on a list of the person or of someone of her household.
type HomeDeclaration struct {
	Person       models.ID
	StillHead    bool // that person is a head of the household now
	Programme    string
	Period       string
	District     string
	Township     string
	State        DeclarationState
	OtherHolder  bool
	PostingPlace string
	PostingFrom  models.Date
	PostingTo    models.Date
	ChangedAt    time.Time
}

// Head is who a household is registered under.
type Head struct {
	ID        models.ID
	Alive     bool
	ChangedAt time.Time
}

// ExplainPolicy reads the settings explanations depend on.
type ExplainPolicy interface {
	// StaleAfter is how old a copy may be before it is said to be old.
	StaleAfter(ctx context.Context, at time.Time) (time.Duration, error)
	// PreviewOn says whether payees are told before a payday what keeps money from them.
	PreviewOn(ctx context.Context, district string, at time.Time) (bool, error)
}

// Cases opens an enquiry, once per cause, and answers its number.
type Cases interface {
	OpenEnquiry(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (number string, err error)
}

// Told is what an explanation given by phone leaves behind (R57).
type Told interface {
	RecordAudit(ctx context.Context, e audit.Entry) error
}
