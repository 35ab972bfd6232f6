package registry

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

const (
	headerClient    = "X-Registry-Client"
	headerTimestamp = "X-Registry-Timestamp"
	headerNonce     = "X-Registry-Nonce"
	headerSignature = "X-Registry-Signature"
	headerContent   = "X-Registry-Content-SM3"
)

// keys is who we are at a source, and the secret both sides sign with.
type keys struct {
	client string
	secret []byte
}

func (k keys) mac(parts ...string) []byte {
	h := hmac.New(func() hash.Hash { return sm3.New() }, k.secret)
	h.Write([]byte(strings.Join(parts, "\n")))
	return h.Sum(nil)
}

// sign puts our name, the time, a nonce and the signature over the whole request into its header.
func (k keys) sign(req *http.Request, body []byte, now time.Time) (nonce string) {
	nonce = rand.Text()
	stamp := strconv.FormatInt(now.Unix(), 10)
	content := sm3.Sum(body)
	sum := k.mac(req.Method, req.URL.EscapedPath(), req.URL.RawQuery, stamp, nonce, hex.EncodeToString(content[:]))
	req.Header.Set(headerClient, k.client)
	req.Header.Set(headerTimestamp, stamp)
	req.Header.Set(headerNonce, nonce)
	req.Header.Set(headerSignature, hex.EncodeToString(sum))
	return nonce
}

// believable reports whether the header of an answer is the source's word about our question. The body must still
// have the digest the header names.
func (k keys) believable(res *http.Response, nonce string) bool {
	return k.vouched(res, res.Header, nonce)
}
