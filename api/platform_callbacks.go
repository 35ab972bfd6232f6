package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/notice"
)

// WechatServer verifies and reads what WeChat's servers send to one of our apps, over the raw body.
type WechatServer interface {
	Echo(app string, q url.Values) (string, error)
	Read(ctx context.Context, app string, q url.Values, body []byte) (notice.Received, error)
}

// LifeGateway verifies and reads what Alipay's servers send to our life accounts, over the raw form.
type LifeGateway interface {
	Read(ctx context.Context, body []byte) (notice.Received, error)
}

// Front takes a verified message within the time that its platform leaves, and says what to answer.
type Front interface {
	Serve(ctx context.Context, r notice.Received) (string, error)
}

// maxPlatformMessage is room for every message that platforms document.
const maxPlatformMessage = 64 << 10

var platformErrs = []*models.Error{
	notice.ErrMessageForged, notice.ErrMessageStale, notice.ErrMessageMalformed, notice.ErrMessageBusy, models.ErrUnavailable,
}

// Everybody's messages come from the platforms' few addresses, so these are not limited by address: what is not signed
// costs a digest and is refused.
func (s *server) registerPlatformCallbacks() {
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/callbacks/wechat/{app}", ID: "checkWechatServer", Summary: "The check of our address by WeChat's console (echostr)",
		Audience: Callback, Limit: LimitNone, Produces: "text/plain",
		Errs: []*models.Error{notice.ErrMessageForged, notice.ErrMessageStale},
	}, s.checkWechatServer)
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/wechat/{app}", ID: "takeWechatMessage", Summary: "Messages and events of WeChat's servers, encrypted: followers, questions, menu, consents",
		Audience: Callback, Limit: LimitNone, BodyLimit: maxPlatformMessage, Produces: "application/xml",
		Errs: append([]*models.Error{notice.ErrMessagePlain, notice.ErrMessageReplayed}, platformErrs...),
	}, s.takeWechatMessage)
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/alipay/gateway", ID: "takeLifeMessage", Summary: "Messages and events of Alipay's servers to a life account",
		Audience: Callback, Limit: LimitNone, BodyLimit: maxPlatformMessage, Produces: "text/xml",
		Errs: platformErrs,
	}, s.takeLifeMessage)
}

func (s *server) checkWechatServer(c *gin.Context) {
	if s.WechatServer == nil {
		s.refuse(c, notice.ErrMessageForged)
		return
	}
	echo, err := s.WechatServer.Echo(c.Param("app"), c.Request.URL.Query())
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(echo))
}

func (s *server) takeWechatMessage(c *gin.Context) {
	if s.WechatServer == nil {
		s.refuse(c, notice.ErrMessageForged)
		return
	}
	until := time.NewTimer(s.WechatHold)
	defer until.Stop()
	r, err := s.WechatServer.Read(c.Request.Context(), c.Param("app"), c.Request.URL.Query(), rawBody(c.Request.Context()))
	r.Wait = s.WechatHold
	s.serveMessage(c, r, err, until.C)
}

func (s *server) takeLifeMessage(c *gin.Context) {
	if s.LifeGateway == nil {
		s.refuse(c, notice.ErrMessageForged)
		return
	}
	r, err := s.LifeGateway.Read(c.Request.Context(), rawBody(c.Request.Context()))
	s.serveMessage(c, r, err, nil)
}

// serveMessage acknowledges only what is committed, or leaves nothing behind. noAnswer is nil where a refusal brings the
// message again. WeChat repeats only what got no answer: there the connection is held until then, and dropped.
func (s *server) serveMessage(c *gin.Context, r notice.Received, err error, noAnswer <-chan time.Time) {
	var text string
	if err == nil {
		text, err = s.Front.Serve(c.Request.Context(), r)
	}
	if err != nil && noAnswer != nil && problemOf(err).Status >= http.StatusInternalServerError {
		s.dropUnanswered(c, err, noAnswer)
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	mediaType, body := r.Answer(text)
	c.Data(http.StatusOK, mediaType, body)
}

// dropUnanswered leaves its code for the access log, waits and does not return: net/http closes the connection.
func (s *server) dropUnanswered(c *gin.Context, err error, when <-chan time.Time) {
	p := problemOf(err)
	note(c.Request.Context(), p, err)
	c.Status(p.Status) // for log and figures only: nothing is written
	select {
	case <-when:
	case <-c.Request.Context().Done():
	}
	panic(http.ErrAbortHandler)
}
