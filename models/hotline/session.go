package hotline

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"onecard/models"
)

// How long a session lives (R56).
const (
	idleLimit       = 15 * time.Minute
	idleLimitInCall = 60 * time.Minute // a call opened within the idle limit pauses the idle clock, at most this long
	shiftLimit      = 12 * time.Hour
	touchEvery      = 20 * time.Second // one row write per agent in this time, however many requests
)

// Session is one log-in of a member of staff. Only a hash of the secret is kept.
type Session struct {
	ID         models.ID
	StaffID    models.ID
	Handle     string
	SecretHash []byte
	OpenedAt   time.Time
	SeenAt     time.Time
	EndedAt    time.Time
	EndReason  string // logged_out, replaced, idle, shift_over, disabled
}

// Admission is what every request of the console is held against: a session, whose it is, and the call that is open.
type Admission struct {
	Session  Session
	Roles    []Role
	Disabled bool
	Demo     bool
	Call     Call // without its caller's number; no ID: none is open
}

const tokenPrefix = "oa1."

// newToken makes handle and secret; a citizen's token begins differently, so neither opens the other's door.
func newToken() (token, handle string, secretHash []byte, err error) {
	b := make([]byte, 16+32)
	if _, err = rand.Read(b); err != nil {
		return "", "", nil, err
	}
	handle = base64.RawURLEncoding.EncodeToString(b[:16])
	secret := base64.RawURLEncoding.EncodeToString(b[16:])
	return tokenPrefix + handle + "." + secret, handle, hashSecret(secret), nil
}

func splitToken(token string) (handle string, secretHash []byte, ok bool) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(rest) > 128 {
		return "", nil, false
	}
	handle, secret, ok := strings.Cut(rest, ".")
	if !ok || len(handle) != 22 || len(secret) != 43 {
		return "", nil, false
	}
	return handle, hashSecret(secret), true
}

// hashSecret needs no salt and no cost: the secret is 256 random bits.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Authenticate turns a console token into the actor of this request: the agent, the agent's open call, and in it
// the verified person. ErrNotLoggedIn for every token that opens nothing; one found idle too long is ended, and with
// it the call that was left open. Who holds a token that did open a session is told that another log-in ended it
// (ErrSessionReplaced), or that nobody used it (ErrSessionIdle).
func (s *Service) Authenticate(ctx context.Context, token string) (models.Actor, error) {
	by, _, err := s.Admit(ctx, token)
	return by, err
}

// Admit is Authenticate, with what the roles of this moment open: the edge asks it before it calls a use case, which
// asks again for itself.
func (s *Service) Admit(ctx context.Context, token string) (models.Actor, []Permission, error) {
	by, roles, err := s.admit(ctx, token)
	if err != nil {
		return models.Actor{}, nil, err
	}
	return by, Staff{Roles: roles}.Permissions(), nil
}

func (s *Service) admit(ctx context.Context, token string) (models.Actor, []Role, error) {
	handle, hash, ok := splitToken(token)
	if !ok {
		return models.Actor{}, nil, ErrNotLoggedIn
	}
	a, err := s.Sessions.Admission(ctx, handle)
	if errors.Is(err, models.ErrNotFound) {
		return models.Actor{}, nil, ErrNotLoggedIn
	}
	if err != nil {
		return models.Actor{}, nil, err
	}
	switch {
	case subtle.ConstantTimeCompare(a.Session.SecretHash, hash) != 1:
		return models.Actor{}, nil, ErrNotLoggedIn
	case !a.Session.EndedAt.IsZero():
		return models.Actor{}, nil, endedWith(a.Session.EndReason)
	case a.Disabled, a.Demo && s.Production:
		return models.Actor{}, nil, ErrNotLoggedIn
	}
	now := s.Clock.Now()
	by := actorOf(a.Session, a.Call, now)
	if reason := a.Session.overAt(now, a.Call); reason != "" {
		if _, err := s.endOver(ctx, a.Session, a.Call, reason, now); err != nil {
			return models.Actor{}, nil, err
		}
		return models.Actor{}, nil, endedWith(reason)
	}
	if now.Sub(a.Session.SeenAt) >= touchEvery {
		if err := s.Sessions.TouchSession(ctx, a.Session.ID, now); err != nil {
			return models.Actor{}, nil, err
		}
	}
	return by, a.Roles, nil
}

// overAt is why the session has ended by itself at t, or empty. The agent's call pauses the idle clock if it was opened while
// that still ran: a telephone that rings at an empty seat wakes no session.
func (s Session) overAt(t time.Time, call Call) string {
	limit := idleLimit
	if call.ID != "" && !call.LeftAt(t) && !call.OpenedAt.After(s.SeenAt.Add(idleLimit)) {
		limit = idleLimitInCall
	}
	switch {
	case t.Sub(s.OpenedAt) > shiftLimit:
		return "shift_over"
	case t.Sub(s.SeenAt) > limit:
		return "idle"
	}
	return ""
}

// EndIdleSessions ends the sessions that are over by themselves and that no request has come for since, each with its audit entry
// and with the call that was left open (R56); a call pauses the idle clock here as it does at the door. One that is used at
// that moment goes on, and one that cannot be ended keeps no other open. It says how many it ended.
func (s *Service) EndIdleSessions(ctx context.Context, most int) (int, error) {
	now := s.Clock.Now()
	list, err := s.Sessions.SessionsUnseen(ctx, now.Add(-idleLimit), now.Add(-shiftLimit), most)
	if err != nil {
		return 0, err
	}
	n := 0
	var failed error
	for _, session := range list {
		ended, err := s.endIdle(ctx, session, now)
		failed = errors.Join(failed, err)
		if ended {
			n++
		}
	}
	return n, failed
}

func (s *Service) endIdle(ctx context.Context, session Session, now time.Time) (ended bool, err error) {
	call, err := s.Calls.OpenCallOf(ctx, session.StaffID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return false, err
	}
	reason := session.overAt(now, call)
	if reason == "" {
		return false, nil
	}
	return s.endOver(ctx, session, call, reason, now)
}

// endOver ends this one session, which is over by itself, with the call that was left open; false: it was used, ended or rung at
// this moment, and nothing changed.
func (s *Service) endOver(ctx context.Context, session Session, call Call, reason string, now time.Time) (ended bool, err error) {
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Sessions.EndUnseen(ctx, session, now, reason); err != nil {
			return err
		}
		by := models.System()
		if err := s.closeLeft(ctx, by, call, "session_"+reason); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.session.ended", "staff", string(session.StaffID), "done", "reason", reason)
	})
	if errors.Is(err, models.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// endedWith is what the next request of an ended session is told.
func endedWith(reason string) error {
	switch reason {
	case "replaced":
		return ErrSessionReplaced
	case "idle":
		return ErrSessionIdle
	}
	return ErrNotLoggedIn
}

// endSessions ends what by has open, with one audit entry if there was anything.
func (s *Service) endSessions(ctx context.Context, by models.Actor, reason string) error {
	n, err := s.Sessions.EndSessionsOf(ctx, by.ID, s.Clock.Now(), reason)
	if err != nil || n == 0 {
		return err
	}
	return s.record(ctx, by, "hotline.session.ended", "staff", string(by.ID), "done", "reason", reason)
}

// actorOf joins session and call. A caller at Basic counts as known by phone, at Full as a real person, and never
// as freshly checked: no agent reaches an act that asks for that.
func actorOf(session Session, call Call, now time.Time) models.Actor {
	by := models.Actor{
		Kind: models.AgentActor, ID: session.StaffID, Channel: models.Phone12333,
		SessionID: session.ID, Level: models.LevelPlatform,
	}
	if call.ID == "" || call.LeftAt(now) {
		return by
	}
	by.CallID = call.ID
	if !call.EndedAt.IsZero() { // for notes only: nobody is looked at any more
		return by
	}
	if person, level := call.proved(); person != "" {
		by.Subject, by.Level = person, level
	}
	return by
}

// proved is the person of the call and how surely she is known; nobody before she was verified.
func (c Call) proved() (models.ID, models.Level) {
	switch c.Level {
	case LevelBasic:
		return c.PersonID, models.LevelPhone
	case LevelFull:
		return c.PersonID, models.LevelReal
	}
	return "", models.LevelPlatform
}
