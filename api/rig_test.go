package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// Tokens the rig's authenticator knows.
const (
	citizenToken = "oc1.aaaaaaaaaaaaaaaaaaaaaa.ccccccccccccccccccccccccccccccccccccccccccc"
	otherToken   = "oc1.bbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccc"
	newToken     = "oc1.nnnnnnnnnnnnnnnnnnnnnn.ccccccccccccccccccccccccccccccccccccccccccc"
	agentToken   = "oc1.gggggggggggggggggggggg.ccccccccccccccccccccccccccccccccccccccccccc"
)

// rig is a server with tickers of its own: what it logged, the clock, and the operations a test adds.
type rig struct {
	*server
	t     *testing.T
	clock *models.ManualClock
	log   *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

type fakeAuth struct{}

func (fakeAuth) Citizen(_ context.Context, token string) (models.Actor, error) {
	a := models.Actor{Kind: models.CitizenActor, Channel: models.WechatMini, SessionID: "session", Level: models.LevelPhone}
	switch token {
	case citizenToken:
		a.ID, a.Subject = "person-1", "person-1"
	case otherToken:
		a.ID, a.Subject = "person-2", "person-2"
	case newToken:
		a.Level = models.LevelPlatform
	default:
		return models.Actor{}, models.ErrNotFound
	}
	return a, nil
}

// Agent is somebody whose roles open everything: what a role opens is the business of permit_test.go.
func (fakeAuth) Agent(_ context.Context, token string) (models.Actor, []hotline.Permission, error) {
	if token != agentToken {
		return models.Actor{}, nil, errLoginRequired
	}
	by := models.Actor{Kind: models.AgentActor, ID: "agent-1", Channel: models.Phone12333, SessionID: "agent-session"}
	return by, hotline.AllPermissions(), nil
}

func (fakeAuth) NotPermitted(context.Context, models.Actor, hotline.Permission, string) error {
	return hotline.ErrNotPermitted
}

// newRig builds a server; change adjusts what it is built from.
func newRig(t *testing.T, change ...func(*Deps)) *rig {
	t.Helper()
	r := &rig{t: t, clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)), log: &syncBuffer{}}
	d := Deps{
		EdgeKey: bytes.Repeat([]byte{7}, 32), Clock: r.clock, Auth: fakeAuth{},
		Log:     slog.New(slog.NewJSONHandler(r.log, nil)),
		Figures: Figures{Reads: 2000, Writes: 2000, GuestReads: 2000, GuestWrites: 2000},
	}
	for _, f := range change {
		f(&d)
	}
	v, err := New(d)
	require.NoError(t, err)
	r.server = v.s
	return r
}

// call is one request; header pairs follow the body.
func (r *rig) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, path, reader)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.engine.ServeHTTP(w, req)
	return w
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// requireProblem checks status, media type, code and the promises every refusal keeps.
func requireProblem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) Problem {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body.String())
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var p Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, code, p.Code)
	require.Equal(t, status, p.Status)
	require.Equal(t, w.Header().Get(headerRequestID), p.RequestID)
	require.NotEmpty(t, p.RequestID)
	require.True(t, strings.Contains(p.Detail, "12333") || strings.Contains(p.Detail, "网点"), "R48: %s", p.Detail)
	return p
}

func newRecorderOf(h http.Handler) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}
