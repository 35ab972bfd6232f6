package nontax_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/nontax"
	"onecard/integrations/sandbox/fault"
	sandbox "onecard/integrations/sandbox/nontax"
	"onecard/models"
	"onecard/models/payment"
	"onecard/models/payment/paymenttest"
)

const (
	unit = "410300017001"
	item = "103044733"
)

var keys = sync.OnceValue(func() [3]*rsa.PrivateKey {
	var out [3]*rsa.PrivateKey
	for i := range out {
		out[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return out
})

func publicText(t *testing.T, k *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(der)
}

// rig is our unit's adapter before a pretend platform, and a mailbox for the notices that come.
type rig struct {
	*nontax.Pay
	platform *sandbox.Platform
	clock    *models.ManualClock
	cfg      configs.NonTax
	notify   string
	mu       *sync.Mutex
	inbox    *[]sandbox.Sealed
}

func start(t *testing.T, changes ...func(http.Handler) http.Handler) rig {
	t.Helper()
	r := rig{clock: models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)), mu: &sync.Mutex{}, inbox: &[]sandbox.Sealed{}}
	var err error
	r.platform, err = sandbox.New(sandbox.Options{Unit: unit, Items: []string{item}, UnitKey: &keys()[0].PublicKey, Key: keys()[1], Now: r.clock.Now})
	require.NoError(t, err)
	h := r.platform.Handler()
	for _, f := range changes {
		h = f(h)
	}
	mux := http.NewServeMux()
	mux.Handle("/nontax/", http.StripPrefix("/nontax", h))
	mux.HandleFunc("POST /callbacks/nontax", func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		*r.inbox = append(*r.inbox, sandbox.Sealed{Header: req.Header.Clone(), Body: body})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	r.notify = srv.URL + "/callbacks/nontax"
	r.cfg = configs.NonTax{URL: srv.URL + "/nontax", UnitCode: unit, ItemCode: item, PrivateKey: configs.NewSecret(base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(keys()[0]))),
		PublicKey: publicText(t, keys()[1]), CodeLife: 30 * time.Minute, Timeout: 2 * time.Second}
	r.Pay, err = nontax.New(r.cfg, r.notify)
	require.NoError(t, err)
	return r
}

func holder(t *testing.T) payment.Account {
	t.Helper()
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	return payment.Account{ID: models.NewID(), Platform: models.WechatMini, AppID: "wx1", OpenID: "o1", Holder: name}
}

func (r rig) bench(t *testing.T) *paymenttest.Bench {
	t.Helper()
	fails := func(t *testing.T, call paymenttest.Call, how fault.Failure) {
		t.Helper()
		op := map[paymenttest.Call]string{paymenttest.Prepare: "POST /v1/demands", paymenttest.Refund: "POST /v1/refunds"}[call]
		require.NoError(t, r.platform.Faults().Next(op, 1, how))
	}
	return &paymenttest.Bench{
		Provider: r.Pay, Clock: r.clock, Payer: holder(t), Open: func(*testing.T, payment.Trade) {},
		Pay: func(t *testing.T, tr payment.Trade, notices int) {
			t.Helper()
			taken, err := r.platform.Pay(tr.Ref, notices)
			require.NoError(t, err)
			require.Equal(t, notices, taken)
		},
		PayFails: func(tr payment.Trade) bool { _, err := r.platform.Pay(tr.Number, 0); return err != nil },
		Notices: func(t *testing.T) (out []payment.Notice) {
			t.Helper()
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, s := range *r.inbox {
				n, err := r.Notice(t.Context(), s.Header, s.Body)
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
			fails(t, call, fault.Failure{Mode: fault.Refuse})
		},
		HoldRefunds: r.platform.HoldRefunds,
		SettleRefunds: func(t *testing.T) {
			t.Helper()
			_, err := r.platform.SettleRefund("", "paid_back", 1)
			require.NoError(t, err)
		},
		Unbilled: func(t *testing.T, tr payment.Trade) { t.Helper(); require.NoError(t, r.platform.Unsettled(tr.Number)) },
	}
}

func TestR63_NonTaxRevenueIsAProvider(t *testing.T) {
	t.Parallel()
	paymenttest.Conform(t, func(t *testing.T) *paymenttest.Bench { t.Helper(); return start(t).bench(t) })
}

func (r rig) trade() payment.Trade {
	return payment.Trade{ID: models.NewID(), Number: "0190a00000007000800000000000ab01", AppID: item, MerchantID: unit, AmountFen: 1600, PaidFen: 1600,
		Item: payment.ReplacementItem, ExpiresAt: r.clock.Now().Add(30 * time.Minute)}
}

func (r rig) paid(t *testing.T) payment.Trade {
	t.Helper()
	tr := r.trade()
	var err error
	tr.Ref, err = r.Prepare(t.Context(), tr, holder(t))
	require.NoError(t, err)
	_, err = r.platform.Pay(tr.Ref, 0)
	require.NoError(t, err)
	return tr
}

func TestR21_APaymentCodeNamesTheHolderAndTheReceiptComes(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.platform.HoldReceipts(true)
	nobody := holder(t)
	nobody.Holder = models.Name{}
	_, err := r.Prepare(t.Context(), r.trade(), nobody)
	require.ErrorIs(t, err, models.ErrUnavailable, "a receipt without a name is none")
	tr := r.paid(t)
	params, err := r.ClientParams(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"paymentCode": tr.Ref}, params)
	require.Regexp(t, `^\d{20}$`, tr.Ref)
	_, err = r.AskReceipt(t.Context(), tr)
	require.ErrorIs(t, err, payment.ErrNoReceipt)
	_, err = r.platform.IssueReceipts(1)
	require.NoError(t, err)
	got, err := r.AskReceipt(t.Context(), tr)
	require.NoError(t, err)
	require.Regexp(t, `^\d{8}$`, got.Code)
	require.Regexp(t, `^\d{10}$`, got.Number)
	require.Equal(t, []any{tr.Number, unit, payment.ReceiptIssued, true}, []any{got.TradeNumber, got.MerchantID, got.State, got.CheckCode != "" && got.URL != ""})
	n, err := r.Notice(t.Context(), (*r.inbox)[0].Header, (*r.inbox)[0].Body)
	require.NoError(t, err)
	require.Equal(t, got, *n.Receipt)
}

func TestR49_AnApplicationIsNotMoneyUntilTheBureauPaid(t *testing.T) {
	t.Parallel()
	r := start(t)
	tr := r.paid(t)
	r.platform.HoldRefunds(true)
	back := payment.Refund{Number: "R" + tr.Number, AmountFen: 1600, Reason: "rejected"}
	ask := func() payment.RefundTold {
		told, err := r.AskRefund(t.Context(), tr, back)
		require.NoError(t, err)
		return told
	}
	told, err := r.Refund(t.Context(), tr, back)
	require.NoError(t, err)
	require.Equal(t, []any{payment.RefundRequested, payment.StageApplied}, []any{told.State, told.Stage})
	for _, step := range []struct {
		stage string
		want  payment.RefundState
	}{{"approved", payment.RefundRequested}, {"rejected", payment.RefundAbnormal}, {"paid_back", payment.RefundSucceeded}} {
		_, err := r.platform.SettleRefund("", step.stage, 0)
		require.NoError(t, err)
		require.Equal(t, []any{step.want, payment.RefundStage(step.stage)}, []any{ask().State, ask().Stage})
	}
	receipt, err := r.AskReceipt(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ReceiptReversed, receipt.State)
}

func TestR63_OnlyTheBureausOwnWordsAreRead(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.paid(t)
	good, _, err := r.platform.NoticeOf("", nil)
	require.NoError(t, err)
	altered := func(header, value string) sandbox.Sealed {
		s := sandbox.Sealed{Header: good.Header.Clone(), Body: good.Body}
		s.Header.Set(header, value)
		return s
	}
	with := func(key string, value any) sandbox.Sealed {
		s, _, err := r.platform.NoticeOf("", func(c map[string]any) { c[key] = value })
		require.NoError(t, err)
		return s
	}
	for name, c := range map[string]struct {
		sent sandbox.Sealed
		want *models.Error
	}{
		"body changed":      {sandbox.Sealed{Header: good.Header, Body: append([]byte(" "), good.Body...)}, payment.ErrCallback},
		"signature changed": {altered("X-Fiscal-Sign", "AAAA"), payment.ErrCallback},
		"no signature":      {altered("X-Fiscal-Sign", ""), payment.ErrCallback},
		"old":               {altered("X-Fiscal-Time", "1640000000"), payment.ErrCallback},
		"another nonce":     {altered("X-Fiscal-Nonce", "x"), payment.ErrCallback},
		"no head":           {sandbox.Sealed{Header: http.Header{}, Body: good.Body}, payment.ErrCallback},
		"not JSON":          {r.platform.Sign([]byte("null")), payment.ErrCallbackBody},
		"about nothing":     {r.platform.Sign([]byte(`{"id":"1","kind":"demand"}`)), payment.ErrCallbackBody},
		"of another kind":   {r.platform.Sign([]byte(`{"id":"1","kind":"gift","demand":{}}`)), payment.ErrCallbackBody},
		"half a receipt":    {r.platform.Sign([]byte(`{"id":"1","kind":"receipt","receipt":{"demand":"x","state":"issued"}}`)), payment.ErrCallbackBody},
		"an unknown stage":  {r.platform.Sign([]byte(`{"id":"1","kind":"refund","refund":{"number":"R1","amount":"16.00","stage":"maybe"}}`)), payment.ErrCallbackBody},
		"an unknown state":  {with("state", "maybe"), payment.ErrCallbackBody},
		"a number as money": {with("amount", 1600), payment.ErrCallbackBody},
		"no amount":         {with("amount", ""), payment.ErrCallbackBody},
	} {
		_, err := r.Notice(t.Context(), c.sent.Header, c.sent.Body)
		require.ErrorIs(t, err, c.want, name)
	}
	n, err := r.Notice(t.Context(), good.Header, good.Body)
	require.NoError(t, err)
	require.Equal(t, []any{payment.NonTax, payment.ToldPaid, item, unit}, []any{n.Provider, n.Trade.State, n.Trade.AppID, n.Trade.MerchantID})
}

func TestAnAnswerThatIsNotTheBureausIsNotBelieved(t *testing.T) {
	t.Parallel()
	forged := func(status int, body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	var kept *httptest.ResponseRecorder
	replayed := func(next http.Handler) http.Handler { // the first good answer, again and again
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if kept == nil {
				kept = httptest.NewRecorder()
				next.ServeHTTP(kept, req)
			}
			for k, v := range kept.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
		})
	}
	for name, change := range map[string]func(http.Handler) http.Handler{
		"unsigned refusal": forged(http.StatusNotFound, `{"code":"NO_DEMAND"}`),
		"unsigned success": forged(http.StatusOK, `{"number":"0190a00000007000800000000000ab01","unit":"410300017001","amount":"16.00","state":"paid","serial":"x","paid_at":"2021-12-20T12:00:00+08:00"}`),
		"too long":         forged(http.StatusOK, strings.Repeat("x", 5<<20)),
	} {
		_, err := start(t, change).Ask(t.Context(), start(t).trade())
		require.ErrorIs(t, err, models.ErrUnavailable, name)
		require.NotErrorIs(t, err, payment.ErrTradeUnknown, name)
	}
	r := start(t, replayed)
	_, err := r.Ask(t.Context(), r.trade())
	require.ErrorIs(t, err, payment.ErrTradeUnknown)
	_, err = r.Ask(t.Context(), r.trade())
	require.ErrorIs(t, err, models.ErrUnavailable, "the answer to another question")
	stranger := start(t)
	cfg := stranger.cfg
	cfg.PrivateKey = configs.NewSecret(base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(keys()[2])))
	p, err := nontax.New(cfg, stranger.notify)
	require.NoError(t, err)
	_, err = p.Ask(t.Context(), stranger.trade())
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "SIGN_ERROR 401")
	require.NotContains(t, err.Error(), "http://")
}

func TestNonTaxSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	good := start(t)
	for name, change := range map[string]func(*configs.NonTax){
		"address":     func(c *configs.NonTax) { c.URL = "ftp://x" },
		"unit":        func(c *configs.NonTax) { c.UnitCode = "" },
		"item":        func(c *configs.NonTax) { c.ItemCode = "" },
		"timeout":     func(c *configs.NonTax) { c.Timeout = 0 },
		"life":        func(c *configs.NonTax) { c.CodeLife = 0 },
		"private key": func(c *configs.NonTax) { c.PrivateKey = configs.NewSecret("AAAA") },
		"public key":  func(c *configs.NonTax) { c.PublicKey = "AAAA" },
	} {
		cfg := good.cfg
		change(&cfg)
		_, err := nontax.New(cfg, good.notify)
		require.Error(t, err, name)
	}
	_, err := nontax.New(good.cfg, good.notify+"?x=1")
	require.Error(t, err)
}

func FuzzNotice(f *testing.F) {
	for _, seed := range []string{"", "null", "{}", `{"id":"1","kind":"demand","demand":null}`, `{"id":"1","kind":"receipt","receipt":{}}`} {
		f.Add([]byte(seed))
	}
	platform, err := sandbox.New(sandbox.Options{Unit: unit, Items: []string{item}, UnitKey: &keys()[0].PublicKey, Key: keys()[1]})
	require.NoError(f, err)
	der, err := x509.MarshalPKIXPublicKey(&keys()[1].PublicKey)
	require.NoError(f, err)
	p, err := nontax.New(configs.NonTax{URL: "https://pay.test", UnitCode: unit, ItemCode: item, CodeLife: time.Hour, Timeout: time.Second,
		PrivateKey: configs.NewSecret(base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(keys()[0]))), PublicKey: base64.StdEncoding.EncodeToString(der)}, "https://card.test/callbacks/nontax")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		s := platform.Sign(body)
		n, err := p.Notice(t.Context(), s.Header, s.Body)
		if err == nil && (n.ID == "" || n.Trade == nil && n.Refund == nil && n.Receipt == nil) {
			t.Fatal("a notice of nothing")
		}
	})
}
