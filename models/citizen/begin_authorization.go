package citizen

import (
	"context"
	"time"

	"onecard/models"
)

// AuthorizationLife is how long a user may stay on the platform's page.
const AuthorizationLife = 10 * time.Minute

// AuthorizationBegun is where to send the browser, and the cookie value that must come back with it.
type AuthorizationBegun struct {
	URL    string
	State  string
	Cookie string
}

// BeginAuthorization starts a log-in by browser (official account, life account). The state works once, for ten
// minutes, and only together with the cookie. ErrPlatformUnknown for a platform without a page.
func (s *Service) BeginAuthorization(ctx context.Context, platform models.Channel, app string) (AuthorizationBegun, error) {
	p, err := s.login(platform, app)
	if err != nil {
		return AuthorizationBegun{}, err
	}
	page, ok := p.(AuthorizePage)
	if !ok {
		return AuthorizationBegun{}, ErrPlatformUnknown
	}
	state, stateHash := newSecret()
	cookie, cookieHash := newSecret()
	now := s.Clock.Now()
	err = s.Authorizations.CreateAuthorization(ctx, Authorization{
		ID: models.NewID(), Platform: platform, AppID: p.AppID(), StateHash: stateHash, CookieHash: cookieHash,
		MadeAt: now, ExpiresAt: now.Add(AuthorizationLife),
	})
	if err != nil {
		return AuthorizationBegun{}, err
	}
	return AuthorizationBegun{URL: page.AuthorizeURL(state), State: state, Cookie: cookie}, nil
}
