package smstest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
)

func codesOf(v *Vendor) []string {
	var codes []string
	for _, s := range notice.Templates() {
		codes = append(codes, v.Code(s.Kind))
	}
	return codes
}

func told(t *testing.T, list []notice.VendorTemplate, code string) notice.VendorTemplate {
	t.Helper()
	for _, one := range list {
		if one.Code == code {
			return one
		}
	}
	require.Fail(t, "the vendor does not list it", code)
	return notice.VendorTemplate{}
}

// filings: the list says how each text stands, word for word, and the vendor carries only what it approved.
func filings(t *testing.T, v *Vendor) {
	a := v.Adapter(t, Setting{})
	list, err := a.AskTemplates(t.Context(), codesOf(v))
	require.NoError(t, err)
	for _, s := range notice.Templates() {
		one, want := told(t, list, v.Code(s.Kind)), s.Text
		if v.Numbered {
			want = s.Numbered()
		}
		require.Equal(t, []any{notice.FilingApproved, want, ""}, []any{one.State, one.Text, one.Reason}, s.Kind)
	}
	code := v.Code(notice.LossLapsed)
	for review, want := range map[string]notice.FilingState{"waits": notice.FilingFiled, "rejected": notice.FilingRefused} {
		v.Decide(t, code, review, "变量不规范")
		list, err = a.AskTemplates(t.Context(), codesOf(v))
		require.NoError(t, err)
		require.Equal(t, want, told(t, list, code).State)
		require.Equal(t, "变量不规范", told(t, list, code).Reason)
		_, err = a.Send(t.Context(), lapsed(t))
		requireClass(t, err, notice.NotAccepted, "")
	}
	v.Decide(t, code, "", "")
	_, err = a.Send(t.Context(), lapsed(t))
	require.NoError(t, err)
}

// filedText: what goes out is the filing that is named, with its own variables in its own order.
func filedText(t *testing.T, v *Vendor) {
	older := notice.Filing{Body: "银行${bank},解挂于${time},12333", Variables: "bank time", State: notice.FilingApproved}
	older.Code = v.File(t, older)
	a := v.Adapter(t, Setting{Filed: func(_ context.Context, k notice.Kind) (notice.Filing, error) {
		if k == notice.LossReleased {
			return older, nil
		}
		return notice.Filing{}, &notice.SendError{Class: notice.NotAccepted, Code: notice.ReasonNotApproved}
	}})
	params := map[string]string{"time": "12月20日09时30分", "bank": "农业银行"}
	_, err := a.Send(t.Context(), message(t, notice.LossReleased, params))
	require.NoError(t, err)
	older.Body, older.Variables = "解挂于${time},12333", "time"
	older.Code = v.File(t, older)
	_, err = a.Send(t.Context(), message(t, notice.LossReleased, params))
	require.NoError(t, err, "a variable that the older text has not is left out")
	got := v.Arrived(phone)
	require.Equal(t, []string{"【洛阳人社】银行农业银行,解挂于12月20日09时30分,12333", "【洛阳人社】解挂于12月20日09时30分,12333"}, []string{got[0].Text, got[1].Text})
	_, err = a.Send(t.Context(), lapsed(t))
	requireClass(t, err, notice.NotAccepted, notice.ReasonNotApproved)
	require.Len(t, v.Arrived(phone), 2)
}

// noList: whatever is not the list is an error, and never an empty list, which would withdraw every text.
func noList(t *testing.T, v *Vendor) {
	for _, body := range []string{`[]`, `{}`, `null`, ``, `{"Response":{}}`, `{"Response":null}`, `{"Code":"isv.X"}`, strings.Repeat("x", 2<<20), `<html>`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		_, err := v.Adapter(t, Setting{URL: srv.URL}).AskTemplates(t.Context(), codesOf(v))
		srv.Close()
		require.Error(t, err, body)
	}
	_, err := v.Adapter(t, Setting{WrongSecret: true}).AskTemplates(t.Context(), codesOf(v))
	requireClass(t, err, notice.NotAccepted, "")
}
