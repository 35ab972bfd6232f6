package configs

import (
	"net/url"
	"strings"
	"time"
)

// Staff is the console's accounts (R56).
type Staff struct {
	OneTimeLife time.Duration `koanf:"one_time_life" doc:"how long the one-time password of a new or reset account opens an enrolment"`
	PasswordAge time.Duration `koanf:"password_age" doc:"age after which a log-in asks for another password"`
	SignOn      SignOn        `koanf:"sign_on"`
}

// SignOn is a bureau's single sign-on by OpenID Connect, beside the log-in with password and code.
type SignOn struct {
	Issuer      string        `koanf:"issuer" doc:"address of the bureau's sign-on, as its tokens name it; empty: none"`
	ClientID    string        `koanf:"client_id" doc:"our name there"`
	Secret      Secret        `koanf:"secret" doc:"our secret there"`
	RedirectURL string        `koanf:"redirect_url" doc:"where it sends the browser back to, as filed there; empty: /console/sign-on of public_url"`
	ACR         []string      `koanf:"acr" doc:"values of acr, any one of which says that a second factor was asked for"`
	AMR         []string      `koanf:"amr" doc:"values of amr, any one of which says so, e.g. otp, hwk, mfa; acr and amr both empty: refused"`
	Timeout     time.Duration `koanf:"timeout" doc:"time for one call"`
}

// On reports whether there is a sign-on.
func (s SignOn) On() bool { return s.Issuer != "" }

func (c Config) staff(found *Findings) {
	s := c.Staff.SignOn
	if c.Staff.OneTimeLife > 7*24*time.Hour {
		found.add("staff.one_time_life", "must be 168h or less; a password on a slip of paper is found by somebody")
	}
	if !s.On() && !c.hasDesk() && (s.ClientID != "" || s.Secret.IsSet()) {
		found.add("staff.sign_on.issuer", "is empty, and the rest of sign_on is not")
	}
	if !s.On() {
		return
	}
	if s.ClientID == "" {
		found.add("staff.sign_on.client_id", "is empty; the bureau's sign-on gave it to us")
	}
	if len(s.ACR)+len(s.AMR) == 0 {
		found.add("staff.sign_on.acr", "and amr are both empty; staff log in with two factors (R56), so name what says that the second one was asked for")
	}
	for _, words := range [][]string{s.ACR, s.AMR} {
		for _, w := range words {
			if strings.TrimSpace(w) == "" {
				found.add("staff.sign_on.acr", "and amr hold no empty word; a token without either would pass")
			}
		}
	}
	if s.RedirectURL != "" {
		if u, err := url.Parse(s.RedirectURL); err != nil || u.Host == "" || u.Fragment != "" {
			found.add("staff.sign_on.redirect_url", "is not an address")
		}
	}
	if c.Mode != ModeProduction {
		return
	}
	if shared(s.Secret, leastSecret) {
		found.add("staff.sign_on.secret", "is missing or shorter than 16 characters")
	}
	if s.RedirectURL != "" && !tls(s.RedirectURL) {
		found.add("staff.sign_on.redirect_url", "must be an https address in production")
	}
}

// SignOnReturn is where the bureau's sign-on sends the browser back to.
func (c Config) SignOnReturn() string {
	if c.Staff.SignOn.RedirectURL != "" {
		return c.Staff.SignOn.RedirectURL
	}
	return c.HTTP.PublicURL + "/console/sign-on"
}
