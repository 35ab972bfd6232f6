// Package telephone speaks to the hotline's telephone system by a contract of ours (docs/telephone-contract.md): what it
// tells us is signed, and what we ask of it too. A vendor's own words are another adapter behind the same port.
package telephone

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

// The headers of the contract, in both directions.
const (
	headerClient    = "X-Telephone-Client"
	headerTimestamp = "X-Telephone-Timestamp"
	headerNonce     = "X-Telephone-Nonce"
	headerSignature = "X-Telephone-Signature"
)

// fresh is how far the other side's clock may be from ours.
const fresh = 5 * time.Minute

// keys is who we are at the exchange, and the secret both sides sign with.
type keys struct {
	client string
	secret []byte
}

// mac is HMAC-SM3 over lines and the digest of a body.
func (k keys) mac(body []byte, lines ...string) string {
	sum := sm3.Sum(body)
	h := hmac.New(func() hash.Hash { return sm3.New() }, k.secret)
	h.Write([]byte(strings.Join(append(lines, hex.EncodeToString(sum[:])), "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

// sign puts our name, the time, a nonce and the signature over the whole request into its header.
func (k keys) sign(req *http.Request, body []byte, now time.Time) (nonce string) {
	nonce = rand.Text()
	stamp := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set(headerClient, k.client)
	req.Header.Set(headerTimestamp, stamp)
	req.Header.Set(headerNonce, nonce)
	req.Header.Set(headerSignature, k.mac(body, req.Method, req.URL.EscapedPath(), stamp, nonce))
	return nonce
}

// believed reports whether the other side signed these lines over body, not long ago.
func (k keys) believed(h http.Header, body []byte, now time.Time, lines ...string) bool {
	seconds, err := strconv.ParseInt(h.Get(headerTimestamp), 10, 64)
	if err != nil || len(k.secret) == 0 || now.Sub(time.Unix(seconds, 0)).Abs() > fresh {
		return false
	}
	want := k.mac(body, append(lines, h.Get(headerTimestamp), h.Get(headerNonce))...)
	return hmac.Equal([]byte(want), []byte(h.Get(headerSignature)))
}
