package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/citizen"
)

// citizenHome is where a browser lands after a log-in: an address with nothing in it.
const citizenHome = "/m/"

func (s *server) registerAuthorizations() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/authorizations", ID: "beginAuthorization", Summary: "Begin a log-in by browser: the address of the platform's page",
		Audience: Public, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, SetsCookie: true,
		Errs: []*models.Error{citizen.ErrPlatformUnknown},
	}, s.beginAuthorization)
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/v1/authorizations/{platform}/return", ID: "finishAuthorization",
		Summary:  "Where the platform's page returns to: logs in and goes on to a clean address (wechat_oa, alipay_life)",
		Audience: Public, Limit: LimitWrite, Statuses: []int{http.StatusSeeOther},
		Errs: []*models.Error{
			citizen.ErrAuthorizationInvalid, citizen.ErrLoginCodeInvalid, citizen.ErrLoginBlocked, citizen.ErrLoginTooOften,
			citizen.ErrPlatformUnknown,
		},
	}, s.finishAuthorization)
}

type beginAuthorizationInput struct {
	Body struct {
		Platform string `json:"platform,omitempty" maxLength:"32" doc:"wechat_oa or alipay_life"`
		AppID    string `json:"app_id,omitempty" maxLength:"64" doc:"Needed only where the platform has several apps"`
	}
}

type beginAuthorizationOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		URL   string `json:"url" doc:"Send the browser here"`
		State string `json:"state" doc:"Comes back with the browser; works once, for ten minutes, with this browser's cookie"`
	}
}

func (s *server) beginAuthorization(ctx context.Context, in *beginAuthorizationInput) (*beginAuthorizationOutput, error) {
	begun, err := s.Citizens.BeginAuthorization(ctx, models.Channel(in.Body.Platform), in.Body.AppID)
	if err != nil {
		return nil, err
	}
	out := &beginAuthorizationOutput{SetCookie: []http.Cookie{s.preLoginCookie(begun.Cookie, citizen.AuthorizationLife)}}
	out.Body.URL, out.Body.State = begun.URL, begun.State
	return out, nil
}

// finishAuthorization takes whatever parameters the platform adds to its own; WeChat calls the code `code`, Alipay
// `auth_code`. A user who said no goes home without a session.
func (s *server) finishAuthorization(c *gin.Context) {
	q := c.Request.URL.Query()
	platform := models.Channel(c.Param("platform"))
	code := q.Get("code")
	if platform == models.AlipayLife {
		code = q.Get("auth_code")
	}
	opened, err := s.Citizens.FinishAuthorization(c.Request.Context(), citizen.FinishAuthorizationInput{
		Platforms: []models.Channel{platform}, State: q.Get("state"), Cookie: s.onlyCookie(c.Request), Code: code,
		Device: c.Request.UserAgent(),
	})
	ended := s.preLoginCookie("", 0)
	http.SetCookie(c.Writer, &ended)
	switch {
	case err == nil:
		life := opened.Session.ExpiresAt.Sub(s.Clock.Now())
		cookie := s.sessionCookie(Citizen, opened.Token.Reveal(), life)
		http.SetCookie(c.Writer, &cookie)
	case !errors.Is(err, citizen.ErrAuthorizationDeclined):
		s.refuse(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, citizenHome)
}

// onlyCookie is the pre-login cookie; two of one name are none.
func (s *server) onlyCookie(r *http.Request) string {
	cookies := r.CookiesNamed(s.preLoginName())
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}
