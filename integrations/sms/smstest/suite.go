package smstest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

// Run holds an adapter to the promises of notice.Sender and notice.Inquirer. open gives a vendor of its own each time.
func Run(t *testing.T, open func(t *testing.T) *Vendor) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *Vendor){
		"every kind arrives word for word": everyKind, "messages go side by side": sideBySide, "what was surely not taken": notTaken,
		"fates unknown": fateUnknown, "answers not understood": garbage, "no redirect and no second try": onceOnly, "a question and its answers": asked,
		"receipts": receipts, "replies": replies, "forged pushes": forged, "filed texts and their states": filings, "the filing that is named": filedText, "no list is no empty list": noList,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func everyKind(t *testing.T, v *Vendor) {
	a := v.Adapter(t, Setting{})
	for _, s := range notice.Templates() {
		v.Clock.Advance(time.Hour)
		params := map[string]string{"code": "862413"}
		if !s.Secret {
			clean, err := notice.Draft{Cause: "test:1", Kind: s.Kind, PersonID: models.NewID()}.Checked(v.Clock.Now())
			require.NoError(t, err)
			params = clean.Params
		}
		m := message(t, s.Kind, params)
		handed, err := a.Send(t.Context(), m)
		require.NoError(t, err, s.Kind)
		require.Equal(t, v.Name, handed.Vendor)
		require.NotEmpty(t, handed.ID)
		require.LessOrEqual(t, len(handed.ID), 64)
		got := v.Arrived(phone)
		last := got[len(got)-1]
		require.Equal(t, notice.Signed(s.Render(params)), last.Text)
		require.Equal(t, notice.Parts(notice.Length(last.Text)), last.Parts)
		require.Equal(t, string(m.DeliveryID), last.DeliveryID)
		require.Equal(t, handed.ID, last.VendorID)
	}
}

// sideBySide is for the race detector: a sweep sends with several workers at once.
func sideBySide(t *testing.T, v *Vendor) {
	a := v.Adapter(t, Setting{})
	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		m := message(t, notice.LossReleased, map[string]string{"time": "12月20日09时30分", "bank": "农业银行"})
		all.Go(func() { _, errs[i] = a.Send(t.Context(), m) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, v.Arrived(phone), len(errs))
}

func notTaken(t *testing.T, v *Vendor) {
	a, m := v.Adapter(t, Setting{}), lapsed(t)
	v.Fail(t, "refuse", v.Throttle)
	_, err := a.Send(t.Context(), m)
	require.LessOrEqual(t, requireClass(t, err, notice.NotAccepted, v.Throttle), 10*time.Second, "throttling passes soon")
	v.Fail(t, "refuse", v.NoMoney)
	_, err = a.Send(t.Context(), m)
	require.Positive(t, requireClass(t, err, notice.NotAccepted, v.NoMoney))
	v.Fail(t, "refuse", v.Refusal)
	_, err = a.Send(t.Context(), m)
	requireClass(t, err, notice.Refused, v.Refusal)
	_, err = v.Adapter(t, Setting{WrongSecret: true}).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "")
	_, err = v.Adapter(t, Setting{NoTemplates: true}).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "template_not_set")
	_, err = a.Send(t.Context(), message(t, notice.LossLapsed, nil))
	requireClass(t, err, notice.Refused, "")

	_, err = a.Send(t.Context(), message(t, notice.Code, map[string]string{"code": "862413"}))
	require.NoError(t, err)
	_, err = a.Send(t.Context(), message(t, notice.Code, map[string]string{"code": "862414"}))
	require.GreaterOrEqual(t, requireClass(t, err, notice.NotAccepted, ""), 30*time.Second, "R61: the vendor has limits of its own")

	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	_, err = v.Adapter(t, Setting{URL: closed}).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "not_connected")
	require.Len(t, v.Arrived(""), 1)
}

func fateUnknown(t *testing.T, v *Vendor) {
	a := v.Adapter(t, Setting{Timeout: 300 * time.Millisecond})
	for i, mode := range []string{"hang", "lose_reply", "down", "garbage"} {
		v.Fail(t, mode, "")
		_, err := a.Send(t.Context(), lapsed(t))
		requireClass(t, err, notice.FateUnknown, map[string]string{"hang": "no_answer"}[mode])
		require.Len(t, v.Arrived(phone), min(i, 1), "only lose_reply carried it, and nothing was sent again")
	}
}

func garbage(t *testing.T, v *Vendor) {
	for _, body := range []string{
		`[]`, `{}`, `"OK"`, `null`, ``, `{"Code":{"a":1}}`, `{"Code":null}`, `{"Response":{}}`, `{"Response":null}`, `{"Response":{"SendStatusSet":[null]}}`,
		`{"Response":{"SendStatusSet":[{}]}}`, `{"Response":{"SendStatusSet":[{"Code":7}]}}`, strings.Repeat("x", 2<<20), `<html>13800138000</html>`,
	} {
		for _, kind := range []string{"application/json", "text/event-stream", "application/octet-stream"} {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				_, _ = fmt.Fprint(w, body)
			}))
			_, err := v.Adapter(t, Setting{URL: srv.URL}).Send(t.Context(), lapsed(t))
			requireClass(t, err, notice.FateUnknown, "")
			srv.Close()
		}
	}
}

func onceOnly(t *testing.T, v *Vendor) {
	var hits, elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	answers := []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for _, answer := range answers {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++; answer(w, r) }))
		_, err := v.Adapter(t, Setting{URL: srv.URL}).Send(t.Context(), lapsed(t))
		requireClass(t, err, notice.FateUnknown, "")
		srv.Close()
	}
	require.Equal(t, len(answers), hits)
	require.Zero(t, elsewhere)
}
