package alipay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/alipay"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/citizen"
)

func request(t *testing.T, r rig, id, who string) citizen.FaceRequest {
	t.Helper()
	name, err := models.ParseName(town[who].Name)
	require.NoError(t, err)
	number, err := models.ParseIDNumber(town[who].IDNumber, r.clock.Now())
	require.NoError(t, err)
	return citizen.FaceRequest{RequestID: id, OpenID: r.OpenID(miniID, who), Name: name, IDNumber: number}
}

func TestACertificationIsBelievedOnlyFromTheServersAnswer(t *testing.T) {
	t.Parallel()
	r := start(t)
	f, err := r.mini(t).FaceCheck("https://card.test/m/")
	require.NoError(t, err)
	require.Equal(t, models.AlipayMini, f.Platform())
	for i, c := range []struct {
		willing bool
		want    citizen.FaceResult
	}{{true, citizen.FacePassed}, {false, citizen.FaceFailed}} {
		req := request(t, r, strings.Repeat(string(rune('a'+i)), 32), "wang")
		ticket, err := f.Begin(t.Context(), req)
		require.NoError(t, err)
		require.NotEmpty(t, ticket.Ref)
		require.NotContains(t, ticket.URL, req.IDNumber.Reveal())
		result, err := f.Result(t.Context(), req, ticket.Ref)
		require.NoError(t, err)
		require.Equal(t, citizen.FacePending, result)

		res, err := http.Get(ticket.URL) // what the wallet opens: our signature lets it in
		require.NoError(t, err)
		page, _ := io.ReadAll(res.Body)
		require.NoError(t, res.Body.Close())
		require.Contains(t, string(page), ticket.Ref)

		require.NoError(t, r.Face("wang", c.willing))
		result, err = f.Result(t.Context(), req, ticket.Ref)
		require.NoError(t, err)
		require.Equal(t, c.want, result)
	}
	_, err = f.Result(t.Context(), citizen.FaceRequest{}, "no-such-check")
	require.ErrorIs(t, err, models.ErrUnavailable)
	_, err = f.Begin(t.Context(), request(t, r, "too-short", "wang"))
	require.ErrorIs(t, err, models.ErrUnavailable, "the platform refuses the number")
}

func TestALifeAccountCertifiesToo(t *testing.T) {
	t.Parallel()
	r := start(t)
	f, err := r.life(t).FaceCheck("https://card.test/m/")
	require.NoError(t, err)
	require.Equal(t, models.AlipayLife, f.Platform())
	_, err = f.Begin(t.Context(), request(t, r, strings.Repeat("0", 32), "li"))
	require.NoError(t, err)
	_, err = r.life(t).FaceCheck("nowhere")
	require.Error(t, err)
}

func TestPermitsAreNamedAndForeignersCardsTurnedAway(t *testing.T) {
	t.Parallel()
	r := start(t)
	f, err := r.mini(t).FaceCheck("https://card.test/m/")
	require.NoError(t, err)
	for id, want := range map[string]error{"810000199408230021": nil, "830000199201300022": nil, "911124198108030024": citizen.ErrCheckUnavailable, "ABC123456789012": citizen.ErrCheckUnavailable} {
		number, err := models.ParseIDNumber(id, r.clock.Now())
		require.NoError(t, err, id)
		req := request(t, r, strings.ToLower(id + strings.Repeat("0", 32))[:32], "wang")
		req.IDNumber = number
		_, err = f.Begin(t.Context(), req)
		require.ErrorIs(t, err, want, id)
	}
}

func TestAFaceCheckKnowsNoLoginRefusals(t *testing.T) {
	t.Parallel()
	r := start(t)
	f, err := r.mini(t).FaceCheck("https://card.test/m/")
	require.NoError(t, err)
	require.NoError(t, r.FailNext("", 1, fault.Failure{Mode: fault.Refuse, Code: "isv.code-invalid"}))
	_, err = f.Result(t.Context(), citizen.FaceRequest{}, "x")
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Equal(t, models.Unavailable, models.KindOf(err))
}

func TestCertificateModeBelievesOnlyTheCertificatesItWasGiven(t *testing.T) {
	t.Parallel()
	r := start(t)
	files := writeCerts(t, r.keys)
	var calls atomic.Int64
	serve := func(sn string) string {
		p := platform(t, r, sn)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { calls.Add(1); p.ServeHTTP(w, q) }))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	open := func(gateway string) *alipay.MiniProgram {
		cfg, app := r.settings(t, miniID, "mini")
		cfg.GatewayURL, app.PublicKey = gateway+"/gateway.do", ""
		app.AppCertPath, app.RootCertPath, app.AlipayCertPath = files.app, files.root, files.platform
		deps := r.deps()
		deps.KeysAllowed = false
		m, err := alipay.NewMiniProgram(cfg, app, deps)
		require.NoError(t, err)
		return m
	}
	_, err := open(serve(files.platformSN)).Exchange(t.Context(), "nonsense")
	require.ErrorIs(t, err, citizen.ErrLoginCodeInvalid, "a signed refusal, believed")
	ticket, err := faceOf(t, open(serve(files.platformSN))).Begin(t.Context(), request(t, r, strings.Repeat("1", 32), "wang"))
	require.NoError(t, err)
	require.NotEmpty(t, ticket.Ref)

	unknown := faceOf(t, open(serve(strings.Repeat("0", 32))))
	calls.Store(0)
	_, err = unknown.Begin(t.Context(), request(t, r, strings.Repeat("2", 32), "wang"))
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.EqualValues(t, 1, calls.Load(), "an unknown certificate is not fetched")
}

func TestCertificatesThatDoNotFitAreRefusedAtStart(t *testing.T) {
	t.Parallel()
	r := start(t)
	files := writeCerts(t, r.keys)
	for name, paths := range map[string][3]string{
		"another key's": {files.platform, files.root, files.platform}, "no root": {files.app, files.garbage, files.platform},
		"garbage": {files.garbage, files.root, files.platform}, "platform": {files.app, files.root, files.garbage}, "missing": {files.app, files.root, ""},
	} {
		cfg, app := r.settings(t, miniID, "mini")
		app.AppCertPath, app.RootCertPath, app.AlipayCertPath = paths[0], paths[1], paths[2]
		_, err := alipay.NewMiniProgram(cfg, app, r.deps())
		require.Error(t, err, name)
	}
}
