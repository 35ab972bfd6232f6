package sms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	dysms "github.com/alibabacloud-go/dysmsapi-20170525/v5/client"
	"github.com/alibabacloud-go/tea/dara"
	tcsms "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sms/v20210111"

	"onecard/models/notice"
)

// Filed says under which filing a kind's text goes out at a vendor now (notice.Book). Its error is a *notice.SendError.
type Filed func(ctx context.Context, k notice.Kind) (notice.Filing, error)

// under is the vendor's code for a message, and its variables in the order in which they were filed. Without filed the
// codes of the settings count, for the texts of this release.
func under(ctx context.Context, m notice.Message, codes map[string]string, filed Filed) (code string, names []string, err error) {
	if filed != nil {
		f, err := filed(ctx, m.Kind)
		if err != nil {
			return "", nil, err
		}
		return f.Code, f.Names(), nil
	}
	if code = codes[string(m.Kind)]; code == "" {
		return "", nil, &notice.SendError{Class: notice.NotAccepted, Code: "template_not_set", After: time.Minute}
	}
	spec, _ := notice.SpecOf(m.Kind)
	return code, spec.Current().Variables, nil
}

// only are the variables that the filed text has: an older one may have fewer.
func only(params map[string]string, names []string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		if v, there := params[name]; there {
			out[name] = v
		}
	}
	return out
}

// positional are a message's variables in the order of its filed text. This vendor's variables have no names.
func positional(m notice.Message, names []string) ([]*string, error) {
	spec, ok := notice.SpecOf(m.Kind)
	if !ok || len(m.Params) > len(spec.Params) {
		return nil, errors.New("sms: no such kind, or a variable too much")
	}
	var out []*string
	for _, name := range names {
		v, ok := m.Params[name]
		if !ok {
			return nil, errors.New("sms: a variable is missing")
		}
		out = append(out, new(v))
	}
	return out, nil
}

var (
	_ notice.Asker = (*Aliyun)(nil)
	_ notice.Asker = (*Tencent)(nil)
)

const (
	templatesPage     = 50
	maxTemplatePages  = 20
	templatesPerCall  = 100
	errTemplatesAsked = "query_refused"
)

// aliyunStates are the vendor's words (QuerySmsTemplateList, field AuditStatus; it does write AUDIT_SATE_CANCEL).
var aliyunStates = map[string]notice.FilingState{
	"AUDIT_STATE_INIT": notice.FilingFiled, "AUDIT_STATE_PASS": notice.FilingApproved, "AUDIT_STATE_NOT_PASS": notice.FilingRefused,
	"AUDIT_SATE_CANCEL": notice.FilingWithdrawn, "AUDIT_STATE_CANCEL": notice.FilingWithdrawn,
}

// AskTemplates implements notice.Asker: the account's whole list, page by page. A list that does not end is no answer.
func (a *Aliyun) AskTemplates(ctx context.Context, _ []string) ([]notice.VendorTemplate, error) {
	var out []notice.VendorTemplate
	for page := int32(1); page <= maxTemplatePages; page++ {
		body, err := a.templatePage(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, t := range body.SmsTemplateList {
			if t == nil {
				continue
			}
			v := notice.VendorTemplate{Code: dara.StringValue(t.TemplateCode), State: notice.FilingPaused, Text: dara.StringValue(t.TemplateContent)}
			if state, known := aliyunStates[dara.StringValue(t.AuditStatus)]; known {
				v.State = state
			} else {
				v.Reason = safeCode(dara.StringValue(t.AuditStatus)) // a word of theirs that we do not know is no approval
			}
			if t.Reason != nil && v.State != notice.FilingApproved {
				v.Reason = dara.StringValue(t.Reason.RejectInfo)
			}
			out = append(out, v)
		}
		if len(body.SmsTemplateList) < templatesPage {
			return out, nil
		}
	}
	return nil, &notice.SendError{Class: notice.NotAccepted, Code: "list_too_long"}
}

func (a *Aliyun) templatePage(ctx context.Context, page int32) (*dysms.QuerySmsTemplateListResponseBody, error) {
	var body *dysms.QuerySmsTemplateListResponseBody
	err := a.call(ctx, func(ctx context.Context) error {
		req := &dysms.QuerySmsTemplateListRequest{PageIndex: new(page), PageSize: new(int32(templatesPage))}
		resp, err := a.own().QuerySmsTemplateListWithContext(ctx, req, &dara.RuntimeOptions{})
		if err == nil && resp != nil {
			body = resp.Body
		}
		return err
	})
	if err == nil && (body == nil || dara.StringValue(body.Code) != "OK") {
		err = &notice.SendError{Class: notice.NotAccepted, Code: errTemplatesAsked}
	}
	return body, err
}

// tencentStates are the vendor's numbers (DescribeSmsTemplateList, field StatusCode): only 0 may be used; 2 is approved and
// not yet in force.
var tencentStates = map[int64]notice.FilingState{0: notice.FilingApproved, 1: notice.FilingFiled, 2: notice.FilingFiled, -1: notice.FilingRefused}

// AskTemplates implements notice.Asker: by the numbers themselves, a hundred in a call.
func (t *Tencent) AskTemplates(ctx context.Context, codes []string) ([]notice.VendorTemplate, error) {
	byNumber := map[uint64]string{}
	for _, code := range codes {
		if n, err := strconv.ParseUint(code, 10, 64); err == nil {
			byNumber[n] = code
		}
	}
	var out []notice.VendorTemplate
	for some := range slices.Chunk(slices.Sorted(maps.Keys(byNumber)), templatesPerCall) {
		list, err := t.describe(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if d == nil || d.TemplateId == nil {
				continue
			}
			v := notice.VendorTemplate{Code: byNumber[*d.TemplateId], State: notice.FilingPaused, Text: text(d.TemplateContent)}
			if d.StatusCode != nil {
				if state, known := tencentStates[*d.StatusCode]; known {
					v.State = state
				}
			}
			if v.State != notice.FilingApproved {
				v.Reason = text(d.ReviewReply)
			}
			out = append(out, v)
		}
	}
	return out, nil
}

var errNotAnswered = errors.New("sms: no answer to the question")

func (t *Tencent) describe(ctx context.Context, numbers []uint64) (list []*tcsms.DescribeTemplateListStatus, err error) {
	req := tcsms.NewDescribeSmsTemplateListRequest()
	req.International = new(uint64(0))
	for _, n := range numbers {
		req.TemplateIdSet = append(req.TemplateIdSet, new(n))
	}
	err = t.call(ctx, func(ctx context.Context) error {
		resp, err := t.client.DescribeSmsTemplateListWithContext(ctx, req)
		if err != nil {
			return err
		}
		if text(resp.Response.RequestId) == "" {
			return errNotAnswered // an answer without its parts, which must not read as an empty list
		}
		list = resp.Response.DescribeTemplateStatusSet
		return nil
	})
	return list, err
}
