package api

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// request is what the edge knows about one request. It travels in the request's context.
type request struct {
	id     string
	op     *operation // nil where no route matched
	actor  models.Actor
	guest  bool
	may    []hotline.Permission // of an agent's roles
	cookie bool                 // the credential came as a cookie
	handle string               // of a citizen's token: names the person's ready data and limits, and nothing elsewhere
	ready  *ready               // what was asked together with the caller; nil where the long way is gone
	body   []byte               // as it arrived, already limited
	code   string               // of the refusal, for the log and the metrics
	cause  error                // of the refusal, for the log only

	undeclared bool // the operation does not name this code: its line in the table is wrong
}

type requestContextKey struct{}

const headerRequestID = "X-Request-Id" // as net/http writes it, so that nobody has to write it anew

// begin gives the request its id and its place in the table of operations.
func (s *server) begin(c *gin.Context) {
	r := &request{id: requestIDOf(c.GetHeader(headerRequestID)), guest: true}
	r.op = s.byRoute[route{c.Request.Method, c.FullPath()}]
	r.actor = models.Actor{Kind: models.CitizenActor, Level: models.LevelGuest}
	c.Writer.Header()[headerRequestID] = []string{r.id}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestContextKey{}, r))
	c.Next()
}

// requestIDOf keeps a caller's id only in a form in which no phone and no ID number fits: 32 hexadecimal digits, with
// or without the dashes of a UUID. Anything else gets an id of ours.
func requestIDOf(given string) string {
	if len(given) == 36 || len(given) == 32 {
		ok := true
		for i := range len(given) {
			b := given[i]
			dash := len(given) == 36 && (i == 8 || i == 13 || i == 18 || i == 23)
			ok = ok && (dash && b == '-' || !dash && (b >= '0' && b <= '9' || b >= 'a' && b <= 'f'))
		}
		if ok {
			return given
		}
	}
	var b [16]byte // everybody may know it; it must only be another each time
	binary.NativeEndian.PutUint64(b[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64())
	var text [32]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}

// requestFrom is the edge's knowledge of the request ctx belongs to; an empty one outside of a request.
func requestFrom(ctx context.Context) *request {
	if r, ok := ctx.Value(requestContextKey{}).(*request); ok {
		return r
	}
	return &request{guest: true, actor: models.Actor{Kind: models.CitizenActor, Level: models.LevelGuest}}
}

// actorFrom is who sent the request. On public operations it is a guest: no id, level guest.
func actorFrom(ctx context.Context) models.Actor { return requestFrom(ctx).actor }

// rawBody is the body exactly as it arrived, limited already: what a callback's signature covers.
func rawBody(ctx context.Context) []byte { return requestFrom(ctx).body }
