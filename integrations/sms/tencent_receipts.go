package sms

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// TencentCallback reads what Tencent Cloud pushes: receipts (https://cloud.tencent.com/document/product/382/59178) and
// replies (https://cloud.tencent.com/document/product/382/59179).
type TencentCallback struct{ door }

// NewTencentCallback is as NewCallback.
func NewTencentCallback(token string, sources []string, clock models.Clock) (*TencentCallback, error) {
	d, err := newDoor(token, sources, clock)
	if err != nil {
		return nil, err
	}
	return &TencentCallback{d}, nil
}

// Receipts verifies a push before it reads it. The vendor names a message by its own id (sid), and by ours only where it
// has switched that on (ext); elements with neither are left out.
func (c *TencentCallback) Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error) {
	if err := c.opens(token, from); err != nil {
		return nil, err
	}
	var reports []struct {
		UserReceiveTime string `json:"user_receive_time"`
		Mobile          string `json:"mobile"`
		ReportStatus    string `json:"report_status"`
		ErrMsg          string `json:"errmsg"`
		SID             string `json:"sid"`
		Ext             string `json:"ext"`
	}
	if err := json.Unmarshal(body, &reports); err != nil || len(reports) > MaxReceipts {
		return nil, notice.ErrCallbackBody
	}
	out := make([]notice.Receipt, 0, len(reports))
	for _, r := range reports {
		id, err := models.ParseID(r.Ext)
		if err != nil {
			id = ""
		}
		if r.ReportStatus != "SUCCESS" && r.ReportStatus != "FAIL" || len(r.SID) > 64 || r.SID == "" && id == "" {
			continue
		}
		out = append(out, notice.Receipt{
			Vendor: tencentVendor, VendorID: r.SID, DeliveryID: id, Phone: number(r.Mobile), Delivered: r.ReportStatus == "SUCCESS", Code: safeCode(r.ErrMsg),
			At: c.timed(r.UserReceiveTime),
		})
	}
	return out, nil
}

// Replies verifies a push before it reads it: one reply in an object, or several in an array.
func (c *TencentCallback) Replies(token string, from netip.Addr, body []byte) ([]notice.Reply, error) {
	if err := c.opens(token, from); err != nil {
		return nil, err
	}
	type reply struct {
		Mobile string `json:"mobile"`
		Text   string `json:"text"`
		Time   int64  `json:"time"`
	}
	var texts []reply
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '{' {
		body = append(append([]byte{'['}, b...), ']')
	}
	if err := json.Unmarshal(body, &texts); err != nil || len(texts) > MaxReceipts {
		return nil, notice.ErrCallbackBody
	}
	out := make([]notice.Reply, 0, len(texts))
	for _, r := range texts {
		p := number(r.Mobile)
		if p.IsZero() {
			continue
		}
		at := c.clock.Now()
		if r.Time > 0 && r.Time < 1<<40 {
			at = models.Instant(time.Unix(r.Time, 0))
		}
		out = append(out, notice.Reply{Vendor: tencentVendor, Phone: p, Word: notice.ReadReply(r.Text), At: at})
	}
	return out, nil
}
