package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// ConsoleStreams are the events of one agent's telephone.
type ConsoleStreams interface {
	OpenStream(ctx context.Context, by models.Actor, after int64) (hotline.ConsoleStream, error)
	NextEvents(ctx context.Context, st *hotline.ConsoleStream) ([]hotline.ConsoleEvent, error)
	WaitForEvents(ctx context.Context, st hotline.ConsoleStream, most time.Duration)
}

const (
	streamLook = 5 * time.Second  // how long a lost bell can delay an event, and a taken-over stream lives on
	streamBeat = 15 * time.Second // how often a silent stream says that it is there
	streamBack = 2 * time.Second  // when a console comes again after the end
	writeWait  = 10 * time.Second // for a console that does not read
)

func (s *server) registerAgentEvents() {
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/agent/v1/events", ID: "agentEvents",
		Summary: "Events of one's own telephone as server-sent events, read with fetch: ringing, answered, ended, missed, keyed, called_back; " +
			"Last-Event-ID reads on from there. One stream for each agent; it ends with `retry` at a stop and with the session",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Produces: "text/event-stream",
		Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.agentEvents)
}

// consoleEvent is what a console is told. A number is masked, and candidates are a count: nothing about a person.
type consoleEvent struct {
	At           time.Time `json:"at"`
	CallID       string    `json:"call_id,omitempty"`
	CallerNumber string    `json:"caller_number,omitempty"`
	Candidates   *int      `json:"candidates,omitempty"`
	Result       string    `json:"result,omitempty"`
	TriesLeft    *int      `json:"tries_left,omitempty"`
}

func newConsoleEvent(e hotline.ConsoleEvent) consoleEvent {
	out := consoleEvent{At: e.At, CallID: string(e.CallID), CallerNumber: e.Caller.String(), Result: e.Result}
	if e.Kind == "ringing" {
		out.Candidates = &e.Candidates
	}
	if e.Kind == "keyed" {
		out.TriesLeft = &e.TriesLeft
	}
	return out
}

// agentEvents writes until the console leaves, its session ends, a younger stream takes over, or the process stops.
func (s *server) agentEvents(c *gin.Context) {
	ctx, stop := context.WithCancel(c.Request.Context())
	defer stop()
	after, _ := strconv.ParseInt(c.GetHeader("Last-Event-ID"), 10, 64)
	st, err := s.ConsoleStreams.OpenStream(ctx, actorFrom(ctx), after)
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer context.AfterFunc(s.stopping, stop)()
	w := newEventWriter(c)
	w.send("hello", st.After, map[string]string{"extension": st.Extension})
	for w.err == nil && ctx.Err() == nil {
		events, err := s.ConsoleStreams.NextEvents(ctx, &st)
		for _, e := range events {
			w.send(e.Kind, e.Seq, newConsoleEvent(e))
		}
		if err != nil {
			w.end(err)
			return
		}
		w.beat(s.Clock.Now())
		s.ConsoleStreams.WaitForEvents(ctx, st, streamLook)
	}
	w.end(nil)
}

// eventWriter writes server-sent events; after the first failure it writes nothing more.
type eventWriter struct {
	c    *gin.Context
	rc   *http.ResponseController
	last time.Time
	err  error
}

// newEventWriter begins the answer. The server's own time-outs are for requests with an end.
func newEventWriter(c *gin.Context) *eventWriter {
	w := &eventWriter{c: c, rc: http.NewResponseController(c.Writer)}
	_ = w.rc.SetReadDeadline(time.Time{})
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	return w
}

func (w *eventWriter) send(kind string, seq int64, data any) {
	body, err := json.Marshal(data)
	if err != nil {
		w.err = err
		return
	}
	w.write(fmt.Sprintf("event: %s\nid: %d\ndata: %s\n\n", kind, seq, body))
}

func (w *eventWriter) write(text string) {
	if w.err != nil {
		return
	}
	_ = w.rc.SetWriteDeadline(time.Now().Add(writeWait))
	if _, w.err = w.c.Writer.WriteString(text); w.err == nil {
		w.err = w.rc.Flush()
	}
}

// beat says now and then that the stream is there.
func (w *eventWriter) beat(now time.Time) {
	if now.Sub(w.last) < streamBeat {
		return
	}
	w.last = now
	w.write(": still here\n\n")
}

// end says why the stream is over, and when to come again.
func (w *eventWriter) end(why error) {
	reason := "stopping"
	switch models.KindOf(why) {
	case models.Unauthenticated:
		reason = "session_over"
	case models.Conflict:
		reason = "taken_over"
	default:
		if why != nil {
			reason = "failed"
		}
	}
	w.write(fmt.Sprintf("retry: %d\nevent: end\ndata: {\"reason\":%q}\n\n", streamBack.Milliseconds(), reason))
}
