package api

import (
	"net/http"
	"net/netip"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/notice"
)

// SMSReceipts verifies a vendor's push over its raw body, the token in its address and where it came from, and reads it.
type SMSReceipts interface {
	Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error)
}

// maxSMSPush is room for a thousand receipts.
const maxSMSPush = 512 << 10

func (s *server) registerSMSCallbacks() {
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/sms/aliyun/{token}", ID: "takeAliyunReceipts", Summary: "Delivery receipts pushed by Aliyun (SmsReport)",
		Audience: Callback, Limit: LimitWrite, BodyLimit: maxSMSPush, Errs: []*models.Error{notice.ErrCallback, notice.ErrCallbackBody},
	}, s.takeAliyunReceipts)
}

// takeAliyunReceipts answers 200 only once the receipts are committed: the vendor brings anything else again after 1,
// 5 and 10 minutes. Whether a receipt was for a message of ours is not told.
func (s *server) takeAliyunReceipts(c *gin.Context) {
	from, _ := netip.ParseAddr(c.ClientIP())
	receipts, err := s.SMSReceipts.Receipts(c.Param("token"), from, rawBody(c.Request.Context()))
	if err == nil {
		_, err = s.Notices.TakeReceipts(c.Request.Context(), receipts)
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"code": 0, "msg": "接收成功"})
}
