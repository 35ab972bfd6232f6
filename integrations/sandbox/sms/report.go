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
		if err := post(ctx, client, to, body, "code"); err != nil {
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

// PushReplies posts what people answered and the customer has not taken (SmsUp,
// https://help.aliyun.com/document_detail/101869.html).
func (g *Gateway) PushReplies(ctx context.Context, client *http.Client, to string) (int, error) {
	type up struct {
		PhoneNumber string `json:"phone_number"`
		SendTime    string `json:"send_time"`
		Content     string `json:"content"`
		SignName    string `json:"sign_name"`
		DestCode    string `json:"dest_code"`
		SequenceID  int64  `json:"sequence_id"`
	}
	batch := g.unsaid(pushSize)
	if len(batch) == 0 {
		return 0, nil
	}
	var body []up
	for i, r := range batch {
		body = append(body, up{r.Phone, r.At.In(china).Format(vendorTime), r.Text, g.cfg.SignNames[0], "8081", r.At.UnixMilli() + int64(i)})
	}
	if err := post(ctx, client, to, body, "code"); err != nil {
		return 0, err
	}
	g.said(batch)
	return len(batch), nil
}

// post gives a push to the customer. It is taken once the answer is 200 with a number under ack, at Tencent zero.
func post(ctx context.Context, client *http.Client, to string, body any, ack string) error {
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
	var said map[string]any
	if resp.StatusCode != http.StatusOK || json.Unmarshal(answer, &said) != nil {
		return fmt.Errorf("receipts were not taken: status %d", resp.StatusCode)
	}
	if n, ok := said[ack].(float64); !ok || ack == "result" && n != 0 {
		return fmt.Errorf("receipts were not taken: no %s", ack)
	}
	return nil
}
