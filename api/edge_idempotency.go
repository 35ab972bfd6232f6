package api

import (
	"github.com/gin-gonic/gin"

	"onecard/models"
)

const headerIdempotencyKey = "Idempotency-Key"

// idempotency hands the key and a MAC of what was asked to the decision's transaction, which alone keeps the promise.
// The edge remembers no answer. Path, query and whom it is for are part of the MAC: one key for two cards, for two sides of
// an ID card or for two children, is two requests.
func (s *server) idempotency(c *gin.Context, r *request) {
	if !r.op.keyed() {
		c.Next()
		return
	}
	keys := c.Request.Header.Values(headerIdempotencyKey)
	if len(keys) == 0 {
		c.Next()
		return
	}
	if len(keys) > 1 || !goodKey(keys[0]) {
		s.refuse(c, errBadKey)
		return
	}
	c.Request = c.Request.WithContext(models.WithRequestKey(c.Request.Context(), models.RequestKey{
		Operation: r.op.ID,
		Key:       keys[0],
		BodyMAC:   s.macs.sum("body", c.Request.Method, c.Request.URL.Path, c.Request.URL.RawQuery, c.GetHeader(headerActingFor), string(r.body)),
	}))
	c.Next()
}

// goodKey is 8 to 128 characters that mean nothing in a header, a log or a database.
func goodKey(k string) bool {
	if len(k) < 8 || len(k) > 128 {
		return false
	}
	for i := range len(k) {
		b := k[i]
		if (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && b != '-' && b != '_' && b != '.' && b != ':' {
			return false
		}
	}
	return true
}
