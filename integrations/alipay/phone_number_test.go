package alipay_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

func TestThePhoneNumberIsReadFromTheSealedAnswer(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	proof, err := r.PhonePayload(miniID, "wang")
	require.NoError(t, err)
	require.NotContains(t, proof, "13803790001")
	phone, err := m.PhoneNumber(t.Context(), proof)
	require.NoError(t, err)
	require.Equal(t, "13803790001", phone.Reveal())

	refused, err := r.SealPhone(miniID, map[string]string{"code": "40003", "msg": "Insufficient Conditions", "subCode": "isv.invalid-auth-relations"})
	require.NoError(t, err)
	_, err = m.PhoneNumber(t.Context(), refused)
	require.ErrorIs(t, err, models.ErrUnavailable)
	abroad, err := r.SealPhone(miniID, map[string]string{"code": "10000", "mobile": "+85291234567"})
	require.NoError(t, err)
	_, err = m.PhoneNumber(t.Context(), abroad)
	require.ErrorIs(t, err, models.ErrPhoneForm)
}

func TestAGarbagePhoneAnswerIsRefusedAndPanicsNowhere(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t)
	good, err := r.PhonePayload(miniID, "wang")
	require.NoError(t, err)
	var parts map[string]string
	require.NoError(t, json.Unmarshal([]byte(good), &parts))
	make := func(response, sign string) string {
		b, _ := json.Marshal(map[string]string{"response": response, "sign": sign})
		return string(b)
	}
	bad := []string{
		"", "null", "[]", "{}", `"x"`, "{", `{"response":"AAAA","sign":"xx"}`, `{"response":"AAAA","sign":"AA=="}`, `{"response":null,"sign":null}`,
		`{"response":"` + parts["response"] + `"}`, make("", parts["sign"]), make(parts["response"], ""), make(parts["response"], "AA=="), make(parts["response"], "%%"),
		make("AAAAAAAAAAAAAAAAAAAAAA==", parts["sign"]), make(strings.Repeat("A", 64), parts["sign"]), make(parts["response"][4:], parts["sign"]),
		`{"response":{"code":"10000","mobile":"13900000000"},"sign":"` + parts["sign"] + `"}`, strings.Repeat("A", 9000),
		// Another certificate named by the client must neither be used nor fetched; here it makes the proof no worse and no better.
		`{"response":"` + parts["response"][:len(parts["response"])-8] + `AAAAAAA=","sign":"` + parts["sign"] + `","alipay_cert_sn":"evil"}`,
	}
	for _, proof := range bad {
		_, err := m.PhoneNumber(t.Context(), proof)
		require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, proof)
		require.NotEmpty(t, err.Error())
	}
	require.Empty(t, r.log.String(), "a client's garbage is no alarm")
	withCert := strings.Replace(good, `{`, `{"alipay_cert_sn":"evil",`, 1)
	_, err = m.PhoneNumber(t.Context(), withCert)
	require.NoError(t, err, "only response and sign go on")
}

func TestAnAppWithoutContentKeyReadsNoPhone(t *testing.T) {
	t.Parallel()
	r := start(t)
	m := r.mini(t, func(_ *configs.Alipay, a *configs.AlipayApp) { a.ContentKey = configs.Secret{} })
	proof, _ := r.PhonePayload(miniID, "wang")
	_, err := m.PhoneNumber(t.Context(), proof)
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func FuzzPhoneNumber(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"response":"AAAA","sign":"xx"}`, `{"response":"AAAAAAAAAAAAAAAAAAAAAA==","sign":"AA=="}`, `{"response":null}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, proof string) {
		r := start(t)
		_, err := r.mini(t).PhoneNumber(t.Context(), proof)
		require.Error(t, err)
		require.NotEmpty(t, err.Error())
	})
}
