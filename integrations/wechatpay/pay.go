// Package wechatpay takes fees by WeChat Pay v3 (JSAPI), through wechatpay-go. What the SDK leaves open is closed here:
// its host is a constant, it reads answers of any length, its errors print whole headers, and it panics on a notice
// without a resource or with a nonce of another length.
package wechatpay

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"

	"onecard/configs"
	"onecard/models"
	"onecard/models/payment"
)

// Pay is our merchant account at WeChat Pay.
type Pay struct {
	merchant string
	notify   string
	key      string
	client   *core.Client
	notices  *validators.WechatPayNotifyValidator
	clock    models.Clock
}

var _ payment.Provider = (*Pay)(nil)

// New makes the adapter. notify is our address for notices. It calls nobody.
func New(cfg configs.WechatPay, notify string, clock models.Clock) (*Pay, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("wechatpay: the address is not an http address")
	}
	if u, err := url.Parse(notify); err != nil || u.Host == "" || u.RawQuery != "" {
		return nil, errors.New("wechatpay: the address for notices is not an address without a query")
	}
	if cfg.MerchantID == "" || cfg.Serial == "" || len(cfg.APIv3Key.Reveal()) != 32 || cfg.Timeout <= 0 {
		return nil, errors.New("wechatpay: merchant number, serial, an APIv3 key of 32 characters and a timeout are needed")
	}
	key, err := privateKey(cfg.PrivateKey.Reveal())
	if err != nil {
		return nil, err
	}
	trust, err := verifier(cfg)
	if err != nil {
		return nil, err
	}
	client, err := core.NewClient(context.Background(), option.WithMerchantCredential(cfg.MerchantID, cfg.Serial, key), option.WithVerifier(trust),
		option.WithHTTPClient(&http.Client{Transport: transport{base, shared}, Timeout: cfg.Timeout, CheckRedirect: noRedirect}))
	if err != nil {
		return nil, errors.New("wechatpay: the SDK does not take the settings")
	}
	return &Pay{merchant: cfg.MerchantID, notify: notify, key: cfg.APIv3Key.Reveal(), client: client,
		notices: validators.NewWechatPayNotifyValidator(trust), clock: clock}, nil
}

// verifier believes the platform's public key, its certificates, or both.
func verifier(cfg configs.WechatPay) (auth.Verifier, error) {
	var certs []*x509.Certificate
	for _, path := range cfg.PlatformCerts {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, errors.New("wechatpay: a platform certificate is not PEM")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("wechatpay: a platform certificate: %w", err)
		}
		if _, ok := c.PublicKey.(*rsa.PublicKey); !ok {
			return nil, errors.New("wechatpay: a platform certificate is not RSA")
		}
		certs = append(certs, c)
	}
	byCert := core.NewCertificateMapWithList(certs)
	switch {
	case cfg.PublicKey == "" && len(certs) == 0:
		return nil, errors.New("wechatpay: neither the platform's public key nor a certificate of its is set")
	case cfg.PublicKey == "":
		return verifiers.NewSHA256WithRSAVerifier(byCert), nil
	}
	key, err := publicKey(cfg.PublicKey)
	if err != nil || cfg.PublicKeyID == "" {
		return nil, errors.New("wechatpay: the platform's public key is unreadable or has no id")
	}
	if len(certs) == 0 {
		return verifiers.NewSHA256WithRSAPubkeyVerifier(cfg.PublicKeyID, *key), nil
	}
	return verifiers.NewSHA256WithRSACombinedVerifier(byCert, cfg.PublicKeyID, *key), nil
}

func der(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// privateKey reads PKCS#1 or PKCS#8. It never quotes what it read.
func privateKey(text string) (*rsa.PrivateKey, error) {
	b, err := der(text)
	if err != nil {
		return nil, errors.New("wechatpay: the private key is neither PEM nor base64")
	}
	if k, err := x509.ParsePKCS1PrivateKey(b); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(b)
	if own, ok := k.(*rsa.PrivateKey); err == nil && ok {
		return own, nil
	}
	return nil, errors.New("wechatpay: the private key is not an RSA key")
}

func publicKey(text string) (*rsa.PublicKey, error) {
	b, err := der(text)
	if err != nil {
		return nil, err
	}
	k, err := x509.ParsePKIXPublicKey(b)
	if own, ok := k.(*rsa.PublicKey); err == nil && ok {
		return own, nil
	}
	return nil, errors.New("not an RSA key")
}

// maxAnswer bounds what is read of an answer; the SDK reads everything.
const maxAnswer = 1 << 20

var shared = func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 8
	return t
}()

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// transport sends what the SDK addresses to its own constant host to the address of the settings. The request is signed
// by then, over a path without what stands before /v3 in that address: the other side never sees it.
type transport struct {
	base *url.URL
	next http.RoundTripper
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = t.base.Scheme, t.base.Host, t.base.Host
	out.URL.Path = strings.TrimSuffix(t.base.Path, "/") + out.URL.Path
	out.URL.RawPath = ""
	res, err := t.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errors.New("the answer is too long")
	}
	if err != nil {
		return nil, err
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}
