package hotline

import (
	"context"
	"log/slog"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Deps is what the hotline needs from others.
type Deps struct {
	Journal    Journal
	Staff      StaffStore
	Factors    FactorStore
	Attempts   AttemptStore
	Sessions   SessionStore
	Calls      CallStore
	Checks     CheckStore
	Looks      LookStore
	Flags      FlagStore
	Touch      ContactStore
	Boards     BoardStore
	Backlogs   Backlogs // may be nil: the board then shows none
	Samples    SampleStore
	Exports    ExportStore
	Fresh      Freshener // may be nil: the copy is what there is
	Enquiries  EnquiryStore
	WorkOrders OrderStore // may be nil: then enquiries have no orders
	People     PersonFinder
	Facts      FactSource
	Banks      Banks
	Gate       Gate
	Guides     Guides
	Outlets    OutletBook
	Notices    Notices
	Trail      AuditTrail
	SignOn     SignOn         // nil: the bureau has none
	Reviews    []ReviewSource // what waits for reviewers, kind by kind
	Watch      Watch          // may be nil: the audit entry carries the alarm too
	Clock      models.Clock
	Limits     Limits
	Production bool // refuses demo staff

	OneTimeLife time.Duration // how long a password of the administrator's opens an enrolment; zero: a day
	PasswordAge time.Duration // after it a password must be changed at the log-in; zero: 90 days

	TelephoneDeps
}

// Service holds the hotline's use cases. It is safe for use by many goroutines.
type Service struct{ Deps }

// New builds the service.
func New(d Deps) *Service {
	if d.OneTimeLife <= 0 {
		d.OneTimeLife = 24 * time.Hour
	}
	if d.PasswordAge <= 0 {
		d.PasswordAge = 90 * 24 * time.Hour
	}
	return &Service{d.withTelephone()}
}

// LogValue keeps a Service out of logs.
func (s *Service) LogValue() slog.Value { return slog.StringValue("hotline") }

// member is the acting member of staff, if a role of theirs opens p. Roles are read at each act: taking one away
// counts at once.
func (s *Service) member(ctx context.Context, by models.Actor, p Permission) (Staff, error) {
	if by.Kind != models.AgentActor || by.ID == "" {
		return Staff{}, ErrNotLoggedIn
	}
	m, err := s.Staff.StaffByID(ctx, by.ID)
	if err != nil {
		return Staff{}, err
	}
	if !m.Can(p) {
		return Staff{}, ErrNotPermitted
	}
	return m, nil
}

// record writes one audit entry of a decision of by.
func (s *Service) record(ctx context.Context, by models.Actor, action, object, objectID, result string, notes ...string) error {
	e := audit.Of(by, s.Clock.Now(), action, object, objectID, result)
	for i := 0; i+1 < len(notes); i += 2 {
		e = e.Noting(notes[i], notes[i+1])
	}
	return s.Journal.RecordAudit(ctx, e)
}
