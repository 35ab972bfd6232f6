package wechat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/citizen"
)

func request(t *testing.T, r rig, id, app, who string) citizen.FaceRequest {
	t.Helper()
	name, err := models.ParseName(town[who].Name)
	require.NoError(t, err)
	number, err := models.ParseIDNumber(town[who].IDNumber, r.clock.Now())
	require.NoError(t, err)
	return citizen.FaceRequest{RequestID: id, OpenID: r.OpenID(miniID, app), Name: name, IDNumber: number}
}

func TestAFaceCheckIsBelievedOnlyFromTheServersAnswer(t *testing.T) {
	t.Parallel()
	r := start(t)
	f := r.mini(t).FaceCheck()
	require.Equal(t, models.WechatMini, f.Platform())
	req := request(t, r, "0123456789abcdef0123456789abcdef", "wang", "wang")
	ticket, err := f.Begin(t.Context(), req)
	require.NoError(t, err)
	require.NotEmpty(t, ticket.Ref)
	require.Equal(t, r.clock.Now().Add(time.Hour), ticket.ExpiresAt)
	result, err := f.Result(t.Context(), req, ticket.Ref)
	require.NoError(t, err)
	require.Equal(t, citizen.FacePending, result)
	require.NoError(t, r.Face("wang", true))
	r.ExpireTokens(miniID)
	result, err = f.Result(t.Context(), req, ticket.Ref)
	require.NoError(t, err)
	require.Equal(t, citizen.FacePassed, result)

	// The same reference for another identity, account or request is an error, never a pass.
	for _, other := range []citizen.FaceRequest{request(t, r, req.RequestID, "wang", "li"), request(t, r, req.RequestID, "li", "wang"), request(t, r, "fedcba9876543210fedcba9876543210", "wang", "wang")} {
		result, err = f.Result(t.Context(), other, ticket.Ref)
		require.ErrorIs(t, err, models.ErrUnavailable)
		require.Empty(t, result)
	}
	_, err = f.Result(t.Context(), req, "no-such-check")
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestAnotherFaceDoesNotPass(t *testing.T) {
	t.Parallel()
	r := start(t)
	f := r.mini(t).FaceCheck()
	req := request(t, r, "0123456789abcdef0123456789abcdef", "li", "wang") // Wang's identity on Li's phone
	ticket, err := f.Begin(t.Context(), req)
	require.NoError(t, err)
	require.NoError(t, r.Face("li", true))
	result, err := f.Result(t.Context(), req, ticket.Ref)
	require.NoError(t, err)
	require.Equal(t, citizen.FaceFailed, result)
}

func TestR67_TheHolderPassesOnAnyonesPhone(t *testing.T) {
	t.Parallel()
	r := start(t)
	f := r.mini(t).FaceCheck()
	req := request(t, r, "0123456789abcdef0123456789abcdef", "li", "wang")
	ticket, err := f.Begin(t.Context(), req)
	require.NoError(t, err)
	require.NoError(t, r.Face("wang", true))
	result, err := f.Result(t.Context(), req, ticket.Ref)
	require.NoError(t, err)
	require.Equal(t, citizen.FacePassed, result)
}

func TestTheFaceCheckIsForMainlandCardsOnly(t *testing.T) {
	t.Parallel()
	r := start(t)
	f := r.mini(t).FaceCheck()
	for _, id := range []string{"810000199408230021", "830000199201300022", "911124198108030024", "ABC123456789012"} {
		number, err := models.ParseIDNumber(id, r.clock.Now())
		require.NoError(t, err, id)
		req := request(t, r, "0123456789abcdef0123456789abcdef", "wang", "wang")
		req.IDNumber = number
		_, err = f.Begin(t.Context(), req)
		require.ErrorIs(t, err, citizen.ErrCheckUnavailable, id)
	}
}

func TestAFaceCheckKnowsNoLoginRefusals(t *testing.T) {
	t.Parallel()
	r := start(t)
	f := r.mini(t).FaceCheck()
	req := request(t, r, "0123456789abcdef0123456789abcdef", "wang", "wang")
	require.NoError(t, r.FailNext("/cityservice/face/identify/getverifyid", 1, fault.Failure{Mode: fault.Refuse, Code: "40029"}))
	_, err := f.Begin(t.Context(), req)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Equal(t, models.Unavailable, models.KindOf(err))
	require.NoError(t, r.FailNext("/cityservice/face/identify/queryverifyinfo", 1, fault.Failure{Mode: fault.Garbage}))
	_, err = f.Result(t.Context(), req, "x")
	require.ErrorIs(t, err, models.ErrUnavailable)
}
