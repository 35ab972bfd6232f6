package sms

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Review is how the vendor stands to a template. The zero value is approved.
type Review string

// The vendor's decisions.
const (
	Passed   Review = ""
	Waits    Review = "waits"
	Rejected Review = "rejected"
	Stopped  Review = "stopped" // taken back by the customer, or stopped by the vendor
)

// shelf is what has been filed with a vendor.
type shelf struct {
	lock sync.Mutex
	of   map[string]Template
}

func (s *shelf) template(code string) (Template, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	t, known := s.of[code]
	return t, known
}

func (s *shelf) codes() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	out := make([]string, 0, len(s.of))
	for code := range s.of {
		out = append(out, code)
	}
	slices.Sort(out)
	return out
}

// Decide is the reviewer's word on a template, with the reason for a refusal.
func (s *shelf) Decide(code string, r Review, reason string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	t, known := s.of[code]
	if !known || !slices.Contains([]Review{Passed, Waits, Rejected, Stopped}, r) {
		return errors.New("sms sandbox: no such template or decision")
	}
	t.Review, t.Reason = r, reason
	s.of[code] = t
	return nil
}

// File puts a template onto the shelf, as a customer does in the vendor's console.
func (s *shelf) File(code string, t Template) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.of[code] = t
}

func copied(of map[string]Template) map[string]Template {
	out := make(map[string]Template, len(of))
	for code, t := range of {
		out[code] = t
	}
	return out
}

const (
	aliyunList  = "QuerySmsTemplateList"
	tencentList = "DescribeSmsTemplateList"
)

// consoled lets the list of templates be read while the rest fails: it fails only where an order names it.
func consoled(api, failing http.Handler, listing, ordered func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if listing(r) && !ordered(r) {
			api.ServeHTTP(w, r)
			return
		}
		failing.ServeHTTP(w, r)
	})
}

type listedTemplate struct {
	TemplateCode    string
	TemplateContent string
	TemplateName    string
	TemplateType    int
	AuditStatus     string
	CreateDate      string
	Reason          struct {
		RejectInfo    string `json:",omitempty"`
		RejectSubInfo string `json:",omitempty"`
	}
}

type templateList struct {
	RequestID   string `json:"RequestId"`
	Code        string
	Message     string
	TotalCount  int
	CurrentPage int
	PageSize    int
	List        []listedTemplate `json:"SmsTemplateList"`
}

var aliyunReviews = map[Review]string{
	Passed: "AUDIT_STATE_PASS", Waits: "AUDIT_STATE_INIT", Rejected: "AUDIT_STATE_NOT_PASS", Stopped: "AUDIT_SATE_CANCEL", // as the vendor writes it
}

// templates answers QuerySmsTemplateList (https://help.aliyun.com/document_detail/419288.html), page by page.
func (g *Gateway) templates(q url.Values) templateList {
	page, errPage := strconv.Atoi(q.Get("PageIndex"))
	size, errSize := strconv.Atoi(q.Get("PageSize"))
	out := templateList{RequestID: newID(), Code: "OK", Message: "OK", CurrentPage: page, PageSize: size}
	if errPage != nil || errSize != nil || page < 1 || size < 1 || size > 50 {
		out.Code, out.Message = "isv.INVALID_PARAMETERS", "参数异常"
		return out
	}
	codes := g.codes()
	out.TotalCount = len(codes)
	from := min((page-1)*size, len(codes))
	for _, code := range codes[from:min(from+size, len(codes))] {
		t, _ := g.template(code)
		l := listedTemplate{TemplateCode: code, TemplateContent: t.Text, TemplateName: code, AuditStatus: aliyunReviews[t.Review], CreateDate: g.cfg.Now().In(china).Format(vendorTime)}
		if t.Verification {
			l.TemplateType = 2
		}
		l.Reason.RejectInfo = t.Reason
		out.List = append(out.List, l)
	}
	return out
}

type describedTemplate struct {
	TemplateID      uint64 `json:"TemplateId"`
	International   int
	StatusCode      int
	ReviewReply     string
	TemplateName    string
	CreateTime      int64
	TemplateContent string
}

var tencentReviews = map[Review]int{Passed: 0, Waits: 1, Rejected: -1, Stopped: -1}

// describe answers DescribeSmsTemplateList (https://cloud.tencent.com/document/product/382/52067): those asked for that
// are there, or the whole list by pages.
func (t *Tencent) describe(in call) (any, string) {
	set := []describedTemplate{}
	switch {
	case len(in.TemplateIDSet) > 100:
		return nil, "InvalidParameter.TemplateIdSetTooLong"
	case len(in.TemplateIDSet) == 0:
		return nil, "MissingParameter"
	}
	for _, code := range t.codes() {
		id, err := strconv.ParseUint(code, 10, 64)
		if err != nil || !slices.Contains(in.TemplateIDSet, id) {
			continue
		}
		tpl, _ := t.template(code)
		set = append(set, describedTemplate{
			TemplateID: id, StatusCode: tencentReviews[tpl.Review], ReviewReply: tpl.Reason, TemplateName: code,
			CreateTime: t.cfg.Now().Truncate(time.Second).Unix(), TemplateContent: tpl.Text,
		})
	}
	return map[string]any{"DescribeTemplateStatusSet": set, "RequestId": newID()}, ""
}
