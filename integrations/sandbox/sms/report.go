package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const pushSize = 100

// report is one element of the array that the vendor posts to its customer's address:
// https://help.aliyun.com/document_detail/101867.html.
type report struct {
	PhoneNumber string `json:"phone_number"`
	SendTime    string `json:"send_time"`
	ReportTime  string `json:"report_time"`
	Success     bool   `json:"success"`
	ErrCode     string `json:"err_code"`
	ErrMsg      string `json:"err_msg"`
	SmsSize     string `json:"sms_size"`
	BizID       string `json:"biz_id"`
	OutID       string `json:"out_id"`
}

// Settle lets the carrier's answer arrive for every waiting message that which accepts (nil accepts all): delivered
// where errCode is empty, else failed with that code, e.g. MOBILE_NOT_ON_SERVICE. It gives how many.
func (g *Gateway) Settle(which func(Message) bool, errCode string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, m := range g.sent {
		if m.Status != Waiting || which != nil && !which(*m) {
			continue
		}
		m.Status, m.ErrCode, m.ReceivedAt = Delivered, "DELIVERED", g.cfg.Now()
		if errCode != "" {
			m.Status, m.ErrCode = Failed, errCode
		}
		n++
	}
	return n
}

// Push posts the receipts of settled messages that the customer has not taken yet, at most a hundred in one request. A
// receipt counts as taken when the answer is 200 with a numeric code; until then the next Push brings it again, as the
// vendor does after 1, 5 and 10 minutes.
func (g *Gateway) Push(ctx context.Context, client *http.Client, to string) (int, error) {
	pushed := 0
	for {
		batch, body := g.unreported()
		if len(batch) == 0 {
			return pushed, nil
		}
		if err := post(ctx, client, to, body); err != nil {
			return pushed, err
		}
		g.mu.Lock()
		for _, m := range batch {
			m.reported = true
		}
		g.mu.Unlock()
		pushed += len(batch)
	}
}

func (g *Gateway) unreported() ([]*Message, []report) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch []*Message
	var body []report
	for _, m := range g.sent {
		if m.Status == Waiting || m.reported || len(batch) == pushSize {
			continue
		}
		r := report{
			PhoneNumber: m.Phone, SendTime: m.SentAt.In(china).Format(vendorTime), ReportTime: m.ReceivedAt.In(china).Format(vendorTime),
			Success: m.Status == Delivered, ErrCode: m.ErrCode, ErrMsg: "用户接收成功", SmsSize: strconv.Itoa(m.Parts), BizID: m.BizID, OutID: m.OutID,
		}
		if !r.Success {
			r.ErrMsg = "用户接收失败"
		}
		batch, body = append(batch, m), append(body, r)
	}
	return batch, body
}

func post(ctx context.Context, client *http.Client, to string, body []report) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json;charset=utf-8")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("receipts were not taken: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return fmt.Errorf("receipts were not taken: %w", err)
	}
	var ack struct {
		Code *int `json:"code"`
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(answer, &ack) != nil || ack.Code == nil {
		return fmt.Errorf("receipts were not taken: status %d", resp.StatusCode)
	}
	return nil
}
