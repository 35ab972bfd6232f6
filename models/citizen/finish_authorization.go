package citizen

import (
	"context"
	"errors"
	"slices"

	"onecard/models"
)

// FinishAuthorizationInput is what the browser brought back from the platform's page.
type FinishAuthorizationInput struct {
	Platforms []models.Channel // those whose page returns to this address
	State     string
	Cookie    string
	Code      string // empty where the user refused
	Device    string
}

// ErrAuthorizationDeclined is the user's own "no" on the platform's page. Nothing went wrong.
var ErrAuthorizationDeclined = models.NewError(models.Unauthenticated, "AUTHORIZATION_DECLINED", "您没有同意授权登录,可返回页面重新登录;如有疑问请拨打12333。")

// FinishAuthorization ends a log-in by browser. The state is used up before the platform is asked, whatever it says:
// ErrAuthorizationInvalid for a state that is unknown, used, too old, of another platform or begun by another browser,
// ErrAuthorizationDeclined without a code, and what LoginProvider.Exchange answers.
func (s *Service) FinishAuthorization(ctx context.Context, in FinishAuthorizationInput) (LoggedIn, error) {
	if len(in.State) != 43 || len(in.Cookie) != 43 {
		return LoggedIn{}, ErrAuthorizationInvalid
	}
	a, err := s.Authorizations.TakeAuthorization(ctx, hashSecret(in.State), hashSecret(in.Cookie), s.Clock.Now())
	if errors.Is(err, models.ErrNotFound) || errors.Is(err, models.ErrConflict) {
		return LoggedIn{}, ErrAuthorizationInvalid.Because(err)
	}
	if err != nil {
		return LoggedIn{}, err
	}
	if !slices.Contains(in.Platforms, a.Platform) {
		return LoggedIn{}, ErrAuthorizationInvalid
	}
	if in.Code == "" {
		return LoggedIn{}, ErrAuthorizationDeclined
	}
	if len(in.Code) > 512 {
		return LoggedIn{}, ErrLoginCodeInvalid
	}
	p, err := s.login(a.Platform, a.AppID)
	if err != nil {
		return LoggedIn{}, err
	}
	who, err := p.Exchange(ctx, in.Code)
	if err != nil {
		return LoggedIn{}, err
	}
	return s.openSession(ctx, p, who, in.Device)
}
