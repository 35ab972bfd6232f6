package api

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthAnswersWhileNothingWorks(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) {
		d.Ready = []Check{{"database", func(context.Context) error { return errors.New("dial 10.1.2.3: refused") }}}
	})
	w := r.call("GET", "/healthz", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"status":"ok"}`, w.Body.String())

	p := requireProblem(t, r.call("GET", "/readyz", ""), http.StatusServiceUnavailable, "NOT_READY")
	require.Equal(t, map[string]string{"database": "failed"}, p.Facts)
	require.Contains(t, r.log.String(), "10.1.2.3", "the cause is in the log")
}

func TestAStoreOfPicturesThatIsDownIsSaidAndKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) {
		d.Lacking = []Check{
			{"objects", func(context.Context) error { return errors.New("dial 10.1.2.3: refused") }},
			{"others", func(context.Context) error { return nil }},
		}
	})
	w := r.call("GET", "/readyz", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"status":"ready","lacking":["objects"]}`, w.Body.String())
}

func TestReadinessFailsWhileDraining(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusOK, r.call("GET", "/readyz", "").Code)
	(&Server{r.server}).Draining(true)
	requireProblem(t, r.call("GET", "/readyz", ""), http.StatusServiceUnavailable, "NOT_READY")
	require.Equal(t, http.StatusOK, r.call("GET", "/healthz", "").Code)
	(&Server{r.server}).Draining(false)
	require.Equal(t, http.StatusOK, r.call("GET", "/readyz", "").Code)
}
