package sms

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxPhones = 1000
	maxValue  = 35
	maxOutID  = 256
)

var (
	mobile   = regexp.MustCompile(`^(\+?86)?1[3-9]\d{9}$`)
	variable = regexp.MustCompile(`\$\{([^}]+)\}`)
	link     = regexp.MustCompile(`(?i)https?://|www\.|\.(com|cn|net|top|cc)\b`)
)

// send carries one SendSms. Refusals by the business are answers with status 200 and a code that is not OK.
func (g *Gateway) send(q url.Values) answer {
	refuse := func(code, message string) answer { return answer{RequestID: newID(), Code: code, Message: message} }
	phones := strings.Split(q.Get("PhoneNumbers"), ",")
	for i, p := range phones {
		if !mobile.MatchString(p) {
			return refuse("isv.MOBILE_NUMBER_ILLEGAL", p+"非法手机号")
		}
		phones[i] = p[len(p)-11:]
	}
	tpl, known := g.template(q.Get("TemplateCode"))
	switch {
	case len(phones) > maxPhones:
		return refuse("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
	case !slices.Contains(g.cfg.SignNames, q.Get("SignName")):
		return refuse("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
	case !known || tpl.Review != Passed:
		return refuse("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法(不存在或被拉黑)")
	case len(q.Get("OutId")) > maxOutID:
		return refuse("isv.INVALID_PARAMETERS", "参数格式不正确")
	}
	params := map[string]string{}
	if raw := q.Get("TemplateParam"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &params); err != nil {
			return refuse("isv.INVALID_JSON_PARAM", "JSON参数不合法,只接受字符串值")
		}
	}
	text, code := tpl.fill(params)
	if code != "" {
		return refuse(code, code)
	}
	text = "【" + q.Get("SignName") + "】" + text

	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.cfg.Now()
	for _, p := range phones {
		if over := g.overLimit(p, q.Get("TemplateCode"), tpl, now); over != "" {
			return refuse("isv.BUSINESS_LIMIT_CONTROL", over)
		}
	}
	biz := fmt.Sprintf("%d^0", now.UnixNano()+int64(len(g.sent)))
	for _, p := range phones {
		g.remember(&Message{
			BizID: biz, OutID: q.Get("OutId"), Phone: p, SignName: q.Get("SignName"), TemplateCode: q.Get("TemplateCode"),
			Params: params, Text: text, Parts: parts(text), SentAt: now, Status: Waiting,
		})
	}
	return answer{RequestID: newID(), Code: "OK", Message: "OK", BizID: biz}
}

// fill renders the template, or gives the vendor's code for what is wrong with the variables.
func (t Template) fill(params map[string]string) (text, code string) {
	pairs := make([]string, 0, 8)
	for _, m := range variable.FindAllStringSubmatch(t.Text, -1) {
		v, ok := params[m[1]]
		switch {
		case !ok || v == "":
			return "", "isv.TEMPLATE_MISSING_PARAMETERS"
		case utf8.RuneCountInString(v) > maxValue:
			return "", "isv.PARAM_LENGTH_LIMIT"
		case link.MatchString(v):
			return "", "isv.PARAM_NOT_SUPPORT_URL"
		case strings.ContainsAny(v, "【】"):
			return "", "isv.BLACK_KEY_CONTROL_LIMIT"
		}
		pairs = append(pairs, m[0], v)
	}
	return strings.NewReplacer(pairs...).Replace(t.Text), ""
}

// overLimit is the vendor's frequency control for one phone under one signature.
func (g *Gateway) overLimit(phone, template string, tpl Template, now time.Time) string {
	var minute, hour, day, same int
	for _, m := range slices.Backward(g.sent) {
		age := now.Sub(m.SentAt)
		if m.Phone != phone || age >= 24*time.Hour {
			continue
		}
		if m.TemplateCode == template {
			same++
		}
		if of, _ := g.template(m.TemplateCode); !of.Verification {
			continue
		}
		day++
		if age < time.Hour {
			hour++
		}
		if age < time.Minute {
			minute++
		}
	}
	switch {
	case tpl.Verification && minute >= 1:
		return "触发分钟级流控Permits:1"
	case tpl.Verification && hour >= 5:
		return "触发小时级流控Permits:5"
	case tpl.Verification && day >= 10:
		return "触发天级流控Permits:10"
	case !tpl.Verification && same >= 50:
		return "触发天级流控Permits:50"
	}
	return ""
}

func parts(text string) int {
	n := len(utf16.Encode([]rune(text)))
	if n <= 70 {
		return 1
	}
	return (n + 66) / 67
}
