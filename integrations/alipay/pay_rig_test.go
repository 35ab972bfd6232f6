package alipay_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	sandbox "onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/payment"
	"onecard/models/payment/paymenttest"
)

const seller = "2088102146225135"

// payRig is our merchant's adapter before a pretend platform, and a mailbox for the notices that come.
type payRig struct {
	*alipay.Pay
	platform *sandbox.Platform
	clock    *models.ManualClock
	cfg      configs.Alipay
	deps     alipay.Deps
	notify   string
	mu       *sync.Mutex
	inbox    *[]string
}

// payStart serves a platform; with certificates, both sides work in certificate mode. A change sees each request first.
func payStart(t *testing.T, certificates bool, changes ...func(http.Handler) http.Handler) payRig {
	t.Helper()
	keys, err := sandbox.KeysIn("")
	require.NoError(t, err)
	r := payRig{clock: models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)), mu: &sync.Mutex{}, inbox: &[]string{}}
	r.deps = alipay.Deps{Log: slog.New(slog.DiscardHandler), KeysAllowed: !certificates}
	public, err := sandbox.PublicKeyText(&keys.Platform.PublicKey)
	require.NoError(t, err)
	one := configs.AlipayApp{PrivateKey: configs.NewSecret(sandbox.PrivateKeyText(keys.App)), PublicKey: public, ContentKey: configs.NewSecret(contentKey)}
	o := sandbox.Options{People: town, Now: r.clock.Now, Key: keys.Platform, Seller: seller,
		Apps: []sandbox.App{{ID: miniID, PublicKey: &keys.App.PublicKey, AESKey: contentKey}, {ID: lifeID, PublicKey: &keys.App.PublicKey}}}
	if certificates {
		files := writeCerts(t, keys)
		one.PublicKey, one.AppCertPath, one.RootCertPath, one.AlipayCertPath = "", files.app, files.root, files.platform
		o.CertSN = files.platformSN
	}
	r.platform, err = sandbox.New(o)
	require.NoError(t, err)
	h := r.platform.Handler()
	for _, f := range changes {
		h = f(h)
	}
	mux := http.NewServeMux()
	mux.Handle("/alipay/", http.StripPrefix("/alipay", h))
	mux.HandleFunc("POST /callbacks/alipay/trade", func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		*r.inbox = append(*r.inbox, string(body))
		r.mu.Unlock()
		_, _ = w.Write([]byte("success"))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mini, life := one, one
	mini.Name, mini.Kind, mini.AppID = "mini", "mini", miniID
	life.Name, life.Kind, life.AppID = "life", "life", lifeID
	r.cfg = configs.Alipay{GatewayURL: srv.URL + "/alipay/gateway.do", Timeout: 2 * time.Second, SellerID: seller, Apps: []configs.AlipayApp{mini, life}}
	r.notify = srv.URL + "/callbacks/alipay/trade"
	r.Pay, err = alipay.NewPay(r.cfg, r.notify, r.deps)
	require.NoError(t, err)
	return r
}

func (r payRig) payer() payment.Account {
	return payment.Account{ID: models.NewID(), Platform: models.AlipayMini, AppID: miniID, OpenID: r.platform.OpenID(miniID, "wang")}
}

func (r payRig) trade() payment.Trade {
	return payment.Trade{ID: models.NewID(), Number: "0190a00000007000800000000000ab01", AppID: miniID, MerchantID: seller, AmountFen: 1600, PaidFen: 1600,
		Channel: models.AlipayMini, Item: payment.ReplacementItem, ExpiresAt: r.clock.Now().Add(30 * time.Minute)}
}

func (r payRig) prepared(t *testing.T) payment.Trade {
	t.Helper()
	tr := r.trade()
	var err error
	tr.Ref, err = r.Prepare(t.Context(), tr, r.payer())
	require.NoError(t, err)
	return tr
}

func (r payRig) paid(t *testing.T) payment.Trade {
	t.Helper()
	tr := r.prepared(t)
	_, err := r.platform.Pay(tr.Ref, 0)
	require.NoError(t, err)
	return tr
}

func (r payRig) read(t *testing.T, form url.Values) (payment.Notice, error) {
	t.Helper()
	return r.Notice(t.Context(), []byte(form.Encode()))
}

// form is the signed notice of the newest trade, changed before it was signed.
func (r payRig) form(t *testing.T, change func(url.Values)) url.Values {
	t.Helper()
	form, _, err := r.platform.NoticeOf("", change)
	require.NoError(t, err)
	return form
}

func (r payRig) bench() *paymenttest.Bench {
	fails := func(t *testing.T, call paymenttest.Call, how fault.Failure) {
		t.Helper()
		op := map[paymenttest.Call]string{paymenttest.Prepare: "alipay.trade.create", paymenttest.Ask: "alipay.trade.query", paymenttest.Close: "alipay.trade.close", paymenttest.Refund: "alipay.trade.refund"}[call]
		require.NoError(t, r.platform.FailNext(op, 1, how))
	}
	return &paymenttest.Bench{
		Provider: r.Pay, Clock: r.clock, Payer: r.payer(),
		Open: func(t *testing.T, tr payment.Trade) { t.Helper(); require.NoError(t, r.platform.Open(tr.Ref)) },
		Pay: func(t *testing.T, tr payment.Trade, notices int) {
			t.Helper()
			taken, err := r.platform.Pay(tr.Number, notices)
			require.NoError(t, err)
			require.Equal(t, notices, taken)
		},
		PayFails: func(tr payment.Trade) bool { _, err := r.platform.Pay(tr.Number, 0); return err != nil },
		Notices: func(t *testing.T) (out []payment.Notice) {
			t.Helper()
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, body := range *r.inbox {
				n, err := r.Notice(t.Context(), []byte(body))
				require.NoError(t, err)
				out = append(out, n)
			}
			return out
		},
		Loses: func(t *testing.T, call paymenttest.Call) {
			t.Helper()
			fails(t, call, fault.Failure{Mode: fault.LoseReply})
		},
		Refuses: func(t *testing.T, call paymenttest.Call) {
			t.Helper()
			fails(t, call, fault.Failure{Mode: fault.Refuse, Code: "ACQ.SYSTEM_ERROR"})
		},
		HoldRefunds:   r.platform.HoldRefunds,
		SettleRefunds: func(t *testing.T) { t.Helper(); _, err := r.platform.SettleRefund("", 1); require.NoError(t, err) },
		Unbilled:      func(t *testing.T, tr payment.Trade) { t.Helper(); require.NoError(t, r.platform.Unbilled(tr.Number)) },
	}
}

// fuzzPay is an adapter without another side.
func fuzzPay(f *testing.F) *alipay.Pay {
	f.Helper()
	keys, err := sandbox.KeysIn("")
	require.NoError(f, err)
	public, err := sandbox.PublicKeyText(&keys.Platform.PublicKey)
	require.NoError(f, err)
	cfg := configs.Alipay{GatewayURL: "https://pay.test/gateway.do", Timeout: time.Second, SellerID: seller, Apps: []configs.AlipayApp{
		{Name: "mini", Kind: "mini", AppID: miniID, PrivateKey: configs.NewSecret(sandbox.PrivateKeyText(keys.App)), PublicKey: public},
	}}
	p, err := alipay.NewPay(cfg, "https://card.test/callbacks/alipay/trade", alipay.Deps{Log: slog.New(slog.DiscardHandler), KeysAllowed: true})
	require.NoError(f, err)
	return p
}
