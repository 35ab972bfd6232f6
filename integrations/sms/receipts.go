package sms

import (
	"encoding/json"
	"net/netip"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Callback reads what Aliyun pushes: receipts (SmsReport, https://help.aliyun.com/document_detail/101867.html) and replies
// (SmsUp, https://help.aliyun.com/document_detail/101869.html). Its API has no queue to pull receipts from: it can only be
// asked about one number and one day (Ask), so there is no puller beside this one.
type Callback struct{ door }

// NewCallback needs a token of at least 16 characters. Sources are addresses or networks; none means any address.
func NewCallback(token string, sources []string, clock models.Clock) (*Callback, error) {
	d, err := newDoor(token, sources, clock)
	if err != nil {
		return nil, err
	}
	return &Callback{d}, nil
}

// Receipts verifies a push before it reads it. Elements without an id of ours are left out.
func (c *Callback) Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error) {
	if err := c.opens(token, from); err != nil {
		return nil, err
	}
	var reports []struct {
		PhoneNumber string `json:"phone_number"`
		ReportTime  string `json:"report_time"`
		Success     *bool  `json:"success"`
		ErrCode     string `json:"err_code"`
		BizID       string `json:"biz_id"`
		OutID       string `json:"out_id"`
	}
	if err := json.Unmarshal(body, &reports); err != nil || len(reports) > MaxReceipts {
		return nil, notice.ErrCallbackBody
	}
	out := make([]notice.Receipt, 0, len(reports))
	for _, r := range reports {
		id, err := models.ParseID(r.OutID)
		if err != nil || r.Success == nil || len(r.BizID) > 64 {
			continue
		}
		out = append(out, notice.Receipt{
			Vendor: vendor, VendorID: r.BizID, DeliveryID: id, Phone: number(r.PhoneNumber), Delivered: *r.Success, Code: safeCode(r.ErrCode),
			At: c.timed(r.ReportTime),
		})
	}
	return out, nil
}

// Replies verifies a push before it reads it. What people wrote is understood here and goes no further.
func (c *Callback) Replies(token string, from netip.Addr, body []byte) ([]notice.Reply, error) {
	if err := c.opens(token, from); err != nil {
		return nil, err
	}
	var texts []struct {
		PhoneNumber string `json:"phone_number"`
		SendTime    string `json:"send_time"`
		Content     string `json:"content"`
	}
	if err := json.Unmarshal(body, &texts); err != nil || len(texts) > MaxReceipts {
		return nil, notice.ErrCallbackBody
	}
	out := make([]notice.Reply, 0, len(texts))
	for _, r := range texts {
		if p := number(r.PhoneNumber); !p.IsZero() {
			out = append(out, notice.Reply{Vendor: vendor, Phone: p, Word: notice.ReadReply(r.Content), At: c.timed(r.SendTime)})
		}
	}
	return out, nil
}

// number is a phone that a vendor names whole; a masked one is none.
func number(s string) models.Phone {
	if len(s) == len("8613800138000") && s[:2] == "86" {
		s = s[2:]
	}
	p, err := models.ParsePhone(s)
	if err != nil {
		return models.Phone{}
	}
	return p
}

func (d door) timed(s string) time.Time {
	at, err := parseTime(s)
	if err != nil {
		return d.clock.Now()
	}
	return at
}

func parseTime(s string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, models.Shanghai)
	return models.Instant(t), err
}
