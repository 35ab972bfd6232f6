package sms

import (
	"context"
	"net/http"
	"time"
)

type pulledStatus struct {
	UserReceiveTime  int64
	CountryCode      string
	SubscriberNumber string
	PhoneNumber      string
	SerialNo         string
	ReportStatus     string
	Description      string
	SessionContext   string
}

func (t *Tencent) status(m *Message) pulledStatus {
	s := pulledStatus{
		UserReceiveTime: m.ReceivedAt.Unix(), CountryCode: "86", SubscriberNumber: m.Phone, PhoneNumber: "+86" + m.Phone, SerialNo: m.BizID,
		ReportStatus: "SUCCESS", Description: m.ErrCode,
	}
	if m.Status == Failed {
		s.ReportStatus = "FAIL"
	}
	if t.cfg.Sessions {
		s.SessionContext = m.OutID
	}
	return s
}

// pull gives the next receipts and never gives them again.
func (t *Tencent) pull(in call) (any, string) {
	if in.Limit < 1 || in.Limit > 100 {
		return nil, "InvalidParameterValue.LimitVerifyFail"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	set := []pulledStatus{}
	for _, m := range t.sent {
		if m.Status != Waiting && !m.pulled && len(set) < in.Limit {
			m.pulled = true
			set = append(set, t.status(m))
		}
	}
	return map[string]any{"PullSmsSendStatusSet": set, "RequestId": newID()}, ""
}

// ofPhone lists what is settled of what one phone was sent in a span, as often as it is asked.
func (t *Tencent) ofPhone(in call) (any, string) {
	at := abroad.FindStringSubmatch(in.PhoneNumber)
	switch {
	case at == nil:
		return nil, "InvalidParameterValue.IncorrectPhoneNumber"
	case in.Limit < 1 || in.Limit > 100:
		return nil, "InvalidParameterValue.LimitVerifyFail"
	case in.Offset == nil || *in.Offset != 0:
		return nil, "InvalidParameterValue.OffsetVerifyFail"
	case in.BeginTime <= 0 || in.EndTime != 0 && in.EndTime < in.BeginTime:
		return nil, "InvalidParameterValue.BeginTimeVerifyFail"
	}
	set := []pulledStatus{}
	for _, m := range t.Messages(at[1]) {
		sent := m.SentAt.Unix()
		if m.Status != Waiting && sent >= in.BeginTime && (in.EndTime == 0 || sent <= in.EndTime) && len(set) < in.Limit {
			set = append(set, t.status(&m))
		}
	}
	return map[string]any{"PullSmsSendStatusSet": set, "RequestId": newID()}, ""
}

func (t *Tencent) pullReplies(in call) (any, string) {
	if in.Limit < 1 || in.Limit > 100 {
		return nil, "InvalidParameterValue.LimitVerifyFail"
	}
	type pulled struct {
		ExtendCode, CountryCode, PhoneNumber, SignName, ReplyContent string
		ReplyTime                                                    int64
		SubscriberNumber                                             string
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	set := []pulled{}
	for _, r := range t.replies {
		if !r.pulled && len(set) < in.Limit {
			r.pulled = true
			set = append(set, pulled{"", "86", "+86" + r.Phone, t.cfg.SignNames[0], r.Text, r.At.Unix(), r.Phone})
		}
	}
	return map[string]any{"PullSmsReplyStatusSet": set, "RequestId": newID()}, ""
}

// Push posts the receipts that the customer has not taken (https://cloud.tencent.com/document/product/382/59178); one that
// was not taken comes again with the next Push.
func (t *Tencent) Push(ctx context.Context, client *http.Client, to string) (int, error) {
	type pushed struct {
		UserReceiveTime string `json:"user_receive_time"`
		NationCode      string `json:"nationcode"`
		Mobile          string `json:"mobile"`
		ReportStatus    string `json:"report_status"`
		ErrMsg          string `json:"errmsg"`
		Description     string `json:"description"`
		SID             string `json:"sid"`
		Ext             string `json:"ext,omitempty"`
	}
	total := 0
	for {
		var batch []*Message
		var body []pushed
		t.mu.Lock()
		for _, m := range t.sent {
			if m.Status == Waiting || m.reported || len(batch) == pushSize {
				continue
			}
			s := t.status(m)
			said := "用户短信送达成功"
			if m.Status == Failed {
				said = "用户短信送达失败"
			}
			batch, body = append(batch, m), append(body, pushed{m.ReceivedAt.In(china).Format(vendorTime), "86", m.Phone, s.ReportStatus, m.ErrCode, said, m.BizID, s.SessionContext})
		}
		t.mu.Unlock()
		if len(batch) == 0 {
			return total, nil
		}
		if err := post(ctx, client, to, body, "result"); err != nil {
			return total, err
		}
		t.mu.Lock()
		for _, m := range batch {
			m.reported = true
		}
		t.mu.Unlock()
		total += len(batch)
	}
}

// PushReplies posts what people answered, one request for each (https://cloud.tencent.com/document/product/382/59179).
func (t *Tencent) PushReplies(ctx context.Context, client *http.Client, to string) (int, error) {
	for n := 0; ; n++ {
		batch := t.unsaid(1)
		if len(batch) == 0 {
			return n, nil
		}
		r := batch[0]
		body := map[string]any{"extend": "", "mobile": r.Phone, "nationcode": "86", "sign": t.cfg.SignNames[0], "text": r.Text, "time": r.At.Truncate(time.Second).Unix()}
		if err := post(ctx, client, to, body, "result"); err != nil {
			return n, err
		}
		t.said(batch)
	}
}
