package alipay

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
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models"
)

// newClient makes an SDK client for one app.
//
// It is told not to be a production client, at whatever gateway: a production client that meets an unknown
// alipay_cert_sn fetches that certificate over the network, under its lock, and believes it without a chain. This one
// knows the certificates it was given and refuses all others. Gateway and authorize page are settings anyway, so
// nothing else hangs on that flag. Timestamps are Beijing's, wherever the machine stands.
func newClient(cfg configs.Alipay, s configs.AlipayApp, d Deps) (*sdk.Client, error) {
	key, err := privateKey(s.PrivateKey.Reveal())
	if err != nil {
		return nil, fmt.Errorf("alipay: app %s: %w", s.Name, err)
	}
	c, err := sdk.New(s.AppID, base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(key)), false,
		sdk.WithSandboxGateway(cfg.GatewayURL), sdk.WithTimeLocation(models.Shanghai),
		sdk.WithHTTPClient(&http.Client{Transport: transport{shared}, Timeout: cfg.Timeout, CheckRedirect: noRedirect}))
	if err != nil {
		return nil, fmt.Errorf("alipay: app %s: the SDK does not take the private key", s.Name)
	}
	certs := []string{s.AppCertPath, s.RootCertPath, s.AlipayCertPath}
	switch {
	case strings.Join(certs, "") != "":
		err = loadCerts(c, key, certs)
	case !d.KeysAllowed:
		err = errors.New("certificates are needed: bare keys are for the pretend platform")
	case s.PublicKey == "" || c.LoadAliPayPublicKey(bareBase64(s.PublicKey)) != nil:
		err = errors.New("the platform's public key is missing or unreadable")
	}
	if err != nil {
		return nil, fmt.Errorf("alipay: app %s: %w", s.Name, err)
	}
	return c, nil
}

// loadCerts loads the three certificates and makes sure of what the SDK passes over in silence: a file it cannot read
// as a certificate, a key that is not RSA, a certificate of another private key.
func loadCerts(c *sdk.Client, key *rsa.PrivateKey, paths []string) error {
	texts := make([]string, len(paths))
	for i, p := range paths {
		if p == "" {
			return errors.New("certificate mode needs all three certificates")
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		texts[i] = string(b)
	}
	own, err := certificate(texts[0])
	if err != nil {
		return fmt.Errorf("app_cert_path: %w", err)
	}
	if !key.PublicKey.Equal(own.PublicKey) {
		return errors.New("app_cert_path: the certificate is not that of our private key")
	}
	theirs, err := certificate(texts[2])
	if err != nil {
		return fmt.Errorf("alipay_cert_path: %w", err)
	}
	if _, ok := theirs.PublicKey.(*rsa.PublicKey); !ok {
		return errors.New("alipay_cert_path: not an RSA certificate")
	}
	if err := errors.Join(c.LoadAppCertPublicKey(texts[0]), c.LoadAliPayRootCert(texts[1]), c.LoadAlipayCertPublicKey(texts[2])); err != nil {
		return err
	}
	sent, err := c.URLValues(sdk.NewPayload("alipay.user.certify.open.query"))
	if err != nil || sent.Get("app_cert_sn") == "" || sent.Get("alipay_root_cert_sn") == "" {
		return errors.New("root_cert_path: no RSA certificate in it")
	}
	return nil
}

func certificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not a PEM certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

// privateKey reads PKCS#1 or PKCS#8, in PEM or in the bare base64 of the vendor's tool. It never quotes what it read.
func privateKey(text string) (*rsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(bareBase64(text))
	if err != nil {
		return nil, errors.New("the private key is neither PEM nor base64")
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key is neither PKCS#1 nor PKCS#8")
	}
	if k, ok := k.(*rsa.PrivateKey); ok {
		return k, nil
	}
	return nil, errors.New("the private key is not RSA")
}

func bareBase64(text string) string {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return base64.StdEncoding.EncodeToString(block.Bytes)
	}
	return strings.Join(strings.Fields(text), "")
}

// maxAnswer bounds what is read of an answer; the SDK reads everything.
const maxAnswer = 1 << 20

var shared = func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	return t
}()

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// transport gives the SDK a whole answer with status 200, or an error; the SDK looks at neither status nor length.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if s, ok := req.Context().Value(slotKey{}).(*slot); ok {
		s.free() // the request is signed; waiting for the network needs no slot
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, &callError{method: "gateway", cause: fmt.Sprintf("status %d", res.StatusCode)}
	case len(body) > maxAnswer:
		return nil, &callError{method: "gateway", cause: "the answer is too long"}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

// signing bounds how many RSA signatures are made at once (1.5 ms each): half of the processors stay for the rest.
var signing = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

type slotKey struct{}

type slot struct{ once sync.Once }

func (s *slot) free() { s.once.Do(func() { <-signing }) }

// withSlot waits for a turn to sign; the turn ends when the request goes out, or when done is called.
func withSlot(ctx context.Context) (_ context.Context, done func(), err error) {
	select {
	case signing <- struct{}{}:
		s := &slot{}
		return context.WithValue(ctx, slotKey{}, s), s.free, nil
	case <-ctx.Done():
		return ctx, func() {}, ctx.Err()
	}
}

// pauses between tries while the platform says that it is not available.
var pauses = [...]time.Duration{100 * time.Millisecond, 300 * time.Millisecond}
