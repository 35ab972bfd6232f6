package scenario

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// browser is one browser on its way over the bureau's sign-on: what it keeps, and what came back.
type browser struct{ cookie, code, state string }

// signsOn sends a browser to the sign-on's page, where somebody of that subject signs on.
func signsOn(t *testing.T, r *boottest.Rig, subject, secondFactor string) browser {
	t.Helper()
	begun := r.Nobody().Post("/agent/v1/sign-ons", nil).Is(http.StatusCreated)
	set := begun.Header.Get("Set-Cookie")
	require.Contains(t, set, "HttpOnly")
	require.Contains(t, set, "SameSite=Strict")
	b := browser{cookie: strings.Split(set, ";")[0]}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, begun.Text("url"),
		strings.NewReader(url.Values{"subject": {subject}, "second_factor": {secondFactor}}.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	back, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "/console/sign-on", back.Path)
	b.code, b.state = back.Query().Get("code"), back.Query().Get("state")
	return b
}

func (b browser) finishes(r *boottest.Rig) boottest.Reply {
	return r.Nobody().Post("/agent/v1/sign-ons/completion", map[string]any{"code": b.code, "state": b.state}, "Cookie", b.cookie)
}

func TestR56_StaffComeInByTheBureausSignOn(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	admin, _ := r.Staff("admin-one", "administrator")
	added := admin.Post("/agent/v1/staff", map[string]any{"login": "zhang.hua", "name": "张华", "roles": []string{"agent"}}).Is(http.StatusCreated)
	path := "/agent/v1/staff/" + added.Text("staff", "staff_id")

	signsOn(t, r, "7f3a", "yes").finishes(r).Refused(http.StatusForbidden, "SIGN_ON_NOT_LINKED")
	admin.Post(path+"/sign-on", map[string]any{"subject": "7f3a"}).Is(http.StatusOK)
	signsOn(t, r, "7f3a", "").finishes(r).Refused(http.StatusForbidden, "SIGN_ON_SECOND_FACTOR")
	signsOn(t, r, "somebody@example.gov.cn", "yes").finishes(r).Refused(http.StatusForbidden, "SIGN_ON_NOT_LINKED")

	b := signsOn(t, r, "7f3a", "yes")
	stranger := signsOn(t, r, "9c2e", "yes")
	browser{stranger.cookie, b.code, stranger.state}.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_REFUSED") // a stolen code: the verifier is another's
	b = signsOn(t, r, "7f3a", "yes")
	browser{b.cookie, b.code, "forged-state"}.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_INVALID")
	browser{"oc-console-pre=", b.code, b.state}.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_INVALID")
	browser{stranger.cookie, b.code, b.state}.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_INVALID")
	in := b.finishes(r).Is(http.StatusCreated)
	b.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_REFUSED")
	agent := r.Nobody()
	agent.Token = in.Text("token")
	require.Equal(t, "zhang.hua", agent.Get("/agent/v1/sessions/current").Is(http.StatusOK).Text("staff", "login"))

	for _, bad := range []string{"nonce", "audience", "key", "unsigned"} {
		b := signsOn(t, r, "7f3a", "yes")
		r.Happens("sign_on_token", "", map[string]any{"bad": bad})
		b.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_REFUSED")
	}
	late := signsOn(t, r, "7f3a", "yes")
	again := signsOn(t, r, "7f3a", "yes").finishes(r).Is(http.StatusCreated)
	agent.Get("/agent/v1/sessions/current").Refused(http.StatusUnauthorized, "SESSION_REPLACED")
	agent.Token = again.Text("token")
	r.Later(11 * time.Minute)
	late.finishes(r).Refused(http.StatusUnauthorized, "SIGN_ON_INVALID")
	r.Later(5 * time.Minute)
	agent.Get("/agent/v1/sessions/current").Refused(http.StatusUnauthorized, "SESSION_IDLE")
	closed := signsOn(t, r, "7f3a", "yes")
	admin, _ = r.Staff("admin-two", "administrator")
	admin.Post(path+"/disable", nil).Is(http.StatusNoContent)
	closed.finishes(r).Refused(http.StatusForbidden, "SIGN_ON_NOT_LINKED")

	codes := map[string]int{}
	for _, d := range r.Decisions("hotline.session.refused") {
		require.Equal(t, "sign_on", d.Note("at"))
		codes[d.Note("code")]++
	}
	require.Equal(t, map[string]int{"SIGN_ON_NOT_LINKED": 3, "SIGN_ON_SECOND_FACTOR": 1, "SIGN_ON_INVALID": 4, "SIGN_ON_REFUSED": 6}, codes)
}

func TestASignOnThatIsOutLeavesTheOtherDoorOpen(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Fault("sign_on", "down", nil)
	r.Nobody().Post("/agent/v1/sign-ons", nil).Refused(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	r.Agent().Get("/agent/v1/sessions/current").Is(http.StatusOK)
}
