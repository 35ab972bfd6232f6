package registry

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// The headers of the contract.
const (
	headerClient    = "X-Registry-Client"
	headerTimestamp = "X-Registry-Timestamp"
	headerNonce     = "X-Registry-Nonce"
	headerSignature = "X-Registry-Signature"
	headerContent   = "X-Registry-Content-SM3"
)

const (
	clockSkew = 5 * time.Minute
	nonceLife = 2 * clockSkew
)

func mac(secret string, parts ...string) string {
	h := hmac.New(sm3.New, []byte(secret))
	h.Write([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

func contentSM3(body []byte) string {
	sum := sm3.Sum(body)
	return hex.EncodeToString(sum[:])
}

// refusalOfSignature checks who calls. The empty string means: it is the client, and not a replay.
func (r *Registry) refusalOfSignature(c Client, req *http.Request, body []byte, now time.Time) string {
	h := req.Header
	if h.Get(headerClient) != c.ID {
		return "UNKNOWN_CLIENT"
	}
	seconds, err := strconv.ParseInt(h.Get(headerTimestamp), 10, 64)
	if err != nil {
		return "BAD_SIGNATURE"
	}
	nonce := h.Get(headerNonce)
	if len(nonce) < 16 || len(nonce) > 64 {
		return "BAD_SIGNATURE"
	}
	want := mac(c.Secret, req.Method, req.URL.EscapedPath(), req.URL.RawQuery, h.Get(headerTimestamp), nonce, contentSM3(body))
	if !hmac.Equal([]byte(want), []byte(h.Get(headerSignature))) {
		return "BAD_SIGNATURE"
	}
	if d := now.Sub(time.Unix(seconds, 0)); d > clockSkew || d < -clockSkew {
		return "CLOCK_SKEW"
	}
	return r.useNonce(c.ID+" "+nonce, now)
}

func (r *Registry) useNonce(key string, now time.Time) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.nonces) > 50_000 {
		for k, t := range r.nonces {
			if now.Sub(t) > nonceLife {
				delete(r.nonces, k)
			}
		}
	}
	if _, used := r.nonces[key]; used {
		return "REPLAYED"
	}
	r.nonces[key] = now
	return ""
}

// signAnswer sets the headers that bind an answer to its question.
func signAnswer(h http.Header, secret, nonce string, status int, body []byte, now time.Time) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	content := contentSM3(body)
	h.Set(headerTimestamp, stamp)
	h.Set(headerContent, content)
	h.Set(headerSignature, mac(secret, "answer", nonce, strconv.Itoa(status), stamp, content))
}
