package citizen

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Every port in this file is one table of models/store. All methods join the transaction in ctx. A missing row is
// models.ErrNotFound; a guarded change that found nothing to change is models.ErrConflict.
//
// Rows are locked in one order, so that no two decisions wait for each other: the request's key, the person, then her
// change of phone, code, slip or check, or relation, then the account, then its sessions. Whoever lets a session or an account
// stand for a person locks her row first, as the registry's feed does before it writes: so the dead and the merged keep
// none. A log-in need not: it holds the account's row, which the feed must pass before it ends sessions.

// Decisions is what every decision commits beside its own rows.
type Decisions interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error
	AddNotice(ctx context.Context, d notice.Draft) error
	// Remember ties the request's key to its result; prior is the first result of the same key and body.
	Remember(ctx context.Context, by models.Actor, resultTable, resultID string) (prior string, err error)
	// AfterCommit runs f once the transaction of ctx has committed, never if it has not; without one, now.
	AfterCommit(ctx context.Context, f func())
	// Digests are the keyed digests of a value under every active key, newest first. Short secrets (six digits, a
	// phone) are kept only so: without the key, which the database does not hold, they cannot be tried through.
	Digests(field, value string) [][]byte
}

// Accounts are the platform accounts, unique by (platform, app id, open id).
type Accounts interface {
	// SeenAccount finds the account of an identity or makes it, and notes the log-in.
	SeenAccount(ctx context.Context, fresh Account) (Account, error)
	Account(ctx context.Context, id models.ID) (Account, error)
	// BindAccount gives an unbound account its person; models.ErrConflict where another call was first.
	BindAccount(ctx context.Context, id, person models.ID, by BindMethod, at time.Time) error
	// RaiseAccount notes that a bound account's person passed a real-person check.
	RaiseAccount(ctx context.Context, id, person models.ID, to models.Level) error
	UnbindAccount(ctx context.Context, id, person models.ID) error
	// MoveAccounts takes every account of one person to another (registry merged them); it answers how many.
	MoveAccounts(ctx context.Context, from, to models.ID) (int64, error)
	// FreeAccounts unbinds every account of a person who died.
	FreeAccounts(ctx context.Context, person models.ID) (int64, error)
	AccountsOf(ctx context.Context, person models.ID) ([]Account, error)
}

// Sessions are the log-ins.
type Sessions interface {
	CreateSession(ctx context.Context, s Session) error
	Session(ctx context.Context, id models.ID) (Session, error)
	SessionBySecret(ctx context.Context, handle, secretHash string) (Session, error)
	// ChangeSession writes level, check, person, handle and secret where the row is live and still has s.Version.
	ChangeSession(ctx context.Context, s Session) error
	TouchSession(ctx context.Context, id models.ID, at time.Time) error
	// LiveSessions lists by owner, newest first: all of a person, or of an account that is not bound.
	LiveSessions(ctx context.Context, of SessionOwner, at time.Time) ([]Session, error)
	// EndSessions ends what is live and answers the sessions it ended, so that their copies can be dropped.
	EndSessions(ctx context.Context, of SessionOwner, why EndReason, at time.Time) ([]Session, error)
	ForgetSessions(ctx context.Context, before time.Time) (int64, error) // by their expiry
}

// SessionOwner picks sessions; exactly one field is set.
type SessionOwner struct {
	Session models.ID
	Person  models.ID
	Account models.ID
}

// Authorization is one browser log-in on its way to a platform's page and back.
type Authorization struct {
	ID         models.ID
	Platform   models.Channel
	AppID      string
	StateHash  string
	CookieHash string
	MadeAt     time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time
}

// Authorizations are the browser log-ins under way.
type Authorizations interface {
	CreateAuthorization(ctx context.Context, a Authorization) error
	// TakeAuthorization uses up the one with this state and cookie; models.ErrNotFound when there is none, it is too
	// old, another cookie began it, or it was used. Of many callers one gets it.
	TakeAuthorization(ctx context.Context, stateHash, cookieHash string, at time.Time) (Authorization, error)
	ForgetAuthorizations(ctx context.Context, before time.Time) (int64, error)
}

// Persons are our copies of the registry's facts.
type Persons interface {
	Person(ctx context.Context, id models.ID) (Person, error)
	PersonByRef(ctx context.Context, ref models.PersonRef) (Person, error)
	// LockPerson reads a person and keeps everyone else from changing her until the transaction ends.
	LockPerson(ctx context.Context, id models.ID) (Person, error)
	// ApplyPersons writes facts that are newer than ours and answers what they changed. Thousands at a time. It locks
	// the rows it knows, in the order of their references.
	ApplyPersons(ctx context.Context, facts []PersonFact, at time.Time) ([]PersonChange, error)
	SetContactPhone(ctx context.Context, id models.ID, phone models.Phone) error
}

// PersonChange is what a newer fact changed for a person we already had, as far as sessions and phones care.
type PersonChange struct {
	PersonID     models.ID
	PhoneChanged bool
	Died         bool
	Merged       bool      // this record stands for nobody any more
	MergedInto   models.ID // empty while the other record is not here yet
	Guardians    []models.PersonRef
	Partial      bool // of a source that does not tell guardians
}

// Codes are the one-time codes and what was sent of them.
type Codes interface {
	// CodeUse counts under a lock on the phone that lasts to the end of the transaction: two requests for one phone
	// stand in line, so no limit is passed by asking at once. It also counts the session and everyone.
	CodeUse(ctx context.Context, phoneKeys [][]byte, session models.ID, at time.Time) (CodeUse, error)
	// SessionCodes counts a session's codes of the day, without a lock.
	SessionCodes(ctx context.Context, session models.ID, at time.Time) (int, error)
	// AddCode replaces the session's open code for the same purpose.
	AddCode(ctx context.Context, c Code) error
	Code(ctx context.Context, id models.ID) (Code, error)
	// OpenCode reads the open code for session and purpose, without a try and without a lock.
	OpenCode(ctx context.Context, session models.ID, purpose CodePurpose) (Code, error)
	// TryCode takes one of the five tries of the open code for session and purpose, and answers it.
	TryCode(ctx context.Context, session models.ID, purpose CodePurpose, at time.Time) (Code, error)
	// UseCode uses the code up; models.ErrConflict for all callers but one.
	UseCode(ctx context.Context, id models.ID, at time.Time) error
	ForgetCodes(ctx context.Context, before time.Time) (int64, error)
}

// Challenges are the small questions before a further code.
type Challenges interface {
	AddChallenge(ctx context.Context, c Challenge) error
	Challenge(ctx context.Context, id models.ID) (Challenge, error)
	// ChallengesSince are the moments at which a session was given one, oldest first.
	ChallengesSince(ctx context.Context, session models.ID, since time.Time) ([]time.Time, error)
	// TryChallenge takes one of the tries of a session's challenge that is still to be answered, and answers it.
	TryChallenge(ctx context.Context, id, session models.ID, at time.Time) (Challenge, error)
	PassChallenge(ctx context.Context, id models.ID, at time.Time) error
	// UseChallenge uses an answered one up; models.ErrConflict for all callers but one, and when its time is over.
	UseChallenge(ctx context.Context, id, session models.ID, at time.Time) error
	ForgetChallenges(ctx context.Context, before time.Time) (int64, error)
}

// Tries are the failed attempts to bind, per account and per ID number, by civil day (R52).
type Tries interface {
	// TakeTry counts one attempt under each key; false when a key has used up its limit, and then nothing is counted.
	TakeTry(ctx context.Context, keys [][]byte, day models.Date, limit int) (bool, error)
	GiveBackTry(ctx context.Context, keys [][]byte, day models.Date) error
	ForgetTries(ctx context.Context, before time.Time) (int64, error)
}

// Consents are the records of R53.
type Consents interface {
	AddConsent(ctx context.Context, c Consent) error
	// ConsentsOf lists a person's, or before binding those of the account that belong to nobody yet.
	ConsentsOf(ctx context.Context, person, account models.ID) ([]Consent, error)
	WithdrawConsent(ctx context.Context, id models.ID, at time.Time) error
	// AdoptConsents gives the account's nameless consents to the person it was bound to.
	AdoptConsents(ctx context.Context, account, person models.ID) error
}

// Checks are the real-person checks.
type Checks interface {
	AddCheck(ctx context.Context, c Check) error
	Check(ctx context.Context, id models.ID) (Check, error)
	// FinishCheck moves a check out of begun; models.ErrConflict for all callers but one.
	FinishCheck(ctx context.Context, id models.ID, to CheckState, at time.Time) error
	DeleteChecksOf(ctx context.Context, account models.ID) error
	ForgetChecks(ctx context.Context, before time.Time) (int64, error)
}

// Slips are the one-time binding slips.
type Slips interface {
	AddSlip(ctx context.Context, s Slip) error
	SlipByCode(ctx context.Context, codeHash string) (Slip, error)
	// UseSlip uses it up; models.ErrConflict for all callers but one.
	UseSlip(ctx context.Context, id, by models.ID, at time.Time) error
}

// PhoneChanges are the requests to change a phone.
type PhoneChanges interface {
	// AddPhoneChange: models.ErrConflict while the person has an open one.
	AddPhoneChange(ctx context.Context, c PhoneChange) error
	PhoneChange(ctx context.Context, id models.ID) (PhoneChange, error)
	OpenPhoneChange(ctx context.Context, person models.ID) (PhoneChange, error)
	// AdvancePhoneChange writes c where the row still has state from and c.Version.
	AdvancePhoneChange(ctx context.Context, c PhoneChange, from PhoneChangeState) error
	// DuePhoneChanges lists the waiting ones whose time has come, and the unproven ones asked for before stale.
	DuePhoneChanges(ctx context.Context, at, stale time.Time, limit int) ([]models.ID, error)
}

// AccessEntry is one look at a person's data or act for her by somebody else.
type AccessEntry struct {
	ID      models.ID
	At      time.Time
	Kind    models.ActorKind
	Channel models.Channel
	Action  string
	Result  string
	Text    string // in words, to be shown as it is
}

// AccessLog reads the audit rows about a person that are not her own, newest first.
type AccessLog interface {
	AccessEntries(ctx context.Context, person models.ID, before models.ID, limit int) ([]AccessEntry, error)
}
