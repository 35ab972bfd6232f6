package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"onecard/models"
)

func (s *server) registerHealth() {
	register(s, op{
		Method: http.MethodGet, Path: "/healthz", ID: "health", Summary: "The process answers",
		Audience: Public, Limit: LimitNone,
	}, s.health)
	register(s, op{
		Method: http.MethodGet, Path: "/readyz", ID: "readiness", Summary: "The process can take traffic",
		Audience: Public, Limit: LimitNone, Errs: []*models.Error{errNotReady},
	}, s.readiness)
}

type healthOutput struct {
	Body struct {
		Status string `json:"status" enum:"ok"`
	}
}

type readyOutput struct {
	Body struct {
		Status  string   `json:"status" enum:"ready"`
		Lacking []string `json:"lacking,omitempty" doc:"What does not answer, and whose acts are refused meanwhile; all others work: objects (pictures)"`
	}
}

func (s *server) health(context.Context, *struct{}) (*healthOutput, error) {
	out := &healthOutput{}
	out.Body.Status = "ok"
	return out, nil
}

// readiness is NOT_READY while draining and while any check fails, and names those that do. What only some acts need is
// named and keeps nobody out: a loss is reported without the store of pictures. Callers at the same moment share one round
// of checks, so asking often costs the database nothing.
func (s *server) readiness(ctx context.Context, _ *struct{}) (*readyOutput, error) {
	if s.draining.Load() {
		return nil, errNotReady.With("server", "draining")
	}
	lacking, err, _ := s.probes.Do("ready", func() (any, error) { return s.probe(context.WithoutCancel(ctx)) })
	if err != nil {
		return nil, err
	}
	out := &readyOutput{}
	out.Body.Status = "ready"
	out.Body.Lacking, _ = lacking.([]string)
	return out, nil
}

const probeTimeout = 2 * time.Second

func (s *server) probe(ctx context.Context) (lacking []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	notReady, causes := errNotReady, []error(nil)
	for _, check := range s.Ready {
		if err := check.Probe(ctx); err != nil {
			notReady = notReady.With(check.Name, "failed")
			causes = append(causes, err)
		}
	}
	if len(causes) > 0 {
		return nil, notReady.Because(errors.Join(causes...))
	}
	for _, check := range s.Lacking {
		if check.Probe(ctx) != nil {
			lacking = append(lacking, check.Name)
		}
	}
	return lacking, nil
}
