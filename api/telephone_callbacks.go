package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/hotline"
)

// TelephoneEvents verifies and reads what the telephone system tells, over the raw body.
type TelephoneEvents interface {
	Read(ctx context.Context, h http.Header, body []byte) (hotline.TelephoneEvent, error)
}

// TelephoneReception writes an event down to be worked later, and writes down that one was not believed.
type TelephoneReception interface {
	TakeEvent(ctx context.Context, e hotline.TelephoneEvent) error
	RefuseEvent(ctx context.Context, why string) error
}

// maxTelephoneEvent is room for every event of the contract.
const maxTelephoneEvent = 64 << 10

func (s *server) registerTelephoneCallbacks() {
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/telephone", ID: "takeTelephoneEvent",
		Summary:  "An event of the telephone system, signed (docs/telephone-contract.md); answered when it is written down",
		Audience: Callback, Limit: LimitNone, BodyLimit: maxTelephoneEvent, Accept: []string{"application/json"},
		Errs: []*models.Error{hotline.ErrTelephoneForged, hotline.ErrTelephoneReplay, hotline.ErrTelephoneBody, models.ErrUnavailable},
	}, s.takeTelephoneEvent)
}

func (s *server) takeTelephoneEvent(c *gin.Context) {
	ctx := c.Request.Context()
	if s.TelephoneDoor == nil {
		s.refuse(c, hotline.ErrTelephoneForged)
		return
	}
	event, err := s.TelephoneDoor.Read(ctx, c.Request.Header, rawBody(ctx))
	if err == nil {
		err = s.Telephone.TakeEvent(ctx, event)
	} else {
		err = s.refusedEvent(c, err)
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"taken": true})
}

// refusedEvent writes a refusal down, as long as its address has not had its measure of them: who sends thousands fills no
// table.
func (s *server) refusedEvent(c *gin.Context, refusal error) error {
	r := requestFrom(c.Request.Context())
	if ok, wait := s.allow(c, r.op, s.limitKey("telephone refused", network(c.ClientIP()), LimitWrite), wrongTokens); !ok {
		return errRateLimited.After(max(wait, time.Second))
	}
	why := "malformed"
	switch {
	case errors.Is(refusal, hotline.ErrTelephoneForged):
		why = "forged"
	case errors.Is(refusal, hotline.ErrTelephoneReplay):
		why = "replayed"
	}
	if err := s.Telephone.RefuseEvent(c.Request.Context(), why); err != nil {
		return err
	}
	return refusal
}
