package wechatpay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

const (
	scheme  = "WECHATPAY2-SHA256-RSA2048"
	maxBody = 64 << 10
)

var credential = regexp.MustCompile(`(\w+)="([^"]*)"`)

// signed lets a request through that the merchant signed, and hands its body on.
func (p *Platform) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			p.refuse(w, http.StatusBadRequest, "PARAM_ERROR", "参数错误")
			return
		}
		head := r.Header.Get("Authorization")
		got := map[string]string{}
		for _, m := range credential.FindAllStringSubmatch(head, -1) {
			got[m[1]] = m[2]
		}
		at, err := strconv.ParseInt(got["timestamp"], 10, 64)
		sign, signErr := base64.StdEncoding.DecodeString(got["signature"])
		text := fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", r.Method, r.URL.RequestURI(), got["timestamp"], got["nonce_str"], body)
		sum := sha256.Sum256([]byte(text))
		switch {
		case len(head) < len(scheme) || head[:len(scheme)] != scheme || err != nil || signErr != nil,
			got["mchid"] != p.o.MchID || got["serial_no"] != p.o.Serial,
			time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute,
			rsa.VerifyPKCS1v15(p.o.MerchantKey, crypto.SHA256, sum[:], sign) != nil:
			p.refuse(w, http.StatusUnauthorized, "SIGN_ERROR", "签名错误,请检查后再试")
		default:
			next(w, r, body)
		}
	}
}

// sign puts the platform's signature into the head of an answer or a notice. Its time is the machine's: the other side
// holds it against its own.
func (p *Platform) sign(h http.Header, body []byte) {
	at, nonce := strconv.FormatInt(time.Now().Unix(), 10), random(32)
	sum := sha256.Sum256([]byte(at + "\n" + nonce + "\n" + string(body) + "\n"))
	s, err := rsa.SignPKCS1v15(rand.Reader, p.o.Key, crypto.SHA256, sum[:])
	if err != nil {
		return
	}
	h.Set("Wechatpay-Timestamp", at)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(s))
	h.Set("Wechatpay-Serial", p.o.KeyID)
	h.Set("Request-ID", random(24))
}

func (p *Platform) answer(w http.ResponseWriter, status int, body any) {
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body)
	}
	p.sign(w.Header(), data)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func (p *Platform) refuse(w http.ResponseWriter, status int, code, message string) {
	p.answer(w, status, map[string]string{"code": code, "message": message})
}

// Sealed is one notice as it is sent: a body with the sealed content, and the head that signs it.
type Sealed struct {
	Header http.Header
	Body   []byte
}

// seal makes a notice of an event.
func (p *Platform) seal(id, event, original string, content any) (Sealed, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return Sealed{}, err
	}
	block, err := aes.NewCipher([]byte(p.o.APIv3Key))
	if err != nil {
		return Sealed{}, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return Sealed{}, err
	}
	nonce := random(12)
	body, err := json.Marshal(map[string]any{
		"id": id, "create_time": p.o.Now().Format(time.RFC3339), "resource_type": "encrypt-resource", "event_type": event, "summary": event,
		"resource": map[string]string{
			"original_type": original, "algorithm": "AEAD_AES_256_GCM", "associated_data": original, "nonce": nonce,
			"ciphertext": base64.StdEncoding.EncodeToString(gcm.Seal(nil, []byte(nonce), plain, []byte(original))),
		},
	})
	if err != nil {
		return Sealed{}, err
	}
	return p.Sign(body), nil
}

// Sign is any body as the platform would send it: for notices that nobody should believe for another reason.
func (p *Platform) Sign(body []byte) Sealed {
	s := Sealed{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	p.sign(s.Header, body)
	return s
}

// deliver posts a notice and tells whether it was taken.
func (p *Platform) deliver(url string, s Sealed) bool {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(s.Body))
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
	return res.StatusCode == http.StatusOK || res.StatusCode == http.StatusNoContent
}
