package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestOnlyNamedErrorsReachTheCitizen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"named":           {models.ErrConflict, 409, "CONFLICT"},
		"named, wrapped":  {fmt.Errorf("card: %w", models.ErrNotFound), 404, "NOT_FOUND"},
		"with a cause":    {models.ErrUnavailable.Because(errors.New("dial tcp")), 503, "SERVICE_UNAVAILABLE"},
		"unknown":         {errors.New("pq: password"), 500, "INTERNAL"},
		"named internal":  {models.NewError(models.Internal, "SECRET_STATE", "x"), 500, "INTERNAL"},
		"too slow":        {fmt.Errorf("read: %w", context.DeadlineExceeded), 503, "SERVICE_UNAVAILABLE"},
		"caller left":     {context.Canceled, 503, "SERVICE_UNAVAILABLE"},
		"of the edge":     {errMethodNotAllowed, 405, "METHOD_NOT_ALLOWED"},
		"edge, a cause":   {errMalformedBody.because(errors.New("x")), 400, "MALFORMED_BODY"},
		"key reused":      {models.ErrKeyReused, 422, "IDEMPOTENCY_KEY_REUSED"},
		"in progress":     {models.ErrInProgress, 409, "REQUEST_IN_PROGRESS"},
		"outcome unknown": {models.ErrOutcomeUnknown, 503, "OUTCOME_UNKNOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := problemOf(c.err)
			require.Equal(t, c.status, p.Status)
			require.Equal(t, c.code, p.Code)
			require.NotContains(t, p.Detail, "dial")
			require.NotContains(t, p.Detail, "pq")
		})
	}
}

func TestAnUnknownErrorIsABare500LoggedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	w := r.call("GET", "/agent/v1/samples/unknown", "", bearer(agentToken)...)
	p := requireProblem(t, w, 500, "INTERNAL")
	require.NotContains(t, w.Body.String(), "refused")
	require.Equal(t, 1, strings.Count(r.log.String(), "connection refused"))
	require.Contains(t, r.log.String(), p.RequestID)
}

func TestAPanicIsA500WithoutWhatWasThrown(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	w := r.call("GET", "/agent/v1/samples/panic", "", bearer(agentToken)...)
	requireProblem(t, w, 500, "INTERNAL")
	require.NotContains(t, r.log.String(), plantedID)
	require.Contains(t, r.log.String(), "sample_test.go", "the place is logged")
}

func TestRefusalsCarryFactsAndWhenToComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	p := requireProblem(t, r.call("GET", "/agent/v1/samples/facts", "", bearer(agentToken)...), 403, "BANK_IN_PERSON_ONLY")
	require.Equal(t, map[string]string{"bank_name": "洛阳银行"}, p.Facts)
	require.Equal(t, "urn:onecard:problem:BANK_IN_PERSON_ONLY", p.Type)
	require.Equal(t, "Forbidden", p.Title)

	w := r.call("GET", "/agent/v1/samples/wait", "", bearer(agentToken)...)
	requireProblem(t, w, 503, "SERVICE_UNAVAILABLE")
	require.Equal(t, "2", w.Header().Get("Retry-After"), "1.5 s, rounded up")
}

func TestEveryBadFieldIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	body := `{"Kind":"a","count":1000,"phone":"410303198001010015","tags":["a","b","c"],"nested":{"deep":"410303198001010015"}}`
	w := r.call("POST", "/v1/samples/1/acts", body, bearer(citizenToken)...)
	p := requireProblem(t, w, 422, "INVALID_INPUT")
	require.NotContains(t, w.Body.String(), plantedID)
	got := map[string]string{}
	for _, f := range p.Fields {
		got[f.Field] = f.Code
		require.NotEmpty(t, f.Message)
	}
	require.Equal(t, map[string]string{
		"kind": "REQUIRED", "body": "UNKNOWN_FIELD", "count": "TOO_BIG", "phone": "BAD_FORMAT", "tags": "TOO_MANY", "nested.deep": "TOO_LONG",
	}, got)

	p = requireProblem(t, r.call("POST", "/v1/samples/1/acts", `{"kind":"c","count":"x","tags":[1]}`, bearer(citizenToken)...), 422, "INVALID_INPUT")
	require.Equal(t, []models.FieldError{
		{Field: "count", Code: "WRONG_TYPE", Message: fieldTexts["WRONG_TYPE"]},
		{Field: "kind", Code: "NOT_AN_OPTION", Message: fieldTexts["NOT_AN_OPTION"]},
		{Field: "tags[0]", Code: "WRONG_TYPE", Message: fieldTexts["WRONG_TYPE"]},
	}, p.Fields)

	p = requireProblem(t, r.call("GET", "/v1/samples?limit=101&year=abc", "", bearer(citizenToken)...), 422, "INVALID_INPUT")
	require.ElementsMatch(t, []string{"TOO_BIG", "WRONG_TYPE"}, fieldCodesOf(p))
}

func TestPlacesNeverHoldMadeUpNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"a": true, "b": true}
	for place, want := range map[string]string{
		"body": "body", "body.a": "a", "body.a.b": "a.b", "body.a[3].b": "a[3].b", "body.a[x].b": "body", "body.x.a": "body",
		"body.a.x.b": "a", "query.x": "query", "query.a": "a", "path.b": "b", "body[0].a": "a", "body[0].x": "body", "": "body", "x.y": "body",
	} {
		require.Equal(t, want, declaredPlace(place, names), place)
	}
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	requireProblem(t, r.call("GET", "/v1/no-such-thing", ""), 404, "ROUTE_NOT_FOUND")
	requireProblem(t, r.call("GET", "/healthz/", ""), 404, "ROUTE_NOT_FOUND")
	requireProblem(t, r.call("GET", "//healthz", ""), 404, "ROUTE_NOT_FOUND")
	w := r.call("PATCH", "/v1/samples", "")
	requireProblem(t, w, 405, "METHOD_NOT_ALLOWED")
	require.Equal(t, "GET", w.Header().Get("Allow"))
	requireProblem(t, r.call("PRI", "/v1/samples", ""), 405, "METHOD_NOT_ALLOWED")
	w = r.call("OPTIONS", "/v1/samples", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	requireProblem(t, w, 405, "METHOD_NOT_ALLOWED")
	for name := range w.Header() {
		require.False(t, strings.HasPrefix(name, "Access-Control"), "no CORS: %s", name)
	}
}

func TestRetryAfterIsNeverZero(t *testing.T) {
	t.Parallel()
	err := errRateLimited.After(time.Millisecond)
	require.Equal(t, "1", problemOf(err).headers(err)["Retry-After"])
	require.Equal(t, http.StatusTooManyRequests, problemOf(err).Status)
}

// An operation that answers a code its line does not name still answers, and says so in the log, sampled or not.
func TestAnUndeclaredRefusalIsNoticed(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.LogEvery = 1000 }).withSample()
	requireProblem(t, r.call("GET", "/agent/v1/samples/facts", "", bearer(agentToken)...), 403, "BANK_IN_PERSON_ONLY")
	require.NotContains(t, r.log.String(), "undeclared")
	requireProblem(t, r.call("GET", "/agent/v1/samples/undeclared", "", bearer(agentToken)...), 409, "NOT_IN_THE_TABLE")
	require.Contains(t, r.log.String(), `"undeclared":true`)
}

func TestAnActBringsItsGatesRefusals(t *testing.T) {
	t.Parallel()
	codes := func(o op) []string { return (&operation{op: op{Errs: gateRefusals(o)}}).codes() }
	require.Contains(t, codes(op{Act: models.ActRelease, Audience: Citizen}), "RELEASE_AT_OUTLET_ONLY")
	require.Contains(t, codes(op{Act: models.ActLoss, Audience: Citizen}), "RECHECK_REQUIRED")
	require.NotContains(t, codes(op{Act: models.ActLoss, Audience: Agent}), "RECHECK_REQUIRED")
	require.Contains(t, codes(op{Act: models.ActLoss, Audience: Agent}), "ACTION_NOT_ON_CHANNEL")
	require.NotContains(t, codes(op{Audience: Citizen}), "ACTION_NOT_ON_CHANNEL")
}
