package api

import (
	"net/http"
	"time"
)

// cookieName is the session cookie of an audience. __Host- makes browsers insist on Secure, on this host and on Path=/;
// it needs HTTPS, so dev uses a plain name.
func (s *server) cookieName(a Audience) string {
	name := "oc"
	if a == Agent {
		name = "oc-console"
	}
	if s.Production {
		return "__Host-" + name
	}
	return name
}

// sessionCookie carries a token where no script can read it. The console's never leaves its own pages.
func (s *server) sessionCookie(a Audience, token string, life time.Duration) http.Cookie {
	c := s.cookie(s.cookieName(a), token, life) //nolint:gosec // cookie sets all three, Secure wherever there is HTTPS
	if a == Agent {
		c.SameSite = http.SameSiteStrictMode
	}
	return c
}

// endedCookie takes a session cookie away.
func (s *server) endedCookie(a Audience) http.Cookie { return s.sessionCookie(a, "", -time.Second) }

// preLoginName is the cookie an authorization's state is bound to, from the start of a log-in to its return.
func (s *server) preLoginName() string {
	if s.Production {
		return "__Host-oc-pre"
	}
	return "oc-pre"
}

// The cookie that a log-in by the bureau's sign-on is bound to. The console itself brings it back, so it is never sent along
// from elsewhere.
const (
	signOnCookieName = "oc-console-pre"
	signOnCookieHTTP = "__Host-" + signOnCookieName
)

func (s *server) signOnCookie(value string, life time.Duration) http.Cookie {
	name := signOnCookieName
	if s.Production {
		name = signOnCookieHTTP
	}
	c := s.cookie(name, value, life) //nolint:gosec // which sets them all
	c.SameSite = http.SameSiteStrictMode
	return c
}

// preLoginCookie must come back from the platform's page, hence Lax.
func (s *server) preLoginCookie(value string, life time.Duration) http.Cookie {
	return s.cookie(s.preLoginName(), value, life)
}

func (s *server) cookie(name, value string, life time.Duration) http.Cookie {
	age := int(life / time.Second)
	if age <= 0 {
		age = -1
	}
	return http.Cookie{ //nolint:gosec // all three are set; Secure follows the mode because dev has no HTTPS
		Name: name, Value: value, Path: "/", MaxAge: age,
		Secure: s.Production, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
