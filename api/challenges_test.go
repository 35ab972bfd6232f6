package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/citizen"
)

func TestAChallengeIsShownWithItsOtherWay(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	w := r.call(http.MethodPost, "/v1/challenges", `{"kind":"picture"}`, bearer(newToken)...)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	got := bodyOf(t, w)
	require.Equal(t, "data:image/png;base64,UE5H", got["picture"])
	require.Equal(t, "question", got["other"])
	require.Equal(t, "请填写图中的四个数字。", got["question"])
	require.InDelta(t, citizen.ChallengeTries, got["tries"], 0)
	w = r.call(http.MethodPost, "/v1/challenges", `{"kind":"question"}`, bearer(newToken)...)
	require.NotContains(t, bodyOf(t, w), "picture")

	requireProblem(t, r.call(http.MethodPost, "/v1/challenges", `{"kind":"slider"}`, bearer(newToken)...), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodPost, "/v1/challenges", `{}`, bearer(newToken)...), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodPost, "/v1/challenges", `{"kind":"picture"}`), 401, "LOGIN_REQUIRED")
	f.err = citizen.ErrChallengeLimit.After(time.Minute)
	w = r.call(http.MethodPost, "/v1/challenges", `{"kind":"picture"}`, bearer(newToken)...)
	requireProblem(t, w, 429, "CHALLENGE_LIMIT")
	require.Equal(t, "60", w.Header().Get("Retry-After"))
}

func TestAnAnswerTravelsWithTheRequestForACode(t *testing.T) {
	t.Parallel()
	r, f := newCitizenRig(t)
	f.err = citizen.ErrChallengeRequired.With("challenge", "/v1/challenges")
	w := r.call(http.MethodPost, "/v1/me/binding/codes", `{}`, bearer(newToken)...)
	requireProblem(t, w, 403, "CHALLENGE_REQUIRED")
	require.Equal(t, map[string]any{"challenge": "/v1/challenges"}, bodyOf(t, w)["facts"])
	f.err = nil
	const id = "0199aaaa-0000-7000-8000-000000000001"
	w = r.call(http.MethodPost, "/v1/me/binding/codes", `{"challenge_id":"`+id+`","challenge_answer":"三七二九"}`, bearer(newToken)...)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	require.Equal(t, citizen.ChallengeAnswer{ID: id, Answer: "三七二九"}, f.claim.Challenge)
	require.NotContains(t, r.log.String(), "三七二九")
	for _, path := range []string{"/v1/me/binding/codes", "/v1/me/phone"} {
		requireProblem(t, r.call(http.MethodPost, path, `{"challenge_id":"x","challenge_answer":"1"}`, bearer(newToken)...), 409, "CHALLENGE_OVER")
	}
}
