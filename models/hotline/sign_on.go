package hotline

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// Refusals of a log-in by the bureau's own sign-on.
var (
	ErrSignOnOff      = models.NewError(models.NotFound, "SIGN_ON_OFF", "没有开通统一登录,请用账号、密码和动态码登录;如有疑问请联系12333技术支持。")
	ErrSignOnInvalid  = models.NewError(models.Unauthenticated, "SIGN_ON_INVALID", "登录页面已过期或不是从这个浏览器打开的,请重新登录;如有疑问请联系12333技术支持。")
	ErrSignOnRefused  = models.NewError(models.Unauthenticated, "SIGN_ON_REFUSED", "统一登录没有通过,请重新登录;多次不成功时请用账号、密码和动态码登录,或联系12333技术支持。")
	ErrSignOnOneFact  = models.NewError(models.Forbidden, "SIGN_ON_SECOND_FACTOR", "统一登录时没有进行双重验证,不能进入。请在统一登录平台开启双重验证后重试,或联系12333技术支持。")
	ErrSignOnNotKnown = models.NewError(models.Forbidden, "SIGN_ON_NOT_LINKED", "这个统一登录账号没有关联热线账号,请联系本单位管理员关联,或联系12333技术支持。")
)

// SignOnLife is how long somebody may stay on the sign-on's page.
const SignOnLife = 10 * time.Minute

// SignedOn is whom the bureau's sign-on vouches for.
type SignedOn struct {
	Subject      string
	SecondFactor bool // it says that it asked for one
}

// SignOn speaks to the bureau's sign-on.
type SignOn interface {
	AuthorizeURL(ctx context.Context, state, nonce, verifier string) (string, error)
	Redeem(ctx context.Context, code, verifier, nonce string) (SignedOn, error) // ErrSignOnRefused
}

// SignOnBegun is where the browser goes, and the cookie it must come back with.
type SignOnBegun struct{ URL, Cookie string }

// BeginSignOn begins a log-in by the bureau's sign-on. State, nonce and PKCE verifier are made of one random secret that is
// kept in the browser's cookie alone: whoever brings a code without that cookie brings nothing.
func (s *Service) BeginSignOn(ctx context.Context) (SignOnBegun, error) {
	if s.SignOn == nil {
		return SignOnBegun{}, ErrSignOnOff
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand aborts the program instead)
	cookie := strconv.FormatInt(s.Clock.Now().Unix(), 10) + "." + base64.RawURLEncoding.EncodeToString(b[:])
	url, err := s.SignOn.AuthorizeURL(ctx, ofCookie(cookie, "state"), ofCookie(cookie, "nonce"), ofCookie(cookie, "verifier"))
	return SignOnBegun{URL: url, Cookie: cookie}, err
}

// ofCookie derives one use's secret; the instant of the beginning is part of each, so nobody moves it.
func ofCookie(cookie, use string) string {
	m := hmac.New(sha256.New, []byte(cookie))
	m.Write([]byte(use))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// FinishSignOn opens a session for the account that an administrator linked to the subject, by our own rules of sessions. A
// state that is not this browser's or older than SignOnLife is ErrSignOnInvalid; a code or token that is not believed
// ErrSignOnRefused; without a second factor ErrSignOnOneFact; an unlinked or closed account ErrSignOnNotKnown. All are audited.
func (s *Service) FinishSignOn(ctx context.Context, cookie, state, code string) (LoggedIn, error) {
	if s.SignOn == nil {
		return LoggedIn{}, ErrSignOnOff
	}
	if !s.cookieFresh(cookie) || !hmac.Equal([]byte(state), []byte(ofCookie(cookie, "state"))) {
		return LoggedIn{}, s.refuseSignOn(ctx, "", ErrSignOnInvalid)
	}
	who, err := s.SignOn.Redeem(ctx, code, ofCookie(cookie, "verifier"), ofCookie(cookie, "nonce"))
	if errors.Is(err, ErrSignOnRefused) {
		if written := s.refuseSignOn(ctx, "", ErrSignOnRefused); !errors.Is(written, ErrSignOnRefused) {
			return LoggedIn{}, written
		}
	}
	if err != nil {
		return LoggedIn{}, err
	}
	if !who.SecondFactor {
		return LoggedIn{}, s.refuseSignOn(ctx, "", ErrSignOnOneFact)
	}
	m, err := s.Staff.StaffBySubject(ctx, who.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return LoggedIn{}, err
	}
	if err != nil || !m.DisabledAt.IsZero() || m.Demo && s.Production {
		return LoggedIn{}, s.refuseSignOn(ctx, m.ID, ErrSignOnNotKnown)
	}
	var out LoggedIn
	err = s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		out, err = s.openSession(ctx, m, "by", "sign_on")
		return err
	})
	return out, err
}

// cookieFresh reads the instant in front of the cookie's secret.
func (s *Service) cookieFresh(cookie string) bool {
	at, _, ok := strings.Cut(cookie, ".")
	unix, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || len(cookie) < 43 {
		return false
	}
	age := s.Clock.Now().Sub(time.Unix(unix, 0))
	return age > -time.Minute && age <= SignOnLife
}

func (s *Service) refuseSignOn(ctx context.Context, member models.ID, refusal *models.Error) error {
	by := models.Actor{Kind: models.AgentActor, ID: member, Channel: models.Phone12333}
	if err := s.record(ctx, by, "hotline.session.refused", "staff", string(member), "refused", "at", "sign_on", "code", refusal.Code); err != nil {
		return err
	}
	return refusal
}
