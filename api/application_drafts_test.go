package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

func TestR17_DraftOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	w := r.call("GET", "/v1/application-draft", "", bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"papers":[{"purpose":"photo"`)
	w = r.call("PATCH", "/v1/application-draft", `{"version":4,"uploads":{"photo":"","id_back":"b"}}`, bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"version":5`)
	require.Equal(t, card.DraftChange{Uploads: map[card.UploadPurpose]models.ID{"photo": "", "id_back": "b"}}, f.change, "what is not named is left as it is")
	require.Equal(t, http.StatusCreated, r.call("POST", "/v1/application-draft/submission", `{"version":5}`, bearer(citizenToken)...).Code)
	f.repeated = true
	require.Equal(t, http.StatusOK, r.call("POST", "/v1/application-draft/submission", `{"version":5}`, bearer(citizenToken)...).Code)
	f.err = card.ErrDraftChanged
	requireProblem(t, r.call("PATCH", "/v1/application-draft", `{"version":4}`, bearer(citizenToken)...), 409, "DRAFT_CHANGED")
	requireProblem(t, r.call("POST", "/v1/application-draft/submission", `{"version":4}`, bearer(citizenToken)...), 409, "DRAFT_CHANGED")
	for _, bad := range []string{`{}`, `{"version":-1}`, `{"version":1,"phone":"13800000000"}`, `{"version":"1"}`} {
		requireProblem(t, r.call("PATCH", "/v1/application-draft", bad, bearer(citizenToken)...), 422, "INVALID_INPUT")
	}
}
