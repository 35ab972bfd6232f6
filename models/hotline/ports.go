package hotline

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Journal makes decisions durable: what happens in fn commits together, with its audit entry.
type Journal interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error // a nested call joins the outer one
	RecordAudit(ctx context.Context, e audit.Entry) error
	// Remember ties the request key in ctx to a result. A prior result comes back instead; no key, nothing remembered.
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	// Remembered is the result that was remembered for the request key in ctx, if any; it writes nothing.
	Remembered(ctx context.Context, by models.Actor) (prior string, err error)
}

// StaffStore keeps the accounts; TOTP secrets are sealed in it.
type StaffStore interface {
	CreateStaff(ctx context.Context, s Staff) error // ErrLoginTaken
	StaffByID(ctx context.Context, id models.ID) (Staff, error)
	StaffByLogin(ctx context.Context, login string) (Staff, error) // models.ErrNotFound
	ListStaff(ctx context.Context) ([]Staff, error)                // by login, secrets left out
	// UpdateStaff writes factors, instants and subject, guarded by Version: models.ErrConflict. LastStep only goes up;
	// ErrSubjectTaken.
	UpdateStaff(ctx context.Context, s Staff) error
	UpdateDuties(ctx context.Context, s Staff) error             // roles, district and department, guarded as above
	UseStep(ctx context.Context, id models.ID, step int64) error // models.ErrConflict unless newer than any used before
	StaffBySubject(ctx context.Context, subject string) (Staff, error)
	// HoldAdministrators are those who are not disabled, locked until the transaction ends.
	HoldAdministrators(ctx context.Context) ([]models.ID, error)
}

// FactorStore keeps what stands beside a member's factors: hashes of former passwords and of recovery codes.
type FactorStore interface {
	AddPassword(ctx context.Context, id models.ID, hash string, at time.Time, keep int) error // the older ones go
	FormerPasswords(ctx context.Context, id models.ID) ([]string, error)
	ReplaceRecoveryCodes(ctx context.Context, id models.ID, hashes [][]byte) error // those before are void
	RecoveryCodeOpen(ctx context.Context, id models.ID, hash []byte) (bool, error)
	UseRecoveryCode(ctx context.Context, id models.ID, hash []byte, at time.Time) error // models.ErrConflict unless open
	RecoveryCodesLeft(ctx context.Context, id models.ID) (int, error)
}

// Attempts is what the door remembers about one login, known or not.
type Attempts struct {
	N    int       // of this window, the present one included; stands still one above the limit
	Last time.Time // the last one that counted
}

// AttemptStore counts log-ins before they are tried, so that parallel guesses share one budget.
type AttemptStore interface {
	CountAttempt(ctx context.Context, login string, now time.Time, window time.Duration, limit int) (Attempts, error)
	ForgetAttempts(ctx context.Context, login string) error
	LockedLogins(ctx context.Context, logins []string, since time.Time, limit int) ([]string, error) // counted limit times since
	DropAttemptsBefore(ctx context.Context, t time.Time) error
}

// SessionStore keeps the console's sessions; an agent has at most one that has not ended.
type SessionStore interface {
	CreateSession(ctx context.Context, s Session) error
	SessionByHandle(ctx context.Context, handle string) (Session, error) // models.ErrNotFound
	SessionByID(ctx context.Context, id models.ID) (Session, error)
	SessionOf(ctx context.Context, staff models.ID) (Session, error) // the one that has not ended; models.ErrNotFound
	TouchSession(ctx context.Context, id models.ID, at time.Time) error
	EndSessionsOf(ctx context.Context, staff models.ID, at time.Time, reason string) (int64, error)
	// SessionsUnseen lists live sessions last seen before one instant or opened before another, the longest unseen first.
	SessionsUnseen(ctx context.Context, seen, opened time.Time, most int) ([]Session, error)
	// EndUnseen ends a session that is live and was not seen after s.SeenAt; models.ErrConflict.
	EndUnseen(ctx context.Context, s Session, at time.Time, reason string) error
	DropSessionsBefore(ctx context.Context, seen time.Time) error // ended or not: no session lives that long unused
}

// CallStore keeps calls; an agent has at most one open call.
type CallStore interface {
	CreateCall(ctx context.Context, c Call) error // ErrCallOpen
	CallByID(ctx context.Context, id models.ID) (Call, error)
	OpenCallOf(ctx context.Context, staff models.ID) (Call, error) // models.ErrNotFound
	UpdateCall(ctx context.Context, c Call) error                  // guarded by Version and open: models.ErrConflict
	// AddTask writes down that a call handed an act over; false where it did before.
	AddTask(ctx context.Context, id models.ID, act string, at time.Time) (bool, error)
	// NoteCall writes a call's note and result, open or not; NoteOf reads them.
	NoteCall(ctx context.Context, id models.ID, n CallNote) error
	NoteOf(ctx context.Context, id models.ID) (CallNote, error)
	// ScrubNotesBefore takes the text of notes written before at out; their results stay.
	ScrubNotesBefore(ctx context.Context, at time.Time) error
}

// CheckStore keeps what was checked and looked at in calls.
type CheckStore interface {
	AddVerification(ctx context.Context, v Verification) error
	VerificationByID(ctx context.Context, id models.ID) (Verification, error)
	AddLookUp(ctx context.Context, l LookUp) error
	LookUpsSince(ctx context.Context, staff models.ID, since time.Time) (int, error)
	// HoldFailures keeps the day's counters of these keys for this transaction alone until it ends: of many tries at
	// once each sees what the one before it counted. It locks them in one order, before anything else of the call.
	HoldFailures(ctx context.Context, keys []FailureKey, day models.Date) error
	// CountFailure adds one to a key's failures of a civil day; keys are kept as HMACs only.
	CountFailure(ctx context.Context, k FailureKey, day models.Date) (int, error)
	Failures(ctx context.Context, k FailureKey, day models.Date) (int, error)
	DropFailuresBefore(ctx context.Context, day models.Date) error
}

// EnquiryStore keeps enquiries.
type EnquiryStore interface {
	EnquiryByID(ctx context.Context, id models.ID) (Enquiry, error)
	EnquiryByCause(ctx context.Context, cause string) (Enquiry, error)
	UpdateEnquiry(ctx context.Context, e Enquiry, from EnquiryState) error // models.ErrConflict if someone was first
	EnquiriesOf(ctx context.Context, person models.ID, p Page) ([]Enquiry, error)
	EnquiriesIn(ctx context.Context, state EnquiryState, p Page) ([]Enquiry, error)
}

// PersonFinder finds people for a caller's verification. It may ask the registry where our copy has no one, so the two
// searches are never made inside a transaction.
type PersonFinder interface {
	// PersonByIDNumber is the one person of this name and number, models.ErrNotFound when either does not fit.
	PersonByIDNumber(ctx context.Context, name models.Name, id models.IDNumber) (Person, error)
	// PeopleByNameAndLast6 are those of our copy whose name and last six characters fit, at most a few.
	PeopleByNameAndLast6(ctx context.Context, name models.Name, last6 string) ([]Person, error)
	// PersonByID reads our copy only.
	PersonByID(ctx context.Context, id models.ID) (Person, error)
}

// FactSource knows the answers to the further questions of R58.
type FactSource interface {
	FactsOf(ctx context.Context, person models.ID) (Facts, error)
}

// Banks tells a bank as it must be named to a caller on one day: name, with the face's where there is a successor, and phone.
type Banks interface {
	BankToSay(ctx context.Context, code string, at time.Time) (name, phone string, err error)
}

// Notices queues a message in the transaction of the decision.
type Notices interface {
	AddNotice(ctx context.Context, d notice.Draft) error
}

// Gate holds the table of acts, levels and modes.
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}

// Watch is told when an agent looks at more people than an hour's work needs (R59).
type Watch interface {
	LookUpsOverLimit(ctx context.Context, staff models.ID, n int)
}
