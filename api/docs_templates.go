package api

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/notice"
)

// Filings says how each text stands with each vendor.
type Filings interface {
	List(ctx context.Context) ([]notice.Filing, error)
}

// templatesPage shows every text as it will be read. It is for those who write and file texts, so only where the page of
// the document may be tried out: not in production, whose operators have `onecard templates list`.
func (s *server) templatesPage(c *gin.Context) {
	if s.Production {
		s.refuse(c, errRouteNotFound)
		return
	}
	if !s.docsHere(c) {
		return
	}
	var filings []notice.Filing
	if s.Filings != nil {
		var err error
		if filings, err = s.Filings.List(c); err != nil {
			s.refuse(c, err)
			return
		}
	}
	var b bytes.Buffer
	if err := templatesHTML.Execute(&b, newTemplatesView(filings)); err != nil {
		s.refuse(c, errInternal.Because(err))
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

type templatesView struct {
	Signature string
	SMS       []smsPreview
	Platforms []platformView
	Problems  int
}

type smsPreview struct {
	notice.Preview
	Life    string
	Filings []notice.Filing
}

type platformView struct {
	Channel   notice.Channel
	Name      string
	Templates []platformPreview
}

type platformPreview struct {
	notice.PlatformPreview
	Filings []notice.Filing
}

var platformNames = map[notice.Channel]string{
	notice.WechatMini: "微信小程序订阅消息", notice.WechatOA: "微信公众号模板消息", notice.AlipayMini: "支付宝小程序模板消息", notice.AlipayLife: "支付宝生活号模板消息",
}

func newTemplatesView(filings []notice.Filing) templatesView {
	v := templatesView{Signature: notice.Signature}
	of := func(template string, at func(vendor string) bool) (out []notice.Filing) {
		for _, f := range filings {
			if f.Template == template && at(f.Vendor) {
				out = append(out, f)
			}
		}
		return out
	}
	for _, p := range notice.Previews() {
		v.Problems += len(p.Verdict)
		v.SMS = append(v.SMS, smsPreview{p, lifeWords(p.Life), of(string(p.Kind), func(vendor string) bool { return !strings.Contains(vendor, ":") })})
	}
	for _, c := range notice.Platforms {
		one := platformView{Channel: c, Name: platformNames[c]}
		for _, p := range notice.PlatformPreviews(c) {
			v.Problems += len(p.Verdict)
			one.Templates = append(one.Templates, platformPreview{p, of(string(p.Topic), func(vendor string) bool { return strings.HasPrefix(vendor, string(c)+":") })})
		}
		v.Platforms = append(v.Platforms, one)
	}
	return v
}

func lifeWords(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d小时", d/time.Hour)
	}
	return fmt.Sprintf("%d分钟", d/time.Minute)
}

var stateWords = map[notice.FilingState]string{
	notice.FilingDraft: "未报备", notice.FilingFiled: "审核中", notice.FilingApproved: "已通过", notice.FilingRefused: "未通过", notice.FilingPaused: "已暂停",
	notice.FilingWithdrawn: "已撤回",
}

var fieldWords = map[notice.FieldType]string{
	notice.FieldThing: "20个字以内", notice.FieldPhrase: "5个汉字以内", notice.FieldKeyword: "20个字以内", notice.FieldAmount: "币种符号和10位以内数字",
	notice.FieldNumber: "32位以内数字", notice.FieldLetter: "32位以内字母", notice.FieldSymbol: "5位以内符号", notice.FieldCharacterString: "32位以内数字、字母或符号",
	notice.FieldTime: "年月日 时分", notice.FieldDate: "年月日",
}

var laneWords = map[notice.Lane]string{notice.LaneCodes: "验证码", notice.LaneLoss: "挂失", notice.LaneProgress: "进度", notice.LaneArrivals: "到账"}

var templatesHTML = template.Must(template.New("templates").Funcs(template.FuncMap{
	"state": func(s notice.FilingState) string { return orWord(stateWords[s], string(s)) },
	"field": func(f notice.FieldType) string { return orWord(fieldWords[f], string(f)) },
	"lane":  func(l notice.Lane) string { return orWord(laneWords[l], l.String()) },
	"when": func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(models.Shanghai).Format("2006-01-02 15:04")
	},
}).Parse(templatesSource))

func orWord(word, plain string) string {
	if word == "" {
		return plain
	}
	return word
}
