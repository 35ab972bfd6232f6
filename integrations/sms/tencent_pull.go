package sms

import (
	"context"
	"time"

	tcsms "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sms/v20210111"

	"onecard/models"
	"onecard/models/notice"
)

// pullMost is the most that the vendor gives at once.
const pullMost = 100

// PullReceipts takes the next receipts out of the vendor's queue. What it gave once it does not give again: a process
// that dies before it has stored them loses them, and the question by phone (Ask) is what is left.
func (t *Tencent) PullReceipts(ctx context.Context, limit int) ([]notice.Receipt, error) {
	req := tcsms.NewPullSmsSendStatusRequest()
	req.SmsSdkAppId, req.Limit = new(t.app), most(limit)
	var out []notice.Receipt
	err := t.call(ctx, func(ctx context.Context) error {
		resp, err := t.client.PullSmsSendStatusWithContext(ctx, req)
		if err != nil {
			return err
		}
		for _, s := range resp.Response.PullSmsSendStatusSet {
			if r, ok := tencentReceipt(s); ok {
				out = append(out, r)
			}
		}
		return nil
	})
	return out, err
}

// PullReplies takes the next replies out of the vendor's queue, as above.
func (t *Tencent) PullReplies(ctx context.Context, limit int) ([]notice.Reply, error) {
	req := tcsms.NewPullSmsReplyStatusRequest()
	req.SmsSdkAppId, req.Limit = new(t.app), most(limit)
	var out []notice.Reply
	err := t.call(ctx, func(ctx context.Context) error {
		resp, err := t.client.PullSmsReplyStatusWithContext(ctx, req)
		if err != nil {
			return err
		}
		for _, s := range resp.Response.PullSmsReplyStatusSet {
			if s == nil {
				continue
			}
			if p := number(text(s.PhoneNumber)); !p.IsZero() {
				out = append(out, notice.Reply{Vendor: tencentVendor, Phone: p, Word: notice.ReadReply(text(s.ReplyContent)), At: unix(s.ReplyTime)})
			}
		}
		return nil
	})
	return out, err
}

func most(limit int) *uint64 { return new(uint64(min(max(limit, 1), pullMost))) }

// tencentReceipt reads a pulled status. Our own id is in it only where the vendor has switched that on.
func tencentReceipt(s *tcsms.PullSmsSendStatus) (notice.Receipt, bool) {
	if s == nil || text(s.SerialNo) == "" || len(*s.SerialNo) > 64 {
		return notice.Receipt{}, false
	}
	status := text(s.ReportStatus)
	if status != "SUCCESS" && status != "FAIL" {
		return notice.Receipt{}, false
	}
	r := notice.Receipt{Vendor: tencentVendor, VendorID: *s.SerialNo, Phone: number(text(s.PhoneNumber)), Delivered: status == "SUCCESS", Code: safeCode(text(s.Description)), At: unix(s.UserReceiveTime)}
	if id, err := models.ParseID(text(s.SessionContext)); err == nil {
		r.DeliveryID = id
	}
	return r, true
}

// unix is an instant of the vendor's; none is the zero time.
func unix(s *uint64) time.Time {
	if s == nil || *s == 0 || *s > 1<<40 {
		return time.Time{}
	}
	return models.Instant(time.Unix(int64(*s), 0))
}
