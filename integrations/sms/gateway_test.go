package sms_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models/notice"
)

// TestThePretendVendorRefusesForgedAndReplayedCalls takes one genuine call of the SDK and sends it changed.
func TestThePretendVendorRefusesForgedAndReplayedCalls(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var genuine *http.Request
	tap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		genuine = r.Clone(t.Context())
		_, _ = io.WriteString(w, `{"Code":"OK","BizId":"1"}`)
	}))
	t.Cleanup(tap.Close)
	_, err := b.vendor(t, func(c *sms.AliyunConfig) { c.URL = tap.URL }).Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	require.NoError(t, err)

	replay := func(change func(*http.Request)) string {
		r := genuine.Clone(t.Context())
		r.Body = http.NoBody
		change(r)
		w := httptest.NewRecorder()
		b.gate.Handler().ServeHTTP(w, r)
		return w.Body.String()
	}
	for want, change := range map[string]func(*http.Request){
		"SignatureDoesNotMatch": func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, url.QueryEscape(phone), "13900139000", 1)
		},
		"InvalidContentSha256": func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x=1")) },
		"IncompleteSignature": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "x-acs-date;", "", 1))
		},
		"InvalidTimeStamp.Expired": func(r *http.Request) {
			r.Header.Set("X-Acs-Date", time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04:05Z"))
		},
		"InvalidTimeStamp.Format": func(r *http.Request) { r.Header.Set("X-Acs-Date", "yesterday") },
		"MissingAuthorization":    func(r *http.Request) { r.Header.Del("Authorization") },
		"InvalidVersion":          func(r *http.Request) { r.Header.Set("X-Acs-Version", "2015-01-01") },
		"InvalidSignatureMethod":  func(r *http.Request) { r.Header.Set("Authorization", "HMAC-SHA1 x=y") },
		"InvalidAccessKeyId.NotFou": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Credential=key", "Credential=k", 1))
		},
	} {
		require.Contains(t, replay(change), want)
	}
	require.Empty(t, b.gate.Messages(""))
	require.Contains(t, replay(func(*http.Request) {}), `"Code":"OK"`)
	require.Contains(t, replay(func(*http.Request) {}), "SignatureNonceUsed")
	require.Len(t, b.gate.Messages(phone), 1)
}
