package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/subsidy"
)

// HotReads asks at once, in one trip, for all that a ready answer needs: who it is, whether one more read fits, and the
// answer (design 9).
type HotReads interface {
	// Look answers an Unauthenticated *models.Error like Authenticator. With the store of ready answers out it finds out
	// who it is by itself, and nothing is counted or ready.
	Look(ctx context.Context, q HotAsk) (HotLook, error)
	// Keep stores an answer read under a version that Look told; it never waits.
	Keep(handle, view, version, mark string, body []byte)
}

// HotAsk is one question. View names the answer, Mark what it stands on beside the person's own facts.
type HotAsk struct {
	Token      string
	LimitKey   string
	PerMinute  int
	View, Mark string
}

// HotLook is what one trip told.
type HotLook struct {
	Actor   models.Actor
	Counted bool // the limit was asked
	Fits    bool
	Wait    time.Duration
	Version string // empty: nothing can be kept
	Body    []byte // nil: a miss; the caller's own
}

// ready is a request that may be answered by a ready answer.
type ready struct {
	HotLook
	view string
	year int
	on   subsidy.ListGround
}

// hotView names the ready answer that a query asks for: the unfiltered first page of a year or of the recent view.
// Every other query goes the long way.
func hotView(query string) (view string, year int, ok bool) {
	if query == "" {
		return "recent:list", 0, true
	}
	text, found := strings.CutPrefix(query, "year=")
	if !found || len(text) != 4 {
		return "", 0, false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return "", 0, false
		}
		year = 10*year + int(text[i]-'0')
	}
	return text + ":list", year, year > 0
}

// lookHot asks for the ready answer together with the caller. It answers false where the long way must be gone.
func (s *server) lookHot(ctx context.Context, req *http.Request, r *request, token string) (bool, error) {
	if s.Hot == nil || r.op.ID != listArrivalsID || req.Header.Get(headerActingFor) != "" || !takesJSON(req.Header.Get("Accept")) {
		return false, nil
	}
	view, year, ok := hotView(req.URL.RawQuery)
	if !ok {
		return false, nil
	}
	on, err := s.Subsidies.GroundOfList(ctx)
	if err != nil {
		return false, nil //nolint:nilerr // the long way says it
	}
	key, n := s.citizenLimit(r.handle, r.op.Limit)
	found, err := s.Hot.Look(ctx, HotAsk{Token: token, LimitKey: key, PerMinute: n, View: view, Mark: s.Version + "|" + on.Mark})
	if err != nil {
		return true, err
	}
	r.actor = found.Actor
	r.ready = &ready{HotLook: found, view: view, year: year, on: on}
	return true, nil
}

func takesJSON(accept string) bool {
	return accept == "" || strings.Contains(accept, "json") || strings.Contains(accept, "*/*")
}

// answerReady gives the ready answer, or reads one and has it kept. The gate is asked each time: only the person's own
// facts are ready, never the right to see them.
func (s *server) answerReady(c *gin.Context) {
	ctx := c.Request.Context()
	r := requestFrom(ctx)
	if r.ready == nil || !r.actor.ForSelf() {
		c.Next()
		return
	}
	if err := s.Subsidies.MayListArrivals(ctx, r.actor); err != nil {
		s.refuse(c, err)
		return
	}
	kept := r.ready.Body
	s.metrics.readyAnswer(kept != nil, r.ready.Version != "")
	if kept == nil {
		shared, err := s.readOnce(ctx, r)
		if err != nil {
			s.refuse(c, err)
			return
		}
		kept = append(make([]byte, 0, len(shared)+asOfRoom), shared...)
	}
	tag, raw, _ := bytes.Cut(kept, []byte("\n"))
	c.Abort()
	writeJSON(c.Writer, string(tag), withAsOf(raw, r.ready.on.AsOf))
}

var jsonType = []string{"application/json"}

// writeJSON writes an answer whose tag and bytes are known, with its length, so that it goes out in one piece.
func writeJSON(w gin.ResponseWriter, tag string, body []byte) {
	h, own := w.Header(), [...]string{tag, strconv.Itoa(len(body))}
	h["Content-Type"], h["Etag"], h["Content-Length"] = jsonType, own[:1:1], own[1:]
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a caller who left is told nothing
}

// readOnce reads the list for all who ask for it at this moment. Those who share a reading share a version: whoever
// came after an invalidation has another one and reads anew. Without a version everyone reads alone.
func (s *server) readOnce(ctx context.Context, r *request) ([]byte, error) {
	if r.ready.Version == "" {
		return s.readAnswer(ctx, r)
	}
	key := strings.Join([]string{r.handle, r.ready.view, r.ready.Version, r.ready.on.Mark}, "|")
	reading := s.reads.DoChan(key, func() (any, error) {
		// A caller who leaves takes nobody's answer away.
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*slotWait)
		defer stop()
		kept, err := s.readAnswer(ctx, r)
		if err == nil {
			s.Hot.Keep(r.handle, r.ready.view, r.ready.Version, s.Version+"|"+r.ready.on.Mark, kept)
		}
		return kept, err
	})
	select {
	case got := <-reading:
		kept, _ := got.Val.([]byte)
		return kept, got.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readAnswer is an answer in the form in which it is kept: its ETag, a line's end, its bytes without as_of.
func (s *server) readAnswer(ctx context.Context, r *request) ([]byte, error) {
	q := subsidy.ListQuery{Year: r.ready.year, Limit: defaultPage}
	page, err := s.readList(ctx, r.actor, q)
	if err != nil {
		return nil, err
	}
	raw, err := rawJSON(s.listBody(ctx, q, page))
	if err != nil {
		return nil, err
	}
	tag := s.etagOf(raw)
	kept := make([]byte, 0, len(tag)+1+len(raw))
	return append(append(append(kept, tag...), '\n'), raw...), nil
}

// defaultPage is Page's default.
const defaultPage = 20
