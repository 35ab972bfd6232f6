package telephone

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

const (
	headerClient    = "X-Telephone-Client"
	headerTimestamp = "X-Telephone-Timestamp"
	headerNonce     = "X-Telephone-Nonce"
	headerSignature = "X-Telephone-Signature"

	callbackPath = "/callbacks/telephone"
	mountedAt    = "/telephone" // paths are signed as the client sees them
	maxBody      = 64 << 10
	clockSkew    = 5 * time.Minute
)

func mac(secret string, body []byte, lines ...string) string {
	sum := sm3.Sum(body)
	h := hmac.New(func() hash.Hash { return sm3.New() }, []byte(secret))
	h.Write([]byte(strings.Join(append(lines, hex.EncodeToString(sum[:])), "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

// signed lets a request through that the client signed, once.
func (x *Exchange) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		h := r.Header
		at, timeErr := strconv.ParseInt(h.Get(headerTimestamp), 10, 64)
		nonce := h.Get(headerNonce)
		want := mac(x.o.Secret, body, r.Method, mountedAt+r.URL.EscapedPath(), h.Get(headerTimestamp), nonce)
		bad := err != nil || timeErr != nil || h.Get(headerClient) != x.o.ClientID || len(nonce) < 16 ||
			x.o.Now().Sub(time.Unix(at, 0)).Abs() > clockSkew || !hmac.Equal([]byte(want), []byte(h.Get(headerSignature)))
		if !bad {
			x.mu.Lock()
			bad = x.used[nonce]
			x.used[nonce] = true
			x.mu.Unlock()
		}
		if bad {
			x.answer(w, r, http.StatusUnauthorized, "BAD_SIGNATURE")
			return
		}
		next(w, r, body)
	}
}

// answer writes a signed answer; a code makes it a refusal.
func (x *Exchange) answer(w http.ResponseWriter, r *http.Request, status int, code string) {
	out := map[string]any{"taken": code == ""}
	if code != "" {
		out["code"] = code
	}
	body, _ := json.Marshal(out)
	stamp, nonce := strconv.FormatInt(x.o.Now().Unix(), 10), r.Header.Get(headerNonce)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set(headerTimestamp, stamp)
	h.Set(headerNonce, nonce)
	h.Set(headerSignature, mac(x.o.Secret, body, "answer", strconv.Itoa(status), stamp, nonce))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
