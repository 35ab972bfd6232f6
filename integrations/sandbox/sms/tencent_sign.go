package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	tencentAlgorithm = "TC3-HMAC-SHA256"
	tencentSkew      = 5 * time.Minute
)

// verify checks a call as https://cloud.tencent.com/document/api/382/52072 describes signature version 3: it covers method,
// the signed headers and the hash of the body; the path is always "/". An empty code means it is the customer's.
func (t *Tencent) verify(r *http.Request, body []byte) (code, message string) {
	if r.Header.Get("X-Tc-Version") != "2021-01-11" {
		return "NoSuchVersion", "The specified version does not exist."
	}
	if r.Header.Get("X-Tc-Region") == "" {
		return "MissingParameter", "Region"
	}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[k] = v
	}
	id, scope, _ := strings.Cut(fields["Credential"], "/")
	headers := strings.Split(fields["SignedHeaders"], ";")
	stamp, err := strconv.ParseInt(r.Header.Get("X-Tc-Timestamp"), 10, 64)
	at := time.Unix(stamp, 0).UTC()
	day := at.Format("2006-01-02")
	switch {
	case scheme != tencentAlgorithm || err != nil:
		return "AuthFailure.InvalidAuthorization", "The Authorization header does not conform to the Tencent Cloud standard."
	case id != t.cfg.SecretID:
		return "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct."
	case time.Since(at).Abs() > tencentSkew:
		return "AuthFailure.SignatureExpire", "The provided credentials have expired."
	case scope != day+"/sms/tc3_request" || !slices.Contains(headers, "content-type") || !slices.Contains(headers, "host") || r.Method != http.MethodPost:
		return "AuthFailure.SignatureFailure", "The provided credentials could not be validated."
	}
	var canonical strings.Builder
	canonical.WriteString("POST\n/\n\n")
	for _, h := range headers {
		v := r.Header.Get(h)
		if h == "host" {
			v = r.Host
		}
		canonical.WriteString(h + ":" + strings.TrimSpace(v) + "\n")
	}
	canonical.WriteString("\n" + fields["SignedHeaders"] + "\n" + hexSum(body))
	key := []byte("TC3" + t.cfg.SecretKey)
	for _, part := range []string{day, "sms", "tc3_request", tencentAlgorithm + "\n" + r.Header.Get("X-Tc-Timestamp") + "\n" + scope + "\n" + hexSum([]byte(canonical.String()))} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(fields["Signature"])) {
		return "AuthFailure.SignatureFailure", "The provided credentials could not be validated. Please check your signature is correct."
	}
	return "", ""
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
