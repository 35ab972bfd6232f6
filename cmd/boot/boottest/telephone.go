package boottest

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Phones makes something happen at the pretend exchange and has the workers take it; it gives the conversation's reference.
func (r *Rig) Phones(kind, key string, more map[string]any) string {
	r.t.Helper()
	event := map[string]any{"kind": kind}
	if key != "" {
		event["citizen"] = key
	}
	for k, v := range more {
		event[k] = v
	}
	ref := r.desk.Post("/desk/events", event).Is(http.StatusOK).Text("call_ref")
	r.Work()
	return ref
}

// CallIn has a citizen ring the agent's telephone and the agent answer; it gives the call's id.
func (r *Rig) CallIn(agent *Caller, key string) string {
	r.t.Helper()
	ref := r.Phones("call_in", key, map[string]any{"extension": agent.seat})
	r.Phones("call_answer", "", map[string]any{"call_ref": ref})
	call := agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Equal(r.t, "telephone", call.Text("source"))
	return call.Text("call_id")
}

// CalledBack has the exchange call the phone on file, where the holder answers.
func (r *Rig) CalledBack(agent *Caller, call string) {
	r.t.Helper()
	agent.Post("/agent/v1/calls/"+call+"/call-back", map[string]string{"reason": "full_verification"}).Is(http.StatusOK)
	r.Phones("call_answer", "", nil) // the newest: what was dialled
}

// StreamEvent is one event of a console.
type StreamEvent struct {
	Kind, Data string
	ID         int64
	Retry      int
	Body       map[string]any
}

// Stream is a console's stream of events.
type Stream struct {
	t      *Rig
	events chan StreamEvent
	stop   context.CancelFunc
	last   int64
}

// Listen opens the agent's stream, from behind an event; 0: from now.
func (r *Rig) Listen(agent *Caller, after int64) *Stream {
	r.t.Helper()
	ctx, stop := context.WithCancel(r.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API+"/agent/v1/events", nil)
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+agent.Token)
	if after > 0 {
		req.Header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	}
	res, err := (&http.Client{}).Do(req)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = res.Body.Close() })
	require.Equal(r.t, http.StatusOK, res.StatusCode)
	s := &Stream{t: r, events: make(chan StreamEvent, 100), stop: stop}
	go func() {
		defer close(s.events)
		lines := bufio.NewScanner(res.Body)
		var e StreamEvent
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.Kind = value
			case "id":
				e.ID, _ = strconv.ParseInt(value, 10, 64)
			case "retry":
				e.Retry, _ = strconv.Atoi(value)
			case "data":
				e.Data = value
				_ = json.Unmarshal([]byte(value), &e.Body)
			default:
				if lines.Text() == "" && e.Kind != "" {
					s.events <- e
					e = StreamEvent{}
				}
			}
		}
	}()
	r.t.Cleanup(stop)
	return s
}

// Next is the next event, which must be of this kind.
func (s *Stream) Next(kind string) StreamEvent {
	s.t.t.Helper()
	select {
	case e, ok := <-s.events:
		require.True(s.t.t, ok, "the stream is over")
		require.Equal(s.t.t, kind, e.Kind, e.Data)
		if e.ID > 0 {
			s.last = e.ID
		}
		return e
	case <-time.After(15 * time.Second):
		require.Fail(s.t.t, "no event came", kind)
		return StreamEvent{}
	}
}

// Over reports that the stream ended.
func (s *Stream) Over() {
	s.t.t.Helper()
	select {
	case _, ok := <-s.events:
		require.False(s.t.t, ok)
	case <-time.After(15 * time.Second):
		require.Fail(s.t.t, "the stream goes on")
	}
}

// Leave closes the stream from the console's side, and gives the last event it saw.
func (s *Stream) Leave() int64 {
	s.stop()
	return s.last
}
