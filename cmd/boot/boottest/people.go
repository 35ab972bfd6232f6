package boottest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/models/hotline"
)

// Citizen is one of the city's people with a session of her own.
type Citizen struct {
	*Caller
	Key, Name, IDNumber, Phone, PersonRef string
}

// Nobody calls the API without a credential.
func (r *Rig) Nobody() *Caller { return r.caller(r.API) }

// Person is who a citizen is, without a session. Key is a named citizen's, a person_ref or an ID number.
func (r *Rig) Person(key string) *Citizen {
	r.t.Helper()
	c, ok := r.Desk.City.Registry.Citizen(key)
	require.True(r.t, ok, "the city knows no %q", key)
	return &Citizen{r.Nobody(), key, c.Name, c.IDNumber, c.Phone, c.PersonRef}
}

// LogIn opens a session at level platform in a mini-program.
func (r *Rig) LogIn(platform, key string) *Citizen {
	r.t.Helper()
	c := r.Person(key)
	code := r.desk.Get("/desk/codes?platform=" + platform + "&citizen=" + url.QueryEscape(key)).Is(http.StatusOK)
	in := c.Post("/v1/sessions", map[string]string{"platform": platform, "code": code.Text("code")}).Is(http.StatusCreated)
	c.take(in)
	return c
}

// take keeps a new token where one came.
func (c *Citizen) take(r Reply) {
	if token := r.Text("token"); token != "" {
		c.Token = token
	}
}

// Consent agrees to the text in force for a purpose.
func (c *Citizen) Consent(purpose string) {
	c.t.Helper()
	texts := c.Get("/v1/me/consents").Is(http.StatusOK)
	for i := range texts.List("items") {
		if texts.Text("items", i, "purpose") == purpose {
			c.Post("/v1/me/consents", map[string]string{"purpose": purpose, "version": texts.Text("items", i, "version")}).Is(http.StatusCreated)
			return
		}
	}
	require.Fail(c.t, "no consent text for "+purpose)
}

// AtPhone is a citizen bound by a code to the phone on file.
func (r *Rig) AtPhone(platform, key string) *Citizen {
	r.t.Helper()
	c := r.LogIn(platform, key)
	c.Consent("privacy_notice")
	c.Post("/v1/me/binding/codes", map[string]string{"name": c.Name, "id_number": c.IDNumber, "phone": c.Phone}).Is(http.StatusAccepted)
	c.take(c.Post("/v1/me/binding", map[string]string{"code": r.CodeOf(key)}).Is(http.StatusOK))
	return c
}

// Fresh is a citizen bound by a real-person check that was passed just now.
func (r *Rig) Fresh(platform, key string) *Citizen {
	r.t.Helper()
	c := r.LogIn(platform, key)
	c.Consent("privacy_notice")
	c.Consent("face")
	r.pass(c, "/v1/me/binding/checks", map[string]string{"name": c.Name, "id_number": c.IDNumber})
	return c
}

// Recheck has a bound citizen pass the real-person check again.
func (r *Rig) Recheck(c *Citizen) {
	r.t.Helper()
	c.Consent("face")
	r.pass(c, "/v1/me/checks", nil)
}

func (r *Rig) pass(c *Citizen, path string, body any) {
	r.t.Helper()
	begun := c.Post(path, body).Is(http.StatusCreated)
	r.Shows(c.Key)
	c.take(c.Post("/v1/me/checks/"+begun.Text("check_id")+"/finish", nil).Is(http.StatusOK))
}

// Shows puts a citizen's face before the camera that waits for her.
func (r *Rig) Shows(key string) {
	r.t.Helper()
	r.desk.Post("/desk/face", map[string]any{"citizen": key, "passed": true}).Is(http.StatusOK)
}

// Agent is the demo agent, logged in with both factors.
func (r *Rig) Agent() *Caller {
	r.t.Helper()
	return r.DemoStaff(boot.DemoAgent)
}

// DemoStaff is one of the demo's staff, logged in with both factors.
func (r *Rig) DemoStaff(who hotline.DemoStaff) *Caller {
	r.t.Helper()
	a := r.Nobody()
	code, err := totp.GenerateCode(who.TOTPSecret, r.now())
	require.NoError(r.t, err)
	in := a.Post("/agent/v1/sessions", map[string]string{"login": who.Login, "password": who.Password, "code": code}).Is(http.StatusCreated)
	a.Token = in.Text("token")
	return a
}

// Card is the id of a citizen's first card.
func (c *Citizen) Card() string {
	c.t.Helper()
	return c.Get("/v1/cards").Is(http.StatusOK).Text("cards", 0, "card_id")
}

// SocialTile is what the first card's social-security account says.
func (c *Citizen) SocialTile() string {
	c.t.Helper()
	home := c.Get("/v1/cards").Is(http.StatusOK)
	require.Equal(c.t, "social", home.Text("cards", 0, "accounts", 0, "account"))
	return strings.TrimSpace(home.Text("cards", 0, "accounts", 0, "label"))
}
