package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// OrderReader is whose eyes see orders. Bound to a department, a query finds that department's alone, and with a district
// that district's alone; without one, the department's in the whole city.
type OrderReader struct {
	Bound                bool
	Department, District string
}

// OrderQueue says which orders a list shows.
type OrderQueue struct {
	State      OrderState // empty: every one that is open
	Type       OrderType
	Department string // of those who see more than one
	Hotline    bool   // the hotline's own queue only
	Owner      models.ID
	Number     string    // as people read it aloud; whatever its state
	Person     models.ID // whatever the state
	OverdueAt  time.Time // only what was due before it
	Unowned    bool      // only what nobody took

	OldestFirst bool // and a page begins after its place in that order
}

// OrderStore keeps work orders, each on the enquiry of its id; text and notes are sealed in it.
type OrderStore interface {
	// HoldPerson lets nobody else open an order of a person's until the transaction ends; of nobody's it holds nothing.
	// models.ErrInProgress after some waiting.
	HoldPerson(ctx context.Context, person models.ID) error
	// AddOrder opens an enquiry with its order; false: the cause was told before, and nothing changed.
	AddOrder(ctx context.Context, e Enquiry, o WorkOrder) (opened bool, err error)
	// AdoptOrder adds the order of an enquiry that waits; false: it has one, or does not wait any more.
	AdoptOrder(ctx context.Context, o WorkOrder) (adopted bool, err error)
	// OrderByID reads an order that the reader may see; models.ErrNotFound.
	OrderByID(ctx context.Context, id models.ID, r OrderReader) (WorkOrder, error)
	// UpdateOrder writes an order that has state from and o.Version and that the reader may see; models.ErrConflict.
	UpdateOrder(ctx context.Context, o WorkOrder, from OrderState, r OrderReader) error
	AddStep(ctx context.Context, s OrderStep) error
	StepsOf(ctx context.Context, order models.ID) ([]OrderStep, error) // oldest first
}

// OrderLists finds orders. Lists hold neither text nor answer.
type OrderLists interface {
	OrdersIn(ctx context.Context, q OrderQueue, r OrderReader, p Page) ([]WorkOrder, error) // newest first
	// CountOrders counts what OrdersIn would list after a place.
	CountOrders(ctx context.Context, q OrderQueue, r OrderReader, after models.ID) (int, error)
	OrdersOf(ctx context.Context, enquiries []models.ID) ([]WorkOrder, error)
	// OnMatter counts a person's orders of one type about one thing that are over, and gives the one that is not, if any.
	OnMatter(ctx context.Context, o WorkOrder) (open models.ID, over int, err error)
	// EnquiriesWithoutOrder lists enquiries that wait and have no order yet, oldest first.
	EnquiriesWithoutOrder(ctx context.Context, limit int) ([]Enquiry, error)
	// MarkOrdered marks up to limit enquiries that wait and have their order: those from before there was the mark, or of an
	// older release.
	MarkOrdered(ctx context.Context, limit int) error
	// TakeOverdue marks orders that became overdue, or with long those that became long overdue, each once.
	TakeOverdue(ctx context.Context, now time.Time, long bool, limit int) ([]WorkOrder, error)
	NextNumber(ctx context.Context, name string, day models.Date) (int64, error)
}

// OrderTerms are the figures that policy sets for work orders.
type OrderTerms struct {
	Days          map[OrderType]int // working days to answer in
	AcceptDays    int               // working days to take it in
	ExtensionDays int               // working days that the one extension adds at most
	EscalateDays  int               // working days after which an overdue order is told of again
	ReopenDays    int               // civil days in which a citizen may re-open
	ExchangeDays  int               // civil days for which answers to a file are taken
	CallBackTries int               // calls nobody answered after which an answered order may be closed
}

// OrderPolicy knows the figures and the calendar.
type OrderPolicy interface {
	Workdays
	OrderTerms(ctx context.Context, at time.Time) (OrderTerms, error)
	LeastPeople(ctx context.Context, at time.Time) (int64, error) // of a public figure (R68)
}

// OrderRoutes knows which department pays a programme, and which programmes may be named.
type OrderRoutes interface {
	// PayingDepartment is the department of a programme, and the programme's code as it may be written down, empty for a
	// High one; false for an unknown programme.
	PayingDepartment(ctx context.Context, programme string) (department, code string, known bool, err error)
	// NormalProgrammes are the codes of the programmes that are and always were of the class normal: whoever sees an order may
	// read these (R55).
	NormalProgrammes(ctx context.Context) (map[string]bool, error)
}
