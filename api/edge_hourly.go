package api

import (
	"time"

	"github.com/gin-gonic/gin"
)

// limitHourly counts a guest's request against the operation's own figure of one address and hour. It stands beside the
// loose figure of all operations: what anybody may write, or guess, is worth a narrow one.
func (s *server) limitHourly(c *gin.Context, o *operation) (bool, time.Duration) {
	if o.Hourly == 0 {
		return true, 0
	}
	key := s.limitKey("hourly", o.ID+" "+network(c.ClientIP()), o.Limit)
	if s.Limiter != nil {
		if ok, wait, err := s.Limiter.Allow(c.Request.Context(), key, time.Hour, o.Hourly); err == nil {
			return ok, wait
		}
	}
	return s.local.allow(key, time.Hour, o.Hourly)
}
