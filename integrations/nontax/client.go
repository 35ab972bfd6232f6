// Package nontax takes the fee as non-tax revenue (非税收入), by the finance bureau's platform: a payment code, the signed
// result, the fiscal e-receipt, and an application for a refund that the bureau decides. The contract is ours
// (docs/nontax-contract.md), drawn after what such platforms have in common; a province's own words are another adapter.
package nontax

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/payment"
)

// Pay is our collecting unit at the platform.
type Pay struct {
	unit, item, notify string
	life               time.Duration
	base               *url.URL
	key                *rsa.PrivateKey
	platform           *rsa.PublicKey
	client             *http.Client
}

var (
	_ payment.Provider  = (*Pay)(nil)
	_ payment.Receipted = (*Pay)(nil)
)

// New makes the adapter. notify is our address for notices. It calls nobody.
func New(cfg configs.NonTax, notify string) (*Pay, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("nontax: the address is not an http address")
	}
	if u, err := url.Parse(notify); err != nil || u.Host == "" || u.RawQuery != "" {
		return nil, errors.New("nontax: the address for notices is not an address without a query")
	}
	if cfg.UnitCode == "" || cfg.ItemCode == "" || cfg.Timeout <= 0 || cfg.CodeLife <= 0 {
		return nil, errors.New("nontax: unit, item, a timeout and the life of a code are needed")
	}
	p := &Pay{unit: cfg.UnitCode, item: cfg.ItemCode, notify: notify, life: cfg.CodeLife, base: base,
		client: &http.Client{Timeout: cfg.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if p.key, err = privateKey(cfg.PrivateKey.Reveal()); err != nil {
		return nil, err
	}
	p.platform, err = publicKey(cfg.PublicKey)
	return p, err
}

func der(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// privateKey reads PKCS#1 or PKCS#8. It never quotes what it read.
func privateKey(text string) (*rsa.PrivateKey, error) {
	bad := errors.New("nontax: the private key is not an RSA key in PEM or base64")
	b, err := der(text)
	if err != nil {
		return nil, bad
	}
	if k, err := x509.ParsePKCS1PrivateKey(b); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(b)
	if own, ok := k.(*rsa.PrivateKey); err == nil && ok {
		return own, nil
	}
	return nil, bad
}

func publicKey(text string) (*rsa.PublicKey, error) {
	bad := errors.New("nontax: the platform's public key is not an RSA key in PEM or base64")
	b, err := der(text)
	if err != nil {
		return nil, bad
	}
	k, err := x509.ParsePKIXPublicKey(b)
	if own, ok := k.(*rsa.PublicKey); err == nil && ok {
		return own, nil
	}
	return nil, bad
}

const (
	headUnit  = "X-Fiscal-Unit"
	headTime  = "X-Fiscal-Time"
	headNonce = "X-Fiscal-Nonce"
	headSign  = "X-Fiscal-Sign"

	maxAnswer = 4 << 20
	// fresh is how far the clock of the other side may be from ours.
	fresh = 5 * time.Minute
)

func digest(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return sum[:]
}

// believed: the platform signed it, not long ago. first is the status of an answer, or NOTICE. The clock is the machine's,
// as is the other side's.
func (p *Pay) believed(h http.Header, first, nonce string, body []byte) bool {
	at, err := strconv.ParseInt(h.Get(headTime), 10, 64)
	sign, signErr := base64.StdEncoding.DecodeString(h.Get(headSign))
	return err == nil && signErr == nil && nonce != "" && h.Get(headNonce) == nonce && time.Since(time.Unix(at, 0)).Abs() <= fresh &&
		rsa.VerifyPKCS1v15(p.platform, crypto.SHA256, digest(first, h.Get(headTime), nonce, string(body)), sign) == nil
}

// callError is a call without a usable answer. It quotes neither what was sent nor what came.
type callError struct{ call, cause string }

func (e *callError) Error() string { return "nontax " + e.call + ": " + e.cause }

func unclear(call, cause string) error { return models.ErrUnavailable.Because(&callError{call, cause}) }

// ask sends one signed request. refusal is the platform's signed word against it, among those that the caller can go on
// with; any other, and no answer that can be believed, leaves the fate open.
func (p *Pay) ask(ctx context.Context, method, path string, in, out any, goOn ...string) (refusal string, err error) {
	call := method + " " + strings.SplitN(strings.TrimPrefix(path, "/v1/"), "/", 2)[0]
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return "", unclear(call, "cannot be written")
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return "", unclear(call, "cannot be asked")
	}
	nonce, at := rand.Text(), strconv.FormatInt(time.Now().Unix(), 10)
	sign, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, digest(method, path, at, nonce, string(body)))
	if err != nil {
		return "", unclear(call, "cannot be signed")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(headUnit, p.unit)
	req.Header.Set(headTime, at)
	req.Header.Set(headNonce, nonce)
	req.Header.Set(headSign, base64.StdEncoding.EncodeToString(sign))
	res, err := p.client.Do(req)
	if err != nil {
		return "", unclear(call, "no answer") // the error would quote the address
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil || len(text) > maxAnswer:
		return "", unclear(call, "the answer was cut, or is too long")
	case !p.believed(res.Header, strconv.Itoa(res.StatusCode), nonce, text):
		return "", unclear(call, "the signature is not believed, status "+strconv.Itoa(res.StatusCode))
	case res.StatusCode == http.StatusOK:
		if json.Unmarshal(text, out) != nil {
			return "", unclear(call, "unreadable answer")
		}
		return "", nil
	}
	var said struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(text, &said) == nil && res.StatusCode < http.StatusInternalServerError {
		for _, code := range goOn {
			if said.Code == code {
				return code, nil
			}
		}
	}
	return "", unclear(call, word(said.Code)+" "+strconv.Itoa(res.StatusCode))
}

// word keeps a code only as far as it looks like one.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r == '_' {
			return r
		}
		return -1
	}, s[:min(len(s), 40)])
}
