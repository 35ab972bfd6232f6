package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/notice"
)

// SMSPushes verifies a vendor's push over its raw body, the token in its address and where it came from, and reads it.
type SMSPushes interface {
	Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error)
	Replies(token string, from netip.Addr, body []byte) ([]notice.Reply, error)
}

// SMSReception takes what was read.
type SMSReception interface {
	TakeReceipts(ctx context.Context, receipts []notice.Receipt) (int, error)
	TakeReplies(ctx context.Context, replies []notice.Reply) (int, error)
}

// maxSMSPush is room for a thousand receipts.
const maxSMSPush = 512 << 10

// smsVendor is who pushes, and the answer that it takes for "taken".
type smsVendor struct {
	pushes SMSPushes // nil: not set up, and nothing believed
	taken  gin.H
}

// wrongTokens is how many pushes a minute with a wrong token one address is answered. Those with the right one come from a
// vendor's few addresses, thousands a minute on a payday, and are not counted.
const wrongTokens = 20

func (s *server) registerSMSCallbacks() {
	aliyun := smsVendor{s.SMSAliyun, gin.H{"code": 0, "msg": "接收成功"}}
	tencent := smsVendor{s.SMSTencent, gin.H{"result": 0, "errmsg": "OK"}}
	for _, o := range []struct {
		path, id, summary string
		handler           gin.HandlerFunc
	}{
		{"/callbacks/sms/aliyun/{token}", "takeAliyunReceipts", "Delivery receipts pushed by Aliyun (SmsReport)", s.takeReceipts(aliyun)},
		{"/callbacks/sms/aliyun/replies/{token}", "takeAliyunReplies", "Replies to text messages pushed by Aliyun (SmsUp)", s.takeReplies(aliyun)},
		{"/callbacks/sms/tencent/{token}", "takeTencentReceipts", "Delivery receipts pushed by Tencent Cloud", s.takeReceipts(tencent)},
		{"/callbacks/sms/tencent/replies/{token}", "takeTencentReplies", "Replies to text messages pushed by Tencent Cloud", s.takeReplies(tencent)},
	} {
		registerRaw(s, op{
			Method: http.MethodPost, Path: o.path, ID: o.id, Summary: o.summary,
			Audience: Callback, Limit: LimitNone, BodyLimit: maxSMSPush, Errs: []*models.Error{notice.ErrCallback, notice.ErrCallbackBody},
		}, o.handler)
	}
}

// takeReceipts answers as the vendor wants only once the receipts are committed: it brings anything else again. Whether a
// receipt was for a message of ours is not told.
func (s *server) takeReceipts(v smsVendor) gin.HandlerFunc {
	return func(c *gin.Context) {
		if v.pushes == nil {
			s.refuse(c, notice.ErrCallback)
			return
		}
		from, _ := netip.ParseAddr(c.ClientIP())
		receipts, err := v.pushes.Receipts(c.Param("token"), from, rawBody(c.Request.Context()))
		if err == nil {
			_, err = s.SMS.TakeReceipts(c.Request.Context(), receipts)
		}
		s.pushed(c, v, err)
	}
}

// takeReplies is the same for replies.
func (s *server) takeReplies(v smsVendor) gin.HandlerFunc {
	return func(c *gin.Context) {
		if v.pushes == nil {
			s.refuse(c, notice.ErrCallback)
			return
		}
		from, _ := netip.ParseAddr(c.ClientIP())
		replies, err := v.pushes.Replies(c.Param("token"), from, rawBody(c.Request.Context()))
		if err == nil {
			_, err = s.SMS.TakeReplies(c.Request.Context(), replies)
		}
		s.pushed(c, v, err)
	}
}

func (s *server) pushed(c *gin.Context, v smsVendor, err error) {
	if errors.Is(err, notice.ErrCallback) {
		r := requestFrom(c.Request.Context())
		if ok, wait := s.allow(c, r.op, s.limitKey("wrong token", network(c.ClientIP()), LimitWrite), wrongTokens); !ok {
			err = errRateLimited.After(max(wait, time.Second))
		}
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, v.taken)
}
