package nontax

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	headUnit  = "X-Fiscal-Unit"
	headTime  = "X-Fiscal-Time"
	headNonce = "X-Fiscal-Nonce"
	headSign  = "X-Fiscal-Sign"
	maxBody   = 64 << 10
)

// signed lets a request through that the unit signed, and hands its body on.
func (p *Platform) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		at, timeErr := strconv.ParseInt(r.Header.Get(headTime), 10, 64)
		sign, signErr := base64.StdEncoding.DecodeString(r.Header.Get(headSign))
		sum := digest(r.Method, r.URL.EscapedPath(), r.Header.Get(headTime), r.Header.Get(headNonce), string(body))
		if err != nil || timeErr != nil || signErr != nil || r.Header.Get(headUnit) != p.o.Unit || r.Header.Get(headNonce) == "" ||
			time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute || rsa.VerifyPKCS1v15(p.o.UnitKey, crypto.SHA256, sum, sign) != nil {
			p.refuse(w, r, http.StatusUnauthorized, "SIGN_ERROR")
			return
		}
		next(w, r, body)
	}
}

func digest(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return sum[:]
}

// sign puts the platform's signature into a header. Its time is the machine's: the other side holds it against its own.
func (p *Platform) sign(h http.Header, first, nonce string, body []byte) {
	at := strconv.FormatInt(time.Now().Unix(), 10)
	s, err := rsa.SignPKCS1v15(rand.Reader, p.o.Key, crypto.SHA256, digest(first, at, nonce, string(body)))
	if err != nil {
		return
	}
	h.Set(headTime, at)
	h.Set(headNonce, nonce)
	h.Set(headSign, base64.StdEncoding.EncodeToString(s))
}

func (p *Platform) answer(w http.ResponseWriter, r *http.Request, status int, body any) {
	data, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	p.sign(w.Header(), strconv.Itoa(status), r.Header.Get(headNonce), data)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func (p *Platform) refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	p.answer(w, r, status, map[string]string{"code": code})
}

// Sealed is one notice as it is sent.
type Sealed struct {
	Header http.Header
	Body   []byte
}

// Sign is any body as the platform would send it: for notices that nobody should believe for another reason.
func (p *Platform) Sign(body []byte) Sealed {
	s := Sealed{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	p.sign(s.Header, "NOTICE", rand.Text(), body)
	return s
}

func (p *Platform) seal(id, kind string, content map[string]any) (Sealed, error) {
	body, err := json.Marshal(map[string]any{"id": id, "kind": kind, kind: content})
	return p.Sign(body), err
}

// deliver posts a notice and tells whether it was taken.
func (p *Platform) deliver(to string, s Sealed) bool {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, bytes.NewReader(s.Body))
	if err != nil {
		return false
	}
	req.Header = s.Header.Clone()
	res, err := p.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	return res.StatusCode == http.StatusOK
}
