package wechatpay_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"onecard/configs"
	sandbox "onecard/integrations/sandbox/wechatpay"
	"onecard/integrations/wechatpay"
	"onecard/models"
	"onecard/models/payment"
)

const (
	mch    = "1900000109"
	app    = "wxde3000000000mini"
	apiv3  = "0123456789abcdef0123456789abcdef"
	serial = "5157F09EFDC096DE15EBE81A47057A72"
	keyID  = "PUB_KEY_ID_0119000001092021122000"
)

var keys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var out [2]*rsa.PrivateKey
	for i := range out {
		out[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return out
})

func sandboxKey(k *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k)
	return base64.StdEncoding.EncodeToString(der), err
}

func privateText() string {
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(keys()[0]))
}

// rig is our adapter before a pretend platform, and a mailbox for the notices that come.
type rig struct {
	*wechatpay.Pay
	platform *sandbox.Platform
	clock    *models.ManualClock
	cfg      configs.WechatPay
	mu       *sync.Mutex
	inbox    *[]sandbox.Sealed
}

func start(t *testing.T, change ...func(*configs.WechatPay, *sandbox.Options)) rig {
	t.Helper()
	r := rig{clock: models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)), mu: &sync.Mutex{}, inbox: &[]sandbox.Sealed{}}
	o := sandbox.Options{MchID: mch, Serial: serial, MerchantKey: &keys()[0].PublicKey, Key: keys()[1], KeyID: keyID, APIv3Key: apiv3, AppIDs: []string{app}, Now: r.clock.Now}
	public, err := sandboxKey(&keys()[1].PublicKey)
	require.NoError(t, err)
	r.cfg = configs.WechatPay{MerchantID: mch, Serial: serial, PrivateKey: configs.NewSecret(privateText()),
		APIv3Key: configs.NewSecret(apiv3), PublicKeyID: keyID, PublicKey: public, Timeout: 2 * time.Second}
	for _, f := range change {
		f(&r.cfg, &o)
	}
	r.platform, err = sandbox.New(o)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/wechatpay/", http.StripPrefix("/wechatpay", r.platform.Handler()))
	mux.HandleFunc("POST /callbacks/wechatpay", func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		*r.inbox = append(*r.inbox, sandbox.Sealed{Header: req.Header.Clone(), Body: body})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	r.cfg.URL = srv.URL + "/wechatpay"
	r.Pay, err = wechatpay.New(r.cfg, srv.URL+"/callbacks/wechatpay", r.clock)
	require.NoError(t, err)
	return r
}

// came is the newest notice.
func (r rig) came(t *testing.T) sandbox.Sealed {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NotEmpty(t, *r.inbox)
	return (*r.inbox)[len(*r.inbox)-1]
}

func (r rig) trade() payment.Trade {
	return payment.Trade{ID: models.NewID(), Number: "0190a00000007000800000000000ab01", AppID: app, MerchantID: mch, AmountFen: 1600, PaidFen: 1600,
		Item: payment.ReplacementItem, ExpiresAt: r.clock.Now().Add(30 * time.Minute)}
}

func (r rig) prepared(t *testing.T) payment.Trade {
	t.Helper()
	tr := r.trade()
	var err error
	tr.Ref, err = r.Prepare(t.Context(), tr, payment.Account{AppID: app, OpenID: "o-wang"})
	require.NoError(t, err)
	return tr
}

func (r rig) read(s sandbox.Sealed) (payment.Notice, error) {
	return r.Notice(context.Background(), s.Header, s.Body)
}

// certificate makes the platform's key one with a certificate, and gives file and serial.
func certificate(t *testing.T) (path, serial string) {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(0x5157F09E), Subject: pkix.Name{CommonName: "pretend platform"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &keys()[1].PublicKey, keys()[1])
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "platform.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600))
	parsed, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	return path, utils.GetCertificateSerialNumber(*parsed)
}
