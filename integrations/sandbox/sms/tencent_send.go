package sms

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type sentAnswer struct {
	RequestID     string       `json:"RequestId"`
	SendStatusSet []sentStatus `json:"SendStatusSet"`
}

type sentStatus struct {
	SerialNo       string
	PhoneNumber    string
	Fee            int
	SessionContext string
	Code           string
	Message        string
	IsoCode        string
}

var (
	abroad   = regexp.MustCompile(`^\+86(1[3-9]\d{9})$`)
	numbered = regexp.MustCompile(`\{(\d+)\}`)
	shortNum = regexp.MustCompile(`^\d{0,6}$`)
)

// send carries one SendSms. What is wrong with the whole call refuses it; what is wrong for a number stands in its status.
func (t *Tencent) send(in call) (any, string) {
	tpl, known := t.template(in.TemplateID)
	switch {
	case len(in.PhoneNumberSet) == 0:
		return nil, "MissingParameter.EmptyPhoneNumberSet"
	case len(in.PhoneNumberSet) > 200:
		return nil, "LimitExceeded.PhoneNumberCountLimit"
	case len(in.SessionContext) > 512:
		return nil, "InvalidParameter"
	}
	out := sentAnswer{RequestID: newID()}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, p := range in.PhoneNumberSet {
		s := sentStatus{PhoneNumber: p, SessionContext: in.SessionContext, IsoCode: "CN"}
		at := abroad.FindStringSubmatch(p)
		var text, code string
		switch {
		case at == nil:
			code = "InvalidParameterValue.IncorrectPhoneNumber"
		case !slices.Contains(t.cfg.SignNames, in.SignName):
			code = "FailedOperation.SignatureIncorrectOrUnapproved"
		case !known || tpl.Review != Passed:
			code = "FailedOperation.TemplateUnapprovedOrNotExist"
		default:
			if text, code = tpl.number(in.TemplateParamSet); code == "" {
				code = t.overLimit(at[1], tpl, now)
			}
		}
		if s.Code, s.Message = code, code; code == "" {
			text = "【" + in.SignName + "】" + text
			s.SerialNo, s.Code, s.Message, s.Fee = fmt.Sprintf("5000:%d%06d", now.UnixNano(), len(t.sent)), "Ok", "send success", parts(text)
			params := map[string]string{}
			for i, v := range in.TemplateParamSet {
				params[strconv.Itoa(i+1)] = v
			}
			if tpl.Verification && len(in.TemplateParamSet) > 0 {
				params["code"] = in.TemplateParamSet[0] // for the desk
			}
			t.remember(&Message{BizID: s.SerialNo, OutID: in.SessionContext, Phone: at[1], SignName: in.SignName, TemplateCode: in.TemplateID,
				Params: params, Text: text, Parts: s.Fee, SentAt: now, Status: Waiting})
		}
		out.SendStatusSet = append(out.SendStatusSet, s)
	}
	return out, ""
}

// number renders a template whose variables are numbered, or gives the vendor's code for what is wrong with them.
func (t Template) number(params []string) (text, code string) {
	found := numbered.FindAllStringSubmatch(t.Text, -1)
	if len(found) != len(params) {
		return "", "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
	}
	var pairs []string
	for i, v := range params {
		switch {
		case v == "":
			return "", "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
		case t.Verification && !shortNum.MatchString(v):
			return "", "InvalidParameterValue.TemplateParameterFormatError"
		case utf8.RuneCountInString(v) > maxValue:
			return "", "InvalidParameterValue.TemplateParameterLengthLimit"
		case link.MatchString(v):
			return "", "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
		case strings.ContainsAny(v, "【】"):
			return "", "FailedOperation.ContainSensitiveWord"
		}
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(t.Text), ""
}

// overLimit is the vendor's frequency control of verification codes to one phone.
func (t *Tencent) overLimit(phone string, tpl Template, now time.Time) string {
	if !tpl.Verification {
		return ""
	}
	var half, hour, day int
	for _, m := range slices.Backward(t.sent) {
		age := now.Sub(m.SentAt)
		if m.Phone != phone || age >= 24*time.Hour {
			continue
		}
		if of, _ := t.template(m.TemplateCode); !of.Verification {
			continue
		}
		day++
		if age < time.Hour {
			hour++
		}
		if age < 30*time.Second {
			half++
		}
	}
	switch {
	case half >= 1:
		return "LimitExceeded.PhoneNumberThirtySecondLimit"
	case hour >= 5:
		return "LimitExceeded.PhoneNumberOneHourLimit"
	case day >= 10:
		return "LimitExceeded.PhoneNumberDailyLimit"
	}
	return ""
}
