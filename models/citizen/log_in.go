package citizen

import (
	"context"
	"errors"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// LogInInput is what a mini-program got from its platform.
type LogInInput struct {
	Platform models.Channel
	AppID    string // may be empty where the platform has one app
	Code     string
	Device   string // what the device calls itself, for the person's own list of sessions
}

// LoggedIn is a new session and the token that opens it, which is shown only here.
type LoggedIn struct {
	Token   Token
	Session Session
}

// LogIn opens a session for whoever a mini-program's code stands for (level platform, or the level of its binding).
// The first log-in makes the account. ErrPlatformUnknown for a platform or app we do not have, and what
// LoginProvider.Exchange answers.
func (s *Service) LogIn(ctx context.Context, in LogInInput) (LoggedIn, error) {
	if in.Platform != models.WechatMini && in.Platform != models.AlipayMini {
		return LoggedIn{}, ErrPlatformUnknown
	}
	p, err := s.login(in.Platform, in.AppID)
	if err != nil {
		return LoggedIn{}, err
	}
	if in.Code == "" || len(in.Code) > 512 {
		return LoggedIn{}, ErrLoginCodeInvalid
	}
	who, err := p.Exchange(ctx, in.Code)
	if err != nil {
		return LoggedIn{}, err
	}
	return s.openSession(ctx, p, who, in.Device)
}

// maxSessions of one account live at once; one more ends the oldest.
const maxSessions = 20

// openSession commits the account's row, its session and the audit row.
func (s *Service) openSession(ctx context.Context, p LoginProvider, who PlatformIdentity, device string) (LoggedIn, error) {
	if who.OpenID == "" || len(who.OpenID) > MaxOpenID || len(who.UnionID) > MaxOpenID || len(who.UserID) > MaxOpenID {
		return LoggedIn{}, models.ErrUnavailable.Because(errors.New("the platform's account has no usable open id"))
	}
	now := s.Clock.Now()
	fresh := Account{
		ID: models.NewID(), Platform: p.Platform(), AppID: p.AppID(), OpenID: who.OpenID, UnionID: who.UnionID,
		UserID: who.UserID, Handle: newHandle(), MadeAt: now, SeenAt: now,
	}
	secret, hash := newSecret()
	session := Session{
		ID: models.NewID(), Kind: OwnSession, SecretHash: hash, Channel: p.Platform(), Level: models.LevelPlatform,
		Device: deviceLabel(device), MadeAt: now, SeenAt: now, ExpiresAt: now.Add(SessionLife),
	}
	var ended []Session
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		account, err := s.Accounts.SeenAccount(ctx, fresh)
		if err != nil {
			return err
		}
		session.AccountID, session.Handle = account.ID, account.Handle
		if err = s.standFor(ctx, account, &session); err != nil {
			return err
		}
		if ended, err = s.makeRoom(ctx, session); err != nil {
			return err
		}
		if err = s.Sessions.CreateSession(ctx, session); err != nil {
			return err
		}
		return s.Decisions.RecordAudit(ctx, audit.Of(session.Actor(), now, "citizen.session.opened", "sessions", string(session.ID), "done"))
	})
	if err != nil {
		return LoggedIn{}, err
	}
	s.drop(ctx, ended...)
	return LoggedIn{Token: newToken(session.Handle, secret), Session: session}, nil
}

// standFor gives the session the person its account is bound to. Where that person may not act online any more, the
// session stays one of nobody.
func (s *Service) standFor(ctx context.Context, a Account, session *Session) error {
	if !a.Bound() {
		return nil
	}
	person, err := s.Persons.Person(ctx, a.PersonID)
	if err != nil {
		return err
	}
	if person.MayActOnline() {
		session.PersonID, session.Handle, session.Level = person.ID, person.Handle, a.Level
	}
	return nil
}

// makeRoom ends the oldest sessions of an account that has too many for one more.
func (s *Service) makeRoom(ctx context.Context, more Session) ([]Session, error) {
	now := s.Clock.Now()
	live, err := s.Sessions.LiveSessions(ctx, SessionOwner{Account: more.AccountID}, now)
	if err != nil || len(live) < maxSessions {
		return nil, err
	}
	var ended []Session
	for _, old := range live[maxSessions-1:] {
		gone, err := s.Sessions.EndSessions(ctx, SessionOwner{Session: old.ID}, EndedByRelogin, now)
		if err != nil {
			return nil, err
		}
		ended = append(ended, gone...)
		entry := audit.Of(more.Actor(), now, "citizen.session.ended", "sessions", string(old.ID), string(EndedByRelogin))
		if err := s.Decisions.RecordAudit(ctx, entry); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

// deviceLabel keeps 60 characters of what a device calls itself; a label that is not text is left out.
func deviceLabel(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	r := []rune(s)
	return string(r[:min(len(r), 60)])
}
