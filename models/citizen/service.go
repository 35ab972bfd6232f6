package citizen

import (
	"context"
	"log/slog"
	"time"

	"onecard/models"
)

// Ports are what this capability asks of the other rooms. Apps may be empty: a platform without an app cannot log in,
// and one without a FaceCheck cannot check faces there.
type Ports struct {
	Decisions      Decisions
	Accounts       Accounts
	Sessions       Sessions
	Authorizations Authorizations
	Persons        Persons
	Codes          Codes
	Challenges     Challenges
	Tries          Tries
	Consents       Consents
	Checks         Checks
	Slips          Slips
	PhoneChanges   PhoneChanges
	AccessLog      AccessLog
	Relations      Relations

	Registry Registry
	Gate     Gate
	Calls    Calls         // nil: no agent acts here
	Copies   SessionCopies // nil: every request reads the row
	Policy   Policy
	Pictures Pictures // of household books

	Logins []LoginProvider
	Phones []PhoneProvider
	Faces  []FaceCheck

	Clock models.Clock
	Log   *slog.Logger
}

// Policy reads the settings identity depends on.
type Policy interface {
	// CodesPerDay is the budget of codes for the whole service on one civil day.
	CodesPerDay(ctx context.Context, at time.Time) (int, error)
	// CodesBeforeChallenge is how many codes a session is sent in a day before each further one needs a challenge.
	CodesBeforeChallenge(ctx context.Context, at time.Time) (int, error)
	// HelpersMost is how many helpers an adult may have named at once, HelpersMonths how long one counts.
	HelpersMost(ctx context.Context, at time.Time) (int, error)
	HelpersMonths(ctx context.Context, at time.Time) (int, error)
}

// Settings are the figures that are not policy.
type Settings struct {
	// AnswerStep is the grid on which answers to identity questions leave: unknown person, wrong name and wrong phone
	// are told at the same moment (R52). Zero answers at once and is for tests.
	AnswerStep time.Duration
}

// DefaultSettings are the figures of production.
func DefaultSettings() Settings { return Settings{AnswerStep: 400 * time.Millisecond} }

// Service decides who someone is. It holds no state of its own.
type Service struct {
	Ports
	set  Settings
	wait func(ctx context.Context, d time.Duration) // tests replace it
}

// New builds the capability.
func New(p Ports, s Settings) *Service {
	if p.Copies == nil {
		p.Copies = noCopies{}
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Ports: p, set: s, wait: waitFor}
}

// noCopies is the SessionCopies of a service that was given none.
type noCopies struct{}

func (noCopies) Get(context.Context, string, string) (Session, bool, error) {
	return Session{}, false, nil
}
func (noCopies) Put(context.Context, Session, time.Duration) error { return nil }
func (noCopies) Drop(context.Context, string, string) error        { return nil }

// drop forgets the copies of sessions that have just ended or changed. An outage is no failure: the rows are right,
// and a copy lives a minute.
func (s *Service) drop(ctx context.Context, sessions ...Session) {
	for _, one := range sessions {
		if err := s.Copies.Drop(ctx, one.Handle, one.SecretHash); err != nil {
			s.Log.WarnContext(ctx, "session copy not dropped", "session", one.ID, "error", err)
		}
	}
}

// login finds the provider of one app; the app may be left out where a platform has only one.
func (s *Service) login(platform models.Channel, app string) (LoginProvider, error) {
	var found LoginProvider
	for _, p := range s.Logins {
		if p.Platform() != platform || app != "" && p.AppID() != app {
			continue
		}
		if found != nil {
			return nil, ErrPlatformUnknown // ambiguous: the caller must name the app
		}
		found = p
	}
	if found == nil {
		return nil, ErrPlatformUnknown
	}
	return found, nil
}

func (s *Service) face(a Account) (FaceCheck, error) {
	for _, f := range s.Faces {
		if f.Platform() == a.Platform && f.AppID() == a.AppID {
			return f, nil
		}
	}
	return nil, ErrCheckUnavailable
}
