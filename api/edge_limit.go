package api

import (
	"encoding/base64"
	"log/slog"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
)

// limitRate counts the request against its figure. With the limiter out, this process counts for itself; a loss report
// is then let through uncounted (issue: loss exempt from outage refusal).
func (s *server) limitRate(c *gin.Context) {
	r := requestFrom(c.Request.Context())
	if r.op == nil || r.op.Limit == LimitNone {
		c.Next()
		return
	}
	if ok, wait := s.limitHourly(c, r.op); !ok {
		s.refuse(c, errRateLimited.After(max(wait, time.Second)))
		return
	}
	if r.ready != nil && r.ready.Counted { // asked together with the caller
		if !r.ready.Fits {
			s.refuse(c, errRateLimited.After(max(r.ready.Wait, time.Second)))
			return
		}
		c.Next()
		return
	}
	key, n := s.limitOf(r, c.ClientIP())
	if ok, wait := s.allow(c, r.op, key, n); !ok {
		s.refuse(c, errRateLimited.After(max(wait, time.Second)))
		return
	}
	c.Next()
}

func (s *server) allow(c *gin.Context, o *operation, key string, n int) (bool, time.Duration) {
	if s.Limiter != nil {
		ok, wait, err := s.Limiter.Allow(c.Request.Context(), key, time.Minute, n)
		if err == nil {
			return ok, wait
		}
		if c.Request.Context().Err() == nil && s.metrics.limiterOut() {
			s.Log.LogAttrs(c.Request.Context(), slog.LevelWarn, "rate limiter is out, counting in this process", slog.String("cause", err.Error()))
		}
		if o.DespiteOutage {
			return true, 0
		}
	}
	return s.local.allow(key, time.Minute, n)
}

// limitOf is who is counted, and against which figure: the person, the account before binding, the agent, or for guests
// the address.
func (s *server) limitOf(r *request, address string) (string, int) {
	if r.handle != "" && !r.guest {
		return s.citizenLimit(r.handle, r.op.Limit)
	}
	write := r.op.Limit == LimitWrite
	kind, id, n := "address", network(address), s.Figures.GuestReads
	if write {
		n = s.Figures.GuestWrites
	}
	if !r.guest {
		kind, id, n = "session", string(r.actor.SessionID), s.Figures.Reads
		if r.actor.ID != "" {
			kind, id = string(r.actor.Kind), string(r.actor.ID)
		}
		if write {
			n = s.Figures.Writes
		}
	}
	return s.limitKey(kind, id, r.op.Limit), n
}

// citizenLimit counts under the handle, which is one for all of a person's sessions: so a read is counted in the same
// trip, on the same node, as its ready answer is asked for.
func (s *server) citizenLimit(handle string, l Limit) (string, int) {
	n := s.Figures.Reads
	if l == LimitWrite {
		n = s.Figures.Writes
	}
	return "rl:{" + handle + "}:" + string(l), n
}

func (s *server) limitKey(kind, id string, l Limit) string {
	return "rl:" + base64.RawURLEncoding.EncodeToString(s.macs.sum("limit", kind, id, string(l))[:16])
}

// network is the address itself, or the /64 an IPv6 subscriber owns.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

var _ Limiter = (*localLimiter)(nil)
