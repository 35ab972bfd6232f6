package api

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// accessLog writes one line per answer: the route's template, never the path or the query, never a body or a person.
// Reads that went well are sampled, refusals and writes never; the cause of a failure is written here and nowhere else.
func (s *server) accessLog(c *gin.Context) {
	began := time.Now()
	s.metrics.inFlight.Inc()
	defer func() {
		s.metrics.inFlight.Dec()
		r := requestFrom(c.Request.Context())
		status, took := c.Writer.Status(), time.Since(began)
		s.metrics.count(r, c.Request.Method, status, took)
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError && c.Request.Context().Err() == nil { // nobody is told of a caller who left
			level = slog.LevelError
		} else if r.undeclared {
			level = slog.LevelWarn
		} else if status < http.StatusBadRequest && !unsafeMethod(c.Request.Method) && s.LogEvery > 1 && s.logged.Add(1)%uint64(s.LogEvery) != 0 {
			return
		}
		s.logAnswer(c, r, level, status, took)
	}()
	c.Next()
}

func (s *server) logAnswer(c *gin.Context, r *request, level slog.Level, status int, took time.Duration) {
	ctx := c.Request.Context()
	if !s.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs, slog.String("request_id", r.id), slog.String("method", knownMethod(c.Request.Method)),
		slog.String("route", r.template()), slog.Int("status", status), slog.Duration("took", took),
		slog.Int("bytes", max(c.Writer.Size(), 0)))
	if r.actor.Channel != "" {
		attrs = append(attrs, slog.String("channel", string(r.actor.Channel)))
	}
	if r.code != "" {
		attrs = append(attrs, slog.String("code", r.code))
	}
	if r.undeclared {
		attrs = append(attrs, slog.Bool("undeclared", true))
	}
	if level >= slog.LevelError && r.cause != nil {
		attrs = append(attrs, slog.String("cause", r.cause.Error()))
	}
	s.Log.LogAttrs(ctx, level, "answered", attrs...)
}

// template is the route as registered, "none" where nothing matched.
func (r *request) template() string {
	if r.op == nil {
		return "none"
	}
	return r.op.Path
}

// knownMethod keeps invented methods out of logs and labels.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return m
	default:
		return "other"
	}
}

// recovery turns a panic into a bare 500. What was thrown is logged only when the runtime threw it: any other value may
// hold what a person sent.
func (s *server) recovery(c *gin.Context) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(thrown)
		}
		if c.Request.Context().Err() != nil {
			c.Abort() // the caller left while we wrote
			return
		}
		what := "panic"
		if err, ok := thrown.(runtime.Error); ok {
			what = err.Error()
		}
		cause := errInternal.Because(errors.New(what))
		s.Log.LogAttrs(c.Request.Context(), slog.LevelError, "panic", slog.String("request_id", requestFrom(c.Request.Context()).id),
			slog.String("what", what), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		s.refuse(c, cause)
	}()
	c.Next()
}
