package sms

import (
	"net/url"
	"strconv"
	"time"
)

var china = time.FixedZone("CST", 8*3600)

const vendorTime = "2006-01-02 15:04:05"

type detail struct {
	PhoneNum     string
	SendStatus   Status
	ErrCode      string
	TemplateCode string
	Content      string
	SendDate     string
	ReceiveDate  string `json:",omitempty"`
	OutID        string `json:"OutId,omitempty"`
}

type details struct {
	RequestID  string `json:"RequestId"`
	Code       string
	Message    string
	TotalCount string
	DTOs       struct {
		DTO []detail `json:"SmsSendDetailDTO"`
	} `json:"SmsSendDetailDTOs"`
}

// query answers QuerySendDetails: what was sent to a phone on a day, newest first, page by page.
func (g *Gateway) query(q url.Values) details {
	out := details{RequestID: newID(), Code: "OK", Message: "OK"}
	size, errSize := strconv.Atoi(q.Get("PageSize"))
	page, errPage := strconv.Atoi(q.Get("CurrentPage"))
	_, errDay := time.Parse("20060102", q.Get("SendDate"))
	switch {
	case !mobile.MatchString(q.Get("PhoneNumber")):
		out.Code, out.Message = "isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"
		return out
	case errSize != nil || errPage != nil || errDay != nil || size < 1 || size > 50 || page < 1:
		out.Code, out.Message = "isv.INVALID_PARAMETERS", "参数异常"
		return out
	}
	phone := q.Get("PhoneNumber")
	all := g.Messages(phone[len(phone)-11:])
	var found []detail
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		if m.SentAt.In(china).Format("20060102") != q.Get("SendDate") || q.Get("BizId") != "" && q.Get("BizId") != m.BizID {
			continue
		}
		d := detail{
			PhoneNum: m.Phone, SendStatus: m.Status, ErrCode: m.ErrCode, TemplateCode: m.TemplateCode, Content: m.Text,
			SendDate: m.SentAt.In(china).Format(vendorTime), OutID: m.OutID,
		}
		if !m.ReceivedAt.IsZero() {
			d.ReceiveDate = m.ReceivedAt.In(china).Format(vendorTime)
		}
		found = append(found, d)
	}
	out.TotalCount = strconv.Itoa(len(found))
	from := min((page-1)*size, len(found))
	out.DTOs.DTO = found[from:min(from+size, len(found))]
	return out
}
