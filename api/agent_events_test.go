package api

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// fakeStreams gives one event for each round that the test lets go.
type fakeStreams struct {
	rounds chan error
	after  int64
}

func (f *fakeStreams) OpenStream(_ context.Context, by models.Actor, after int64) (hotline.ConsoleStream, error) {
	if by.ID == "" {
		return hotline.ConsoleStream{}, hotline.ErrNotPermitted
	}
	f.after = after
	return hotline.ConsoleStream{ID: models.NewID(), StaffID: by.ID, After: after, Extension: "8001"}, nil
}

func (f *fakeStreams) NextEvents(ctx context.Context, st *hotline.ConsoleStream) ([]hotline.ConsoleEvent, error) {
	select {
	case err := <-f.rounds:
		if err != nil {
			return nil, err
		}
		st.After++
		n, _ := hotline.ParseCallerNumber("13800001234")
		return []hotline.ConsoleEvent{{Seq: st.After, Kind: "ringing", Caller: n, Candidates: 2}}, nil
	case <-ctx.Done():
		return nil, nil
	}
}

func (f *fakeStreams) WaitForEvents(context.Context, hotline.ConsoleStream, time.Duration) {}

// streamed opens the stream of a server with time-outs that a request with an end must keep.
func streamed(t *testing.T, headers ...string) (*rig, *fakeStreams, *bufio.Scanner) {
	t.Helper()
	f := &fakeStreams{rounds: make(chan error, 4)}
	r := newRig(t, func(d *Deps) { d.ConsoleStreams = f })
	s := httptest.NewUnstartedServer(r.engine)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 150*time.Millisecond, 150*time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	t.Cleanup(r.endStreams)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/agent/v1/events", nil)
	require.NoError(t, err)
	for i, all := 0, append(bearer(agentToken), headers...); i+1 < len(all); i += 2 {
		req.Header.Set(all[i], all[i+1])
	}
	res, err := s.Client().Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/event-stream; charset=utf-8", res.Header.Get("Content-Type"))
	require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
	return r, f, bufio.NewScanner(res.Body)
}

// upTo reads lines until one begins so.
func upTo(t *testing.T, lines *bufio.Scanner, begins string) string {
	t.Helper()
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), begins) {
			return lines.Text()
		}
	}
	require.Fail(t, "the stream ended before "+begins)
	return ""
}

func TestAStreamOutlivesTheTimeOutsOfRequests(t *testing.T) {
	t.Parallel()
	_, f, lines := streamed(t, "Last-Event-ID", "41")
	require.Equal(t, `data: {"extension":"8001"}`, upTo(t, lines, "data: "))
	require.EqualValues(t, 41, f.after)
	for i := range 3 {
		<-time.After(200 * time.Millisecond) // longer than any request may take
		f.rounds <- nil
		require.Equal(t, []string{"id: 42", "id: 43", "id: 44"}[i], upTo(t, lines, "id: "))
		data := upTo(t, lines, "data: ")
		require.Contains(t, data, `"caller_number":"138****1234"`)
		require.Contains(t, data, `"candidates":2`)
	}
}

func TestAStreamEndsWithWhenToComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end    func(r *rig, f *fakeStreams)
		reason string
	}{
		"a stop":                  {func(r *rig, _ *fakeStreams) { r.endStreams() }, "stopping"},
		"the session over":        {func(_ *rig, f *fakeStreams) { f.rounds <- hotline.ErrNotLoggedIn }, "session_over"},
		"a younger stream":        {func(_ *rig, f *fakeStreams) { f.rounds <- hotline.ErrStreamEnded }, "taken_over"},
		"a database that is gone": {func(_ *rig, f *fakeStreams) { f.rounds <- models.ErrUnavailable }, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, f, lines := streamed(t)
			upTo(t, lines, "event: hello")
			c.end(r, f)
			require.Equal(t, "retry: 2000", upTo(t, lines, "retry: "))
			require.Equal(t, `data: {"reason":"`+c.reason+`"}`, upTo(t, lines, "data: "))
			for lines.Scan() {
				require.Empty(t, lines.Text())
			}
		})
	}
}
