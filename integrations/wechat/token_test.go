package wechat_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/citizen"
)

const phonePath = "/wxa/business/getuserphonenumber"

func phoneOf(t *testing.T, r rig, m *wechat.MiniProgram, citizen string) {
	t.Helper()
	code, err := r.PhoneCode(miniID, citizen)
	require.NoError(t, err)
	phone, err := m.PhoneNumber(t.Context(), code)
	require.NoError(t, err)
	require.Equal(t, town[citizen].Phone, phone.Reveal())
}

func TestThePhoneNumberIsReadOncePerCode(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	code, _ := r.PhoneCode(miniID, "wang")
	phone, err := m.PhoneNumber(t.Context(), code)
	require.NoError(t, err)
	require.Equal(t, "13803790001", phone.Reveal())
	_, err = m.PhoneNumber(t.Context(), code)
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
	login, _ := r.LoginCode(miniID, "wang")
	_, err = m.PhoneNumber(t.Context(), login)
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, "a log-in code is not a phone code")
	_, err = m.PhoneNumber(t.Context(), "")
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid)
}

func TestReplicasShareOneTokenAndOutliveItTogether(t *testing.T) {
	t.Parallel()
	r := start(t)
	one, two := r.mini(t), r.mini(t)
	phoneOf(t, r, one, "wang")
	phoneOf(t, r, two, "li")
	require.Equal(t, 1, r.TokensMade(miniID))

	r.ExpireTokens(miniID) // 42001, while both still believe in it
	phoneOf(t, r, one, "wang")
	phoneOf(t, r, two, "li")
	require.Equal(t, 2, r.TokensMade(miniID))

	r.KillTokens(miniID) // 40001
	var both sync.WaitGroup
	for _, m := range []*wechat.MiniProgram{one, two} {
		both.Go(func() { phoneOf(t, r, m, "wang") })
	}
	both.Wait()
	require.Equal(t, 3, r.TokensMade(miniID), "however many find it dead, one new token is made")

	r.clock.Advance(2 * time.Hour)
	phoneOf(t, r, one, "wang")
	require.Equal(t, 4, r.TokensMade(miniID))
}

func TestATokenThatIsOfferedAgainAfterItsDeathIsForced(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	phoneOf(t, r, m, "wang")
	// The platform calls the token dead but would give the very same again.
	require.NoError(t, r.FailNext(phonePath, 1, fault.Failure{Mode: fault.Refuse, Code: "40014"}))
	phoneOf(t, r, m, "wang")
	require.Equal(t, 2, r.TokensMade(miniID))
}

func TestATokenIsRefreshedOnlyOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	require.NoError(t, r.FailNext(phonePath, 2, fault.Failure{Mode: fault.Refuse, Code: "42001"}))
	code, _ := r.PhoneCode(miniID, "wang")
	_, err := m.PhoneNumber(t.Context(), code)
	require.ErrorIs(t, err, models.ErrUnavailable)
	phone, err := m.PhoneNumber(t.Context(), code)
	require.NoError(t, err, "two tries were made and spent nothing")
	require.Equal(t, "13803790001", phone.Reveal())
}

func TestAPhoneOfAnotherAppOrFromAbroadIsNotTaken(t *testing.T) {
	t.Parallel()
	r := start(t)
	for body, want := range map[string]*models.Error{
		`{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"13803790001","purePhoneNumber":"13803790001","countryCode":"86","watermark":{"timestamp":1,"appid":"wxother"}}}`:       models.ErrUnavailable,
		`{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"+85291234567","purePhoneNumber":"91234567","countryCode":"852","watermark":{"timestamp":1,"appid":"` + miniID + `"}}}`: models.ErrPhoneForm,
		`{"errcode":0,"errmsg":"ok"}`: models.ErrUnavailable,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == phonePath {
				_, _ = w.Write([]byte(body))
				return
			}
			_, _ = w.Write([]byte(`{"access_token":"t","expires_in":100}`)) // shorter than our margin: used, not kept
		}))
		other := r
		other.url = srv.URL
		_, err := other.mini(t).PhoneNumber(t.Context(), "any")
		require.ErrorIs(t, err, want)
		srv.Close()
	}
}
