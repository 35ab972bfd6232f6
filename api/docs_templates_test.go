package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

type someFilings []notice.Filing

func (f someFilings) List(context.Context) ([]notice.Filing, error) {
	if f == nil {
		return nil, models.ErrUnavailable
	}
	return f, nil
}

func TestTheTextsCanBeReadOverInDevelopment(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 12, 20, 2, 5, 0, 0, time.UTC)
	r := newRig(t, func(d *Deps) {
		d.Filings = someFilings{
			{Vendor: "aliyun", Template: "arrival", Version: "abc", Code: "SMS_1", State: notice.FilingApproved, ChangedAt: at},
			{Vendor: "tencent", Template: "arrival", Version: "abc", Code: "77", State: notice.FilingRefused, Reason: "<b>变量不规范</b>", ChangedAt: at},
			{Vendor: notice.PlaceOf(notice.AlipayMini, "2021"), Template: "arrivals", State: notice.FilingPaused},
		}
	})
	w := r.call("GET", "/docs/templates", "")
	require.Equal(t, 200, w.Code)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, docsPolicy, w.Header().Get("Content-Security-Policy"))
	page := w.Body.String()
	for _, s := range notice.Templates() {
		require.Contains(t, page, `<section id="`+string(s.Kind)+`">`)
	}
	for _, want := range []string{
		"【洛阳人社】您好,住房补贴338.00元已于2021年12月20日存入您的社会保障卡银行账户(尾号1234),如有疑问请拨打12333。", "字,1条", "字,2条", "已通过", "未通过",
		"2021-12-20 10:05", "&lt;b&gt;变量不规范&lt;/b&gt;", "微信小程序订阅消息", "支付宝生活号模板消息", "5个汉字以内", "已暂停", "检查全部通过",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "${programme}元已于2021")
	require.NotContains(t, page, "<script")
	require.NotContains(t, page, "style=")
	require.Equal(t, strings.Count(page, "<section"), strings.Count(page, "检查通过</p>"), "each has its verdict")
	require.Equal(t, 200, r.call("GET", "/docs/templates.css", "").Code)

	plain := newRig(t)
	require.Equal(t, 200, plain.call("GET", "/docs/templates", "").Code)
	broken := newRig(t, func(d *Deps) { d.Filings = someFilings(nil) })
	require.Equal(t, 503, broken.call("GET", "/docs/templates", "").Code)
}

func TestTheTextsAreNoPageOfProduction(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.Production = true; d.DocsHost = "example.com" })
	requireProblem(t, r.call("GET", "/docs/templates", ""), 404, "ROUTE_NOT_FOUND")
	hidden := newRig(t, func(d *Deps) { d.HideDocs = true })
	requireProblem(t, hidden.call("GET", "/docs/templates", ""), 404, "ROUTE_NOT_FOUND")
}

func TestAnUnfitTextIsNamedOnThePage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	view := newTemplatesView(nil)
	view.SMS[0].Verdict, view.Problems = []string{"code: holds a link"}, 1
	require.NoError(t, templatesHTML.Execute(&b, view))
	require.Contains(t, b.String(), "检查发现1个问题")
	require.Contains(t, b.String(), "<li>code: holds a link</li>")
}
