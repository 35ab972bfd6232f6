package configs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheSignOnIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	good := func() Config {
		c := Dev(t.TempDir())
		c.Sandbox.Enabled = false
		c = c.AtDesk("http://127.0.0.1:9")
		c.Sandbox.DemoAgent = false
		return c
	}
	require.NotContains(t, errText(good().Validate()), "staff.")
	for name, w := range map[string]struct {
		change func(*Staff)
		want   string
	}{
		"no client":           {func(s *Staff) { s.SignOn.ClientID = "" }, "staff.sign_on.client_id"},
		"no second factor":    {func(s *Staff) { s.SignOn.ACR = nil }, "staff.sign_on.acr"},
		"an empty word":       {func(s *Staff) { s.SignOn.AMR = []string{" "} }, "staff.sign_on.acr"},
		"no issuer":           {func(s *Staff) { s.SignOn.Issuer = "" }, "staff.sign_on.issuer"},
		"no address":          {func(s *Staff) { s.SignOn.RedirectURL = "console" }, "staff.sign_on.redirect_url"},
		"a month on paper":    {func(s *Staff) { s.OneTimeLife = 30 * 24 * time.Hour }, "staff.one_time_life"},
		"no time":             {func(s *Staff) { s.PasswordAge = 0 }, "staff.password_age"},
		"a secret in the url": {func(s *Staff) { s.SignOn.Issuer = "https://u:p@h" }, "staff.sign_on.issuer"},
	} {
		c := good()
		w.change(&c.Staff)
		require.Contains(t, errText(c.Validate()), w.want, name)
	}
	production := good()
	production.Mode = ModeProduction
	production.Staff.SignOn.Secret = NewSecret("short")
	text := errText(production.Validate())
	require.Contains(t, text, "staff.sign_on.secret")
	require.Contains(t, text, "staff.sign_on.issuer")
	c := Config{HTTP: HTTP{PublicURL: "https://card.example"}}
	require.Equal(t, "https://card.example/console/sign-on", c.SignOnReturn())
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
