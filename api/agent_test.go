package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

const callID = "0190a5b0-0000-7000-8000-0000000000c1"

// fakeHotline answers as set and remembers what it was asked.
type fakeHotline struct {
	AgentSessions
	in      hotline.LogInInput
	number  string
	verify  hotline.VerifyInput
	answer  hotline.Verification
	err     error
	refused []hotline.ForbiddenAct
	call    models.ID
}

func (f *fakeHotline) LogIn(_ context.Context, in hotline.LogInInput) (hotline.LoggedIn, error) {
	f.in = in
	name, _ := models.ParseName("坐席甲")
	return hotline.LoggedIn{
		Token: agentToken, IdleFor: 15 * time.Minute,
		Staff: hotline.Staff{ID: "staff-1", Login: in.Login, Name: name, Roles: []hotline.Role{hotline.RoleAgent}},
	}, f.err
}
func (f *fakeHotline) LogOut(context.Context, models.Actor) error { return f.err }
func (f *fakeHotline) OpenCall(_ context.Context, by models.Actor, number string) (hotline.Call, error) {
	f.number = number
	caller, err := hotline.ParseCallerNumber(number)
	return hotline.Call{ID: callID, StaffID: by.ID, Caller: caller, AskedFact: hotline.FactBank, Level: "none", Strength: "none"}, errors.Join(err, f.err)
}
func (f *fakeHotline) CurrentCall(context.Context, models.Actor) (hotline.Call, error) {
	return hotline.Call{}, models.ErrNotFound
}
func (f *fakeHotline) CloseCall(_ context.Context, _ models.Actor, id models.ID) (hotline.Call, error) {
	return hotline.Call{ID: id, Level: "none", Strength: "none", ClosedAt: time.Unix(1, 0)}, f.err
}
func (f *fakeHotline) Verify(_ context.Context, _ models.Actor, id models.ID, in hotline.VerifyInput) (hotline.Verification, error) {
	f.call, f.verify = id, in
	return f.answer, f.err
}
func (f *fakeHotline) AskCallBack(context.Context, models.Actor, models.ID, string) (hotline.CallBackAsked, error) {
	return hotline.CallBackAsked{}, hotline.ErrReasonRequired
}
func (f *fakeHotline) AskPhoneCode(context.Context, models.Actor, models.ID) (hotline.PhoneCheck, error) {
	return hotline.PhoneCheck{}, hotline.ErrNotByTelephone
}
func (f *fakeHotline) ConfirmCallBack(context.Context, models.Actor, models.ID, bool) (hotline.Call, error) {
	return hotline.Call{}, hotline.ErrCallBackNotAsked
}
func (f *fakeHotline) PersonOf(context.Context, models.Actor, models.ID) (hotline.PersonView, error) {
	name, _ := models.ParseName("王小明")
	id, _ := models.ParseIDNumber(plantedID, time.Date(2021, 12, 20, 0, 0, 0, 0, time.UTC))
	phone, _ := models.ParsePhone("13800001234")
	return hotline.PersonView{Person: hotline.Person{Name: name, IDNumber: id, Phone: phone}, Level: "basic", Strength: "basic_number_match"}, f.err
}
func (f *fakeHotline) ActorIn(_ context.Context, by models.Actor, id models.ID) (models.Actor, error) {
	by.CallID, by.Subject = id, "person-1"
	return by, f.err
}
func (f *fakeHotline) ProtectingActorIn(ctx context.Context, by models.Actor, id models.ID) (models.Actor, error) {
	return f.ActorIn(ctx, by, id)
}
func (f *fakeHotline) FullActorIn(ctx context.Context, by models.Actor, id models.ID) (models.Actor, error) {
	return f.ActorIn(ctx, by, id)
}
func (f *fakeHotline) Looking(ctx context.Context, by models.Actor, id models.ID, _ hotline.Sight, read func(context.Context, models.Actor) error) (hotline.PersonView, error) {
	view, err := f.PersonOf(ctx, by, id)
	if err != nil {
		return view, err
	}
	by.CallID, by.Subject = id, "person-1"
	return view, read(ctx, by)
}
func (f *fakeHotline) SendTask(_ context.Context, _ models.Actor, _ models.ID, act string) (hotline.TaskSent, error) {
	return hotline.TaskSent{Act: act}, f.err
}
func (f *fakeHotline) Contacts(context.Context, models.Actor, models.ID) ([]hotline.Contact, error) {
	return nil, f.err
}
func (f *fakeHotline) Unmask(context.Context, models.Actor, models.ID, string, string) (hotline.Unmasked, error) {
	return hotline.Unmasked{}, hotline.ErrReasonRequired
}
func (f *fakeHotline) NoteCall(_ context.Context, _ models.Actor, _ models.ID, text string, result hotline.CallResult) (hotline.CallNote, error) {
	return hotline.CallNote{Text: text, Result: result}, f.err
}
func (f *fakeHotline) NoteOf(context.Context, models.Actor, models.ID) (hotline.CallNote, error) {
	return hotline.CallNote{}, f.err
}
func (f *fakeHotline) Refuse(_ context.Context, _ models.Actor, _ models.ID, act hotline.ForbiddenAct) error {
	f.refused = append(f.refused, act)
	if act == hotline.ForbidFinancialLoss {
		return hotline.ErrBankInPersonOnly.With("say", "…")
	}
	return hotline.ErrReleaseByPhone.With("say", hotline.ErrReleaseByPhone.Message)
}

// fakeCards is the card capability as far as the hotline's routes call it.
type fakeCards struct {
	Cards
	by  models.Actor
	in  card.ReportLossInput
	res card.LossResult
}

func (f *fakeCards) LossDecided(context.Context, models.Actor) (card.LossResult, bool, error) {
	return card.LossResult{}, false, nil
}

func (f *fakeCards) ReportLoss(_ context.Context, by models.Actor, in card.ReportLossInput) (card.LossResult, error) {
	f.by, f.in = by, in
	return f.res, nil
}

func (f *fakeCards) StatementFor(context.Context, card.LossReport) (card.Statement, error) {
	return card.Statement{Text: "社保账户已挂失", NotAffected: []string{"financial"}}, nil
}

func newAgentRig(t *testing.T) (*rig, *fakeHotline, *fakeCards) {
	t.Helper()
	h, c := &fakeHotline{}, &fakeCards{}
	r := newRig(t, func(d *Deps) { d.AgentSessions, d.Calls, d.Cards = h, h, homeCards{c} })
	return r, h, c
}

// homeCards lists one live card and passes the rest on.
type homeCards struct{ *fakeCards }

func (homeCards) Cards(context.Context, models.Actor) (card.Home, error) {
	return card.Home{Cards: []card.View{{
		Card:  card.Card{ID: "card-1", NumberMask: "A*****788", BankCode: "lyb", Social: card.SocialNormal},
		Tiles: []card.Tile{{Account: "social", State: "normal", Label: "正常"}, {Account: "financial", State: "active"}},
	}}}, nil
}

func post(r *rig, path, body string) *httptest.ResponseRecorder {
	return r.call(http.MethodPost, "/agent/v1/calls/"+callID+path, body, bearer(agentToken)...)
}

func TestR56_AgentLogInTakesBothFactorsInOneRequest(t *testing.T) {
	t.Parallel()
	r, h, _ := newAgentRig(t)
	w := r.call(http.MethodPost, "/agent/v1/sessions", `{"login":"demo","password":"Secret-123","code":"123456"}`)
	require.Equal(t, 201, w.Code, w.Body.String())
	require.Equal(t, hotline.LogInInput{Login: "demo", Password: "Secret-123", Code: "123456"}, h.in)
	require.Contains(t, w.Body.String(), agentToken)
	require.Empty(t, w.Header().Values("Set-Cookie"))
	require.Contains(t, w.Body.String(), `"坐*甲"`)

	w = r.call(http.MethodPost, "/agent/v1/sessions", `{"login":"demo","password":"Secret-123","code":"123456","cookie":true}`)
	require.Equal(t, 201, w.Code)
	require.NotContains(t, w.Body.String(), agentToken)
	require.Contains(t, w.Header().Get("Set-Cookie"), "SameSite=Strict")
	require.Contains(t, w.Header().Get("Set-Cookie"), "HttpOnly")

	h.err = hotline.ErrLogInRefused
	requireProblem(t, r.call(http.MethodPost, "/agent/v1/sessions", `{"login":"demo","password":"Secret-123"}`), 401, "LOGIN_FAILED")
	h.err = hotline.ErrAccountLocked.After(30 * time.Minute)
	w = r.call(http.MethodPost, "/agent/v1/sessions", `{"login":"demo","password":"x"}`)
	requireProblem(t, w, 423, "ACCOUNT_LOCKED")
	require.Equal(t, "1800", w.Header().Get("Retry-After"))
	require.NotContains(t, r.log.String(), "Secret-123")
}

func TestAgentTokensOfBothForms(t *testing.T) {
	t.Parallel()
	require.True(t, tokenForm("oa1."+citizenToken[4:]))
	require.False(t, tokenForm("ob1."+citizenToken[4:]))
	require.False(t, tokenForm("oa1.."+citizenToken[4:]))
}

func TestAgentCallAnswersMasked(t *testing.T) {
	t.Parallel()
	r, h, _ := newAgentRig(t)
	w := r.call(http.MethodPost, "/agent/v1/calls", `{"caller_number":"13800001234"}`, bearer(agentToken)...)
	require.Equal(t, 201, w.Code, w.Body.String())
	require.Equal(t, "13800001234", h.number)
	require.Contains(t, w.Body.String(), `"caller_number":"138****1234"`)
	require.Contains(t, w.Body.String(), `["card_last4","last_application_month","bank"]`)
	requireProblem(t, r.call(http.MethodGet, "/agent/v1/calls/current", "", bearer(agentToken)...), 404, "NOT_FOUND")
	require.Equal(t, 200, post(r, "/close", "").Code)
	h.err = hotline.ErrCallOpen
	requireProblem(t, r.call(http.MethodPost, "/agent/v1/calls", `{}`, bearer(agentToken)...), 409, "CALL_ALREADY_OPEN")
}

func TestR58_VerificationAnswersMatchOnly(t *testing.T) {
	t.Parallel()
	r, h, _ := newAgentRig(t)
	h.answer = hotline.Verification{Level: "none", Strength: "none", Failures: 1, Asked: []string{"name"}, PersonID: "person-1"}
	w := post(r, "/verification", `{"name":"王小明","id_last6":"010015"}`)
	require.Equal(t, 200, w.Code, w.Body.String())
	require.JSONEq(t, `{"result":"no_match","level":"none","strength":"none","may_report_loss":false,"look_ups_locked":false,"tries_left":2,"by_hand":false}`,
		w.Body.String())
	require.EqualValues(t, callID, h.call)
	require.Equal(t, hotline.VerifyInput{Name: "王小明", IDLast6: "010015"}, h.verify)
	h.err = hotline.ErrPhoneLocked.After(time.Hour)
	requireProblem(t, post(r, "/verification", `{"name":"王小明","id_last6":"010015"}`), 423, "PHONE_LOCKED")
	h.err = hotline.ErrNoActiveCall
	requireProblem(t, post(r, "/verification", `{"name":"王小明","id_last6":"010015"}`), 403, "NO_ACTIVE_CALL")
}

func TestR54_PersonOfCallIsMasked(t *testing.T) {
	t.Parallel()
	r, h, _ := newAgentRig(t)
	get := func() *httptest.ResponseRecorder {
		return r.call(http.MethodGet, "/agent/v1/calls/"+callID+"/person", "", bearer(agentToken)...)
	}
	w := get()
	require.Equal(t, 200, w.Code, w.Body.String())
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	require.Equal(t, "410***********0015", body["id_number"])
	require.Equal(t, "138****1234", body["phone"])
	require.Equal(t, "王*明", body["name"])
	require.NotContains(t, w.Body.String(), "788", "the card's number is a question of R58")
	require.NotContains(t, w.Body.String(), "lyb")
	requireProblem(t, post(r, "/call-back", `{}`), 422, "REASON_REQUIRED")
	requireProblem(t, post(r, "/call-back/confirmation", `{"answered":true}`), 409, "CALL_BACK_NOT_ASKED")
	h.err = hotline.ErrNoActiveCall
	requireProblem(t, get(), 403, "NO_ACTIVE_CALL")
	h.err = models.ErrNotFound
	requireProblem(t, get(), 404, "NOT_FOUND")
}

func TestR33_LossByPhoneIsTheCitizensUseCase(t *testing.T) {
	t.Parallel()
	r, h, c := newAgentRig(t)
	c.res = card.LossResult{Report: card.LossReport{ID: "loss-1", State: card.LossEffective, Source: "phone"}}
	w := post(r, "/loss-reports", `{}`)
	require.Equal(t, 201, w.Code, w.Body.String())
	require.Equal(t, models.AgentActor, c.by.Kind)
	require.EqualValues(t, callID, c.by.CallID)
	require.EqualValues(t, "person-1", c.by.Subject)
	require.EqualValues(t, "card-1", c.in.CardID)
	require.Contains(t, w.Body.String(), `"next":[]`)
	require.Contains(t, w.Body.String(), "社保账户已挂失")
	c.res = card.LossResult{Repeated: true, Report: card.LossReport{ID: "loss-1", State: card.LossEffective, Source: "wechat_mini", ReportedAt: time.Unix(1, 0)}}
	w = post(r, "/loss-reports", `{"card_id":"card-9","account":"social"}`)
	require.Equal(t, 200, w.Code)
	require.EqualValues(t, "card-9", c.in.CardID)
	require.Contains(t, w.Body.String(), `"source":"wechat_mini"`)
	h.err = hotline.ErrVerificationRequired
	requireProblem(t, post(r, "/loss-reports", `{}`), 403, "VERIFICATION_REQUIRED")
}

func TestR36_ForbiddenActsByPhoneAlwaysAnswer403(t *testing.T) {
	t.Parallel()
	r, h, _ := newAgentRig(t)
	for _, body := range []string{"", "{}", `{"card_id":"x","anything":[1]}`, "not json"} {
		p := requireProblem(t, post(r, "/releases", body), 403, "ACTION_NOT_ON_CHANNEL")
		require.Equal(t, hotline.ErrReleaseByPhone.Message, p.Facts["say"])
		requireProblem(t, post(r, "/activations", body), 403, "ACTION_NOT_ON_CHANNEL")
		requireProblem(t, post(r, "/replacements", body), 403, "ACTION_NOT_ON_CHANNEL")
		requireProblem(t, post(r, "/financial-losses", body), 403, "BANK_IN_PERSON_ONLY")
	}
	require.Len(t, h.refused, 16)
	requireProblem(t, r.call(http.MethodPost, "/agent/v1/calls/"+callID+"/releases", ""), 401, "LOGIN_REQUIRED")
}
