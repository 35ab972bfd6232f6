package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models/card"
)

// limitBody refuses a body that says it is too large, and cuts off one that does not say.
func (s *server) limitBody(c *gin.Context) {
	limit := int64(defaultBodyLimit) // of what is no operation nobody reads the body: the answer is 404 or 405, not its size
	if r := requestFrom(c.Request.Context()); r.op != nil {
		limit = max(r.op.BodyLimit, emptyBodyLimit)
	}
	if c.Request.ContentLength > limit {
		c.Header("Connection", "close") // the rest of the body is not worth reading
		s.refuse(c, errBodyTooLarge)
		return
	}
	if c.Request.Body != nil && c.Request.Body != http.NoBody {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	}
	c.Next()
}

// emptyBodyLimit is what an operation without a body swallows: some clients send "{}" with every POST.
const emptyBodyLimit = 16

// readBody reads the body once, after the caller is known and counted, checks that it is what the operation takes, and
// remembers the idempotency key. What follows reads a copy in memory.
func (s *server) readBody(c *gin.Context) {
	r := requestFrom(c.Request.Context())
	if r.op == nil {
		c.Next()
		return
	}
	if takesMuch(r.op, c.Request.ContentLength) {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		default:
			c.Header("Connection", "close")
			s.refuse(c, card.ErrUploadBusy.After(largeRetry))
			return
		}
	}
	body, err := s.read(c)
	if err == nil {
		err = checkBody(r.op, c.Request.Header, body)
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	r.body = body
	if c.Request.Body != http.NoBody {
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		c.Request.ContentLength = int64(len(body))
	}
	s.idempotency(c, r)
}

// A large body is held in memory while it slowly arrives and until it is answered: only so many at once, so that pictures
// never take the memory that loss reports and lists need. Whoever finds no place is told when to come back [choice].
const (
	largeBody   = 1 << 20
	largeBodies = 32
	largeRetry  = 5 * time.Second
)

// takesMuch reports whether a body may be a large one; one that does not say how long it is may be.
func takesMuch(o *operation, length int64) bool {
	return o.BodyLimit > largeBody && (length < 0 || length > largeBody)
}

// A picture comes over a telephone network: it gets a second more for each 256 KiB its operation takes.
const (
	slowestClient = 256 << 10
	answerTime    = 30 * time.Second
)

// patience is how long the body of this request may take to arrive.
func (s *server) patience(c *gin.Context) time.Duration {
	wait := s.BodyTimeout
	if r := requestFrom(c.Request.Context()); r.op != nil {
		wait += time.Duration(r.op.BodyLimit/slowestClient) * time.Second
	}
	return wait
}

func (s *server) read(c *gin.Context) ([]byte, error) {
	if c.Request.Body == nil || c.Request.Body == http.NoBody || c.Request.ContentLength == 0 {
		return nil, nil
	}
	conn := http.NewResponseController(c.Writer) // without a connection, as in tests, there is nothing to limit
	wait := s.patience(c)
	_ = conn.SetReadDeadline(time.Now().Add(wait))
	if wait > s.BodyTimeout { // the server's own write deadline was set before the body came
		_ = conn.SetWriteDeadline(time.Now().Add(wait + answerTime))
	}
	var buf bytes.Buffer
	if n := c.Request.ContentLength; n > 0 {
		buf.Grow(int(n) + bytes.MinRead) // already within the limit
	}
	_, err := buf.ReadFrom(c.Request.Body)
	if err != nil {
		c.Header("Connection", "close") // the deadline stays: net/http would wait for the rest of the body without end
	}
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case err == nil:
		_ = conn.SetReadDeadline(time.Time{}) // left standing, it would end the handler's context
		return buf.Bytes(), nil
	case errors.As(err, &tooLarge):
		return nil, errBodyTooLarge
	case errors.As(err, &network) && network.Timeout():
		return nil, errBodyTimeout
	default:
		return nil, errMalformedBody.because(err)
	}
}

// checkBody holds a body against its operation: none where none is taken, the right media type, and strict JSON.
func checkBody(o *operation, h http.Header, body []byte) error {
	if !o.hasBody {
		if t := bytes.TrimSpace(body); len(t) > 0 && string(t) != "{}" {
			return errMalformedBody
		}
		return nil
	}
	if len(o.Accept) > 0 && !mediaTypeIn(o.Accept, h) {
		return errMediaType
	}
	if !o.strict {
		return nil
	}
	if len(body) == 0 {
		return errMalformedBody
	}
	found, err := strictJSON(body)
	if err != nil {
		return errMalformedBody.because(err)
	}
	for _, key := range found {
		if err := refusedKey(key, o.AcceptsPassword); err != nil {
			return err
		}
	}
	return nil
}

// mediaTypeIn demands a media type, one that is listed, in UTF-8 and not compressed.
func mediaTypeIn(accept []string, h http.Header) bool {
	if len(h.Values("Content-Type")) != 1 {
		return false
	}
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return false
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !slices.Contains(accept, kind) {
		return false
	}
	charset := params["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}
