package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm = "ACS3-HMAC-SHA256"
	skew      = 15 * time.Minute
	maxBody   = 1 << 20
)

// verify checks a call as https://help.aliyun.com/document_detail/315526.html describes signature version 3: the
// signature covers method, path, query, the signed headers and the hash of the body. nil means it is the customer's.
func (g *Gateway) verify(r *http.Request) *problem {
	if r.Header.Get("X-Acs-Version") != "2017-05-25" {
		return &problem{http.StatusNotFound, "InvalidVersion", "Specified parameter Version is not valid."}
	}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	fields := map[string]string{}
	for _, part := range strings.Split(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[k] = v
	}
	switch {
	case scheme == "":
		return &problem{http.StatusBadRequest, "MissingAuthorization", "Authorization is mandatory for this action."}
	case scheme != algorithm:
		return &problem{http.StatusBadRequest, "InvalidSignatureMethod", "Specified signature method is not valid."}
	case fields["Credential"] != g.cfg.AccessKeyID:
		return &problem{http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found."}
	}
	if p := g.judgeTime(r); p != nil {
		return p
	}
	signed, p := canonical(r, strings.Split(fields["SignedHeaders"], ";"))
	if p != nil {
		return p
	}
	hash := sha256.Sum256([]byte(signed))
	mac := hmac.New(sha256.New, []byte(g.cfg.AccessKeySecret))
	mac.Write([]byte(algorithm + "\n" + hex.EncodeToString(hash[:])))
	if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(fields["Signature"])) {
		return &problem{
			http.StatusBadRequest, "SignatureDoesNotMatch",
			"Specified signature is not matched with our calculation. server string to sign is:" + algorithm + "\n" + hex.EncodeToString(hash[:]),
		}
	}
	return g.useNonce(r)
}

func (g *Gateway) judgeTime(r *http.Request) *problem {
	at, err := time.Parse("2006-01-02T15:04:05Z", r.Header.Get("X-Acs-Date"))
	if err != nil {
		return &problem{http.StatusBadRequest, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."}
	}
	if off := time.Since(at); off > skew || off < -skew {
		return &problem{http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."}
	}
	return nil
}

// useNonce refuses a call that was seen before. It runs only once the signature is known to be right.
func (g *Gateway) useNonce(r *http.Request) *problem {
	nonce := r.Header.Get("X-Acs-Signature-Nonce")
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if len(g.nonces) > 10_000 {
		for n, at := range g.nonces {
			if now.Sub(at) > 2*skew {
				delete(g.nonces, n)
			}
		}
	}
	if _, seen := g.nonces[nonce]; seen || nonce == "" {
		return &problem{http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already."}
	}
	g.nonces[nonce] = now
	return nil
}

func canonical(r *http.Request, headers []string) (string, *problem) {
	for _, must := range []string{"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if !slices.Contains(headers, must) {
			return "", &problem{http.StatusBadRequest, "IncompleteSignature", "The request signature does not conform to Aliyun standards. server string to sign lacks: " + must}
		}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	sum := sha256.Sum256(body)
	if err != nil || r.Header.Get("X-Acs-Content-Sha256") != hex.EncodeToString(sum[:]) {
		return "", &problem{http.StatusBadRequest, "InvalidContentSha256", "Specified body hash is not matched with our calculation."}
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n/\n" + canonicalQuery(r.URL.Query()) + "\n")
	slices.Sort(headers)
	for _, h := range headers {
		v := strings.Join(r.Header.Values(h), ",")
		if h == "host" {
			v = r.Host
		}
		b.WriteString(h + ":" + strings.TrimSpace(v) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + r.Header.Get("X-Acs-Content-Sha256"))
	return b.String(), nil
}

func canonicalQuery(q url.Values) string {
	keys := make([]string, 0, len(q))
	for k := range q {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	pairs := make([]string, 0, len(keys))
	for _, k := range keys {
		pairs = append(pairs, escape(k)+"="+escape(q.Get(k)))
	}
	return strings.Join(pairs, "&")
}

func escape(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
}
