package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

// fakeCitizens answers what a test sets; calling anything else is a mistake of the test and panics.
type fakeCitizens struct {
	Citizens
	opened   citizen.LoggedIn
	raised   citizen.Raised
	err      error
	claim    citizen.Claim
	finished citizen.FinishAuthorizationInput
	me       citizen.Me
}

func (f *fakeCitizens) LogIn(context.Context, citizen.LogInInput) (citizen.LoggedIn, error) {
	return f.opened, f.err
}

func (f *fakeCitizens) BeginAuthorization(context.Context, models.Channel, string) (citizen.AuthorizationBegun, error) {
	return citizen.AuthorizationBegun{URL: "https://platform.test/?state=S", State: "S", Cookie: "C"}, f.err
}

func (f *fakeCitizens) FinishAuthorization(_ context.Context, in citizen.FinishAuthorizationInput) (citizen.LoggedIn, error) {
	f.finished = in
	return f.opened, f.err
}

func (f *fakeCitizens) RequestBindingCode(_ context.Context, _ models.Actor, in citizen.Claim) (citizen.CodeSent, error) {
	f.claim = in
	return citizen.CodeSent{ExpiresAt: at0, RetryAfter: time.Minute}, f.err
}

func (f *fakeCitizens) MakeChallenge(_ context.Context, _ models.Actor, kind citizen.ChallengeKind) (citizen.ChallengeShown, error) {
	c := citizen.ChallengeShown{ID: "0199aaaa-0000-7000-8000-000000000001", Kind: kind, Other: citizen.ChallengeQuestion, Question: "请填写图中的四个数字。", ExpiresAt: at0}
	if kind == citizen.ChallengePicture {
		c.Picture = []byte("PNG")
	}
	return c, f.err
}

func (f *fakeCitizens) ConfirmBinding(context.Context, models.Actor, string) (citizen.Raised, error) {
	return f.raised, f.err
}
func (f *fakeCitizens) ShowMe(context.Context, models.Actor) (citizen.Me, error) { return f.me, f.err }
func (f *fakeCitizens) RevealMe(context.Context, models.Actor) (citizen.Me, error) {
	return f.me, f.err
}
func (f *fakeCitizens) LogOut(context.Context, models.Actor) error { return f.err }
func (f *fakeCitizens) Unbind(context.Context, models.Actor) error { return f.err }
func (f *fakeCitizens) Bindings(context.Context, models.Actor) ([]citizen.Account, error) {
	return nil, f.err
}
func (f *fakeCitizens) UnbindOther(context.Context, models.Actor, models.ID) error { return f.err }

var at0 = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

const freshToken = citizen.Token("oc1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ddddddddddddddddddddddddddddddddddddddddddd")

func newCitizenRig(t *testing.T) (*rig, *fakeCitizens) {
	t.Helper()
	session := citizen.Session{ID: models.NewID(), Channel: models.WechatMini, Level: models.LevelPhone, ExpiresAt: at0.Add(time.Hour)}
	f := &fakeCitizens{
		opened: citizen.LoggedIn{Token: freshToken, Session: session}, raised: citizen.Raised{Token: freshToken, Session: session},
	}
	return newRig(t, func(d *Deps) { d.Citizens = f }), f
}

func cookie(token string) []string {
	return []string{"Cookie", "oc=" + token, "Sec-Fetch-Site", "same-origin"}
}

func bodyOf(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out), w.Body.String())
	return out
}

func TestAMiniProgramGetsItsTokenInTheBody(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	w := r.call(http.MethodPost, "/v1/sessions", `{"platform":"wechat_mini","code":"x","device":"d"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Equal(t, freshToken.Reveal(), bodyOf(t, w)["token"])
	require.Empty(t, w.Result().Cookies())
	f.err = citizen.ErrLoginCodeInvalid
	requireProblem(t, r.call(http.MethodPost, "/v1/sessions", `{"platform":"wechat_mini","code":"used"}`), 401, "LOGIN_CODE_INVALID")
	require.NotContains(t, r.log.String(), freshToken.Reveal())
}

func TestABrowserGetsItsTokenOnlyAsACookieScriptsCannotRead(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	w := r.call(http.MethodPost, "/v1/authorizations", `{"platform":"wechat_oa"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Equal(t, "S", bodyOf(t, w)["state"])
	pre := w.Result().Cookies()[0]
	require.Equal(t, "oc-pre", pre.Name)
	require.True(t, pre.HttpOnly)
	require.Equal(t, 600, pre.MaxAge)

	w = r.call(http.MethodGet, "/v1/authorizations/wechat_oa/return?code=CODE&state=S&extra=1", "", "Cookie", "oc-pre=C")
	require.Equal(t, http.StatusSeeOther, w.Code, w.Body.String())
	require.Equal(t, "/m/", w.Header().Get("Location"), "a clean address")
	require.Equal(t, citizen.FinishAuthorizationInput{
		Platforms: []models.Channel{models.WechatOA}, State: "S", Cookie: "C", Code: "CODE",
	}, f.finished)
	set := map[string]*http.Cookie{}
	for _, c := range w.Result().Cookies() {
		set[c.Name] = c
	}
	require.Equal(t, freshToken.Reveal(), set["oc"].Value)
	require.True(t, set["oc"].HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, set["oc"].SameSite)
	require.Negative(t, set["oc-pre"].MaxAge)
	require.NotContains(t, w.Body.String(), freshToken.Reveal())
	require.NotContains(t, r.log.String(), "CODE")

	w = r.call(http.MethodGet, "/v1/authorizations/alipay_life/return?app_id=1&scope=auth_base&auth_code=AC&state=S", "", "Cookie", "oc-pre=C")
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "AC", f.finished.Code)
}

func TestARefusedOrReplayedAuthorizationSetsNoSession(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	f.err = citizen.ErrAuthorizationInvalid
	w := r.call(http.MethodGet, "/v1/authorizations/wechat_oa/return?code=C&state=S", "", "Cookie", "oc-pre=C")
	requireProblem(t, w, 401, "AUTHORIZATION_INVALID")
	require.NotContains(t, strings.Join(w.Header().Values("Set-Cookie"), " "), "oc=")
	f.err = citizen.ErrAuthorizationDeclined
	w = r.call(http.MethodGet, "/v1/authorizations/wechat_oa/return?state=S", "", "Cookie", "oc-pre=C")
	require.Equal(t, http.StatusSeeOther, w.Code, "who said no goes home")
	require.NotContains(t, strings.Join(w.Header().Values("Set-Cookie"), " "), "oc=")
	r.call(http.MethodGet, "/v1/authorizations/wechat_oa/return?state=S", "", "Cookie", "oc-pre=A; oc-pre=B")
	require.Empty(t, f.finished.Cookie, "two cookies of one name are none")
}

func TestARaisedSessionsTokenReturnsTheWayTheOldOneCame(t *testing.T) {
	t.Parallel()
	r, _ := newCitizenRig(t)
	w := r.call(http.MethodPost, "/v1/me/binding", `{"code":"123456"}`, bearer(newToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, freshToken.Reveal(), bodyOf(t, w)["token"])
	require.Empty(t, w.Result().Cookies())

	w = r.call(http.MethodPost, "/v1/me/binding", `{"code":"123456"}`, cookie(newToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NotContains(t, w.Body.String(), "oc1.")
	require.Equal(t, freshToken.Reveal(), w.Result().Cookies()[0].Value)
}

func TestR52_TheEdgeAnswersAWrongClaimByItsCode(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	body := `{"name":"王建国","id_number":"410303198001010015","phone":"13800000001"}`
	w := r.call(http.MethodPost, "/v1/me/binding/codes", body, bearer(newToken)...)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	require.InDelta(t, 60, bodyOf(t, w)["retry_after"], 0)
	require.Equal(t, citizen.Claim{Name: "王建国", IDNumber: "410303198001010015", Phone: "13800000001"}, f.claim)

	f.err = citizen.ErrIdentityNotMatched
	requireProblem(t, r.call(http.MethodPost, "/v1/me/binding/codes", body, bearer(newToken)...), 422, "IDENTITY_NOT_MATCHED")
	f.err = citizen.ErrAlreadyBound
	requireProblem(t, r.call(http.MethodPost, "/v1/me/binding/codes", body, bearer(newToken)...), 409, "ALREADY_BOUND")
	f.err = citizen.ErrBindTriesUsedUp.After(90 * time.Second)
	w = r.call(http.MethodPost, "/v1/me/binding/codes", body, bearer(newToken)...)
	requireProblem(t, w, 429, "BIND_TRIES_USED_UP")
	require.Equal(t, "90", w.Header().Get("Retry-After"))
	f.err = citizen.ErrCodeInvalid
	requireProblem(t, r.call(http.MethodPost, "/v1/me/binding", `{"code":"1"}`, bearer(newToken)...), 401, "CODE_INVALID")
	f.err = citizen.ErrConsentRequired.With("purpose", "face")
	requireProblem(t, r.call(http.MethodPost, "/v1/me/binding/codes", body, bearer(newToken)...), 403, "CONSENT_REQUIRED")
	require.NotContains(t, r.log.String(), "13800000001")
	require.NotContains(t, r.log.String(), "410303198001010015")
}

func TestR54_OneselfIsMaskedUnlessRevealed(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	id, err := models.ParseIDNumber("410303198001010015", at0)
	require.NoError(t, err)
	phone, err := models.ParsePhone("13800001234")
	require.NoError(t, err)
	f.me = citizen.Me{Level: models.LevelFresh, Person: citizen.Person{
		ID: models.NewID(), PersonFact: citizen.PersonFact{Name: name, IDNumber: id, Phone: phone},
	}}
	got := bodyOf(t, r.call(http.MethodGet, "/v1/me", "", bearer(citizenToken)...))
	require.Equal(t, "王*国", got["name"])
	require.Equal(t, "410***********0015", got["id_number"])
	require.Equal(t, "138****1234", got["phone"])
	got = bodyOf(t, r.call(http.MethodPost, "/v1/me/reveal", "", bearer(citizenToken)...))
	require.Equal(t, "410303198001010015", got["id_number"])
}

func TestR2_NoFieldOfOneselfTakesABankAccount(t *testing.T) {
	t.Parallel()
	r, _ := newCitizenRig(t)
	w := r.call(http.MethodPut, "/v1/me", `{"bank_account":"6222000000000000000"}`, bearer(citizenToken)...)
	requireProblem(t, w, 422, "PAYEE_ACCOUNT_NOT_EDITABLE")
}

func TestLoggingOutAndUnbindingTakeTheCookieAway(t *testing.T) {
	t.Parallel()
	r, _ := newCitizenRig(t)
	for _, path := range []string{"/v1/sessions/current", "/v1/me/binding"} {
		w := r.call(http.MethodDelete, path, "", cookie(citizenToken)...)
		require.Equal(t, http.StatusNoContent, w.Code, w.Body.String())
		require.Negative(t, w.Result().Cookies()[0].MaxAge)
		w = r.call(http.MethodDelete, path, "", bearer(citizenToken)...)
		require.Equal(t, http.StatusNoContent, w.Code)
		require.Empty(t, w.Result().Cookies())
		requireProblem(t, r.call(http.MethodDelete, path, "", "Cookie", "oc="+citizenToken, "Sec-Fetch-Site", "cross-site"), 403, "CROSS_ORIGIN_REFUSED")
	}
	requireProblem(t, r.call(http.MethodDelete, "/v1/sessions/not-an-id", "", bearer(citizenToken)...), 404, "NOT_FOUND")
}
