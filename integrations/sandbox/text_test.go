package sandbox_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const smsKey, smsSecret = "key", "sms-secret"

// text sends one message as a customer of the carrier does: signed by the vendor's version 3
// (https://help.aliyun.com/document_detail/315526.html).
func (w world) text(t *testing.T, phone, template string, params map[string]string) {
	t.Helper()
	escape := func(s string) string {
		return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
	}
	variables, err := json.Marshal(params)
	require.NoError(t, err)
	q := []string{"PhoneNumbers=" + phone, "SignName=" + escape("洛阳人社"), "TemplateCode=" + template}
	if params != nil {
		q = append(q, "TemplateParam="+escape(string(variables)))
	}
	slices.Sort(q)
	query := strings.Join(q, "&")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/sms/?"+query, nil)
	require.NoError(t, err)
	empty := sha256.Sum256(nil)
	signed := map[string]string{
		"host": req.URL.Host, "x-acs-action": "SendSms", "x-acs-version": "2017-05-25", "x-acs-date": time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"x-acs-signature-nonce": rand.Text(), "x-acs-content-sha256": hex.EncodeToString(empty[:]),
	}
	var names []string
	for k, v := range signed {
		names = append(names, k)
		if k != "host" {
			req.Header.Set(k, v)
		}
	}
	slices.Sort(names)
	text := "POST\n/\n" + query + "\n"
	for _, k := range names {
		text += k + ":" + signed[k] + "\n"
	}
	text += "\n" + strings.Join(names, ";") + "\n" + signed["x-acs-content-sha256"]
	hash := sha256.Sum256([]byte(text))
	mac := hmac.New(sha256.New, []byte(smsSecret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(hash[:])))
	req.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+smsKey+",SignedHeaders="+strings.Join(names, ";")+",Signature="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var out struct{ Code, Message string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&out))
	require.Equal(t, "OK", out.Code, out.Message)
}
