package wechatpay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	sandbox "onecard/integrations/sandbox/wechatpay"
	"onecard/integrations/wechatpay"
	"onecard/models"
	"onecard/models/payment"
)

func TestR21_ATradeFromItsBeginningToItsRefund(t *testing.T) {
	t.Parallel()
	r := start(t)
	_, err := r.Ask(t.Context(), r.trade())
	require.ErrorIs(t, err, payment.ErrTradeUnknown)
	tr := r.prepared(t)
	require.Equal(t, tr.Ref, r.prepared(t).Ref, "asked twice, one trade")

	params, err := r.ClientParams(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, []string{app, "RSA", "prepay_id=" + tr.Ref}, []string{params["appId"], params["signType"], params["package"]})
	sign, err := base64.StdEncoding.DecodeString(params["paySign"])
	require.NoError(t, err)
	sum := sha256.Sum256([]byte(app + "\n" + params["timeStamp"] + "\n" + params["nonceStr"] + "\n" + params["package"] + "\n"))
	require.NoError(t, rsa.VerifyPKCS1v15(&keys()[0].PublicKey, crypto.SHA256, sum[:], sign))

	told, err := r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ToldUnpaid, told.State)
	require.NoError(t, r.platform.FailToPay(tr.Number))
	told, err = r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ToldUnpaid, told.State, "a refused bank card may be followed by another")

	taken, err := r.platform.Pay(tr.Ref, 1)
	require.NoError(t, err)
	require.Equal(t, 1, taken)
	n, err := r.read(r.came(t))
	require.NoError(t, err)
	told, err = r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, told, *n.Trade, "notice and query say the same")
	require.Equal(t, payment.Told{Number: tr.Number, AppID: app, MerchantID: mch, AmountFen: 1600, Currency: "CNY", State: payment.ToldPaid,
		TransactionID: told.TransactionID, PaidAt: r.clock.Now()}, told)

	_, err = r.Prepare(t.Context(), tr, payment.Account{AppID: app, OpenID: "o-wang"})
	require.ErrorIs(t, err, payment.ErrTradePaid)
	require.ErrorIs(t, r.Close(t.Context(), tr), payment.ErrTradePaid)

	r.platform.HoldRefunds(true)
	back := payment.Refund{Number: "R" + tr.Number, AmountFen: 1600, Reason: "rejected"}
	for range 2 {
		got, err := r.Refund(t.Context(), tr, back)
		require.NoError(t, err)
		require.Equal(t, payment.RefundProcessing, got.State, "taken is not back")
	}
	_, err = r.platform.SettleRefund(back.Number, "SUCCESS", 1)
	require.NoError(t, err)
	n, err = r.read(r.came(t))
	require.NoError(t, err)
	got, err := r.AskRefund(t.Context(), tr, back)
	require.NoError(t, err)
	require.Equal(t, got, *n.Refund)
	require.Equal(t, []any{payment.RefundSucceeded, models.Fen(1600), mch}, []any{got.State, got.AmountFen, got.MerchantID})
	told, err = r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ToldPaid, told.State, "money that went back had come")
}

func TestAnUnpaidTradeIsClosed(t *testing.T) {
	t.Parallel()
	r := start(t)
	require.NoError(t, r.Close(t.Context(), r.trade()), "an unknown one is closed")
	tr := r.prepared(t)
	require.NoError(t, r.Close(t.Context(), tr))
	require.NoError(t, r.Close(t.Context(), tr))
	told, err := r.Ask(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, payment.ToldClosed, told.State)
	_, err = r.platform.Pay(tr.Ref, 1)
	require.Error(t, err)
}

func TestR63_OnlyThePlatformsOwnNoticesAreRead(t *testing.T) {
	t.Parallel()
	r := start(t)
	tr := r.prepared(t)
	_, err := r.platform.Pay(tr.Number, 1)
	require.NoError(t, err)
	good := r.came(t)
	other := start(t, func(c *configs.WechatPay, o *sandbox.Options) {
		c.APIv3Key = configs.NewSecret(strings.Repeat("x", 32))
		o.APIv3Key = strings.Repeat("x", 32)
	})
	resource := func(change func(map[string]any)) sandbox.Sealed {
		var body map[string]any
		require.NoError(t, json.Unmarshal(good.Body, &body))
		change(body)
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		return r.platform.Sign(raw)
	}
	altered := func(header, value string) sandbox.Sealed {
		s := sandbox.Sealed{Header: good.Header.Clone(), Body: good.Body}
		s.Header.Set(header, value)
		return s
	}
	for name, c := range map[string]struct {
		sent sandbox.Sealed
		want *models.Error
	}{
		"body changed":       {sandbox.Sealed{Header: good.Header, Body: append([]byte(" "), good.Body...)}, payment.ErrCallback},
		"signature changed":  {altered("Wechatpay-Signature", base64.StdEncoding.EncodeToString(make([]byte, 256))), payment.ErrCallback},
		"no signature":       {altered("Wechatpay-Signature", ""), payment.ErrCallback},
		"probe":              {altered("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc"), payment.ErrCallback},
		"old":                {altered("Wechatpay-Timestamp", "1640000000"), payment.ErrCallback},
		"another key's name": {altered("Wechatpay-Serial", "PUB_KEY_ID_0"), payment.ErrCallback},
		"no head":            {sandbox.Sealed{Header: http.Header{}, Body: good.Body}, payment.ErrCallback},
		"not JSON":           {r.platform.Sign([]byte("null")), payment.ErrCallbackBody},
		"empty":              {r.platform.Sign(nil), payment.ErrCallbackBody},
		"no resource":        {resource(func(b map[string]any) { delete(b, "resource") }), payment.ErrCallbackBody},
		"null resource":      {resource(func(b map[string]any) { b["resource"] = nil }), payment.ErrCallbackBody},
		"short nonce":        {resource(func(b map[string]any) { b["resource"].(map[string]any)["nonce"] = "x" }), payment.ErrCallbackBody},
		"other algorithm":    {resource(func(b map[string]any) { b["resource"].(map[string]any)["algorithm"] = "NONE" }), payment.ErrCallbackBody},
		"other ciphertext":   {resource(func(b map[string]any) { b["resource"].(map[string]any)["ciphertext"] = "AAAA" }), payment.ErrCallbackBody},
		"other event":        {resource(func(b map[string]any) { b["event_type"] = "COUPON.USE" }), payment.ErrCallbackBody},
		"no id":              {resource(func(b map[string]any) { b["id"] = "" }), payment.ErrCallbackBody},
	} {
		_, err := r.read(c.sent)
		require.ErrorIs(t, err, c.want, name)
		require.NotContains(t, err.Error(), "Wechatpay-", name)
	}
	_, err = other.read(good)
	require.ErrorIs(t, err, payment.ErrCallbackBody, "sealed under another APIv3 key")
	strange, _, err := r.platform.NoticeOf(tr.Number, func(content map[string]any) { content["trade_state"] = "WHO_KNOWS" })
	require.NoError(t, err)
	_, err = r.read(strange)
	require.ErrorIs(t, err, payment.ErrCallbackBody)
	n, err := r.read(good)
	require.NoError(t, err)
	require.NotEmpty(t, n.ID)
}

func TestThePlatformIsBelievedByItsCertificateToo(t *testing.T) {
	t.Parallel()
	path, number := certificate(t)
	for name, change := range map[string]func(*configs.WechatPay, *sandbox.Options){
		"certificate": func(c *configs.WechatPay, o *sandbox.Options) {
			c.PlatformCerts, c.PublicKey, c.PublicKeyID, o.KeyID = []string{path}, "", "", number
		},
		"both, signed by the certificate": func(c *configs.WechatPay, o *sandbox.Options) { c.PlatformCerts, o.KeyID = []string{path}, number },
		"both, signed by the key":         func(c *configs.WechatPay, _ *sandbox.Options) { c.PlatformCerts = []string{path} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, change)
			tr := r.prepared(t)
			_, err := r.platform.Pay(tr.Number, 1)
			require.NoError(t, err)
			_, err = r.read(r.came(t))
			require.NoError(t, err)
		})
	}
}

func TestAnswersThatAreNotThePlatformsAreNotBelieved(t *testing.T) {
	t.Parallel()
	stranger := start(t, func(_ *configs.WechatPay, o *sandbox.Options) { o.Key = keys()[0] })
	_, err := stranger.Prepare(t.Context(), stranger.trade(), payment.Account{AppID: app, OpenID: "o-wang"})
	require.ErrorIs(t, err, models.ErrUnavailable)
	wrong := start(t, func(_ *configs.WechatPay, o *sandbox.Options) { o.MerchantKey = &keys()[1].PublicKey })
	_, err = wrong.Prepare(t.Context(), wrong.trade(), payment.Account{AppID: app, OpenID: "o-wang"})
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "SIGN_ERROR 401")
}

func TestAPlatformThatFailsLeavesTheFateOpen(t *testing.T) {
	t.Parallel()
	r := start(t)
	tr := r.prepared(t)
	for _, how := range []fault.Failure{
		{Mode: fault.Refuse, Code: "SYSTEM_ERROR"}, {Mode: fault.Status, Status: 502}, {Mode: fault.Garbage}, {Mode: fault.LoseReply}, {Mode: fault.Cut}, {Mode: fault.Hang},
	} {
		require.NoError(t, r.platform.Faults().Next("", 1, how))
		_, err := r.Refund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
		require.ErrorIs(t, err, models.ErrUnavailable, how.Mode)
		require.NotContains(t, err.Error(), "http://")
		require.NotContains(t, err.Error(), "Authorization")
	}
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }))
	t.Cleanup(long.Close)
	cfg := r.cfg
	cfg.URL = long.URL
	p, err := wechatpay.New(cfg, "https://card.test/callbacks/wechatpay", r.clock)
	require.NoError(t, err)
	_, err = p.Ask(t.Context(), tr)
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	good := start(t).cfg
	for name, change := range map[string]func(*configs.WechatPay){
		"address":     func(c *configs.WechatPay) { c.URL = "ftp://x" },
		"merchant":    func(c *configs.WechatPay) { c.MerchantID = "" },
		"apiv3":       func(c *configs.WechatPay) { c.APIv3Key = configs.NewSecret("short") },
		"timeout":     func(c *configs.WechatPay) { c.Timeout = 0 },
		"private key": func(c *configs.WechatPay) { c.PrivateKey = configs.NewSecret("AAAA") },
		"public key":  func(c *configs.WechatPay) { c.PublicKey = "AAAA" },
		"key id":      func(c *configs.WechatPay) { c.PublicKeyID = "" },
		"no trust":    func(c *configs.WechatPay) { c.PublicKey = "" },
		"certificate": func(c *configs.WechatPay) { c.PlatformCerts = []string{"/nowhere.pem"} },
	} {
		cfg := good
		change(&cfg)
		_, err := wechatpay.New(cfg, "https://card.test/callbacks/wechatpay", models.SystemClock{})
		require.Error(t, err, name)
	}
	_, err := wechatpay.New(good, "https://card.test/callbacks/wechatpay?x=1", models.SystemClock{})
	require.Error(t, err)
}

func TestABillHoldsWhatCameAndWhatWentBack(t *testing.T) {
	t.Parallel()
	r := start(t)
	day := models.DateOf(r.clock.Now())
	lines, err := r.Bill(t.Context(), day)
	require.NoError(t, err)
	require.Empty(t, lines, "nobody paid")
	tr := r.prepared(t)
	_, err = r.platform.Pay(tr.Number, 0)
	require.NoError(t, err)
	told, err := r.Ask(t.Context(), tr)
	require.NoError(t, err)
	_, err = r.Refund(t.Context(), tr, payment.Refund{Number: "R1", AmountFen: 1600})
	require.NoError(t, err)
	lines, err = r.Bill(t.Context(), day)
	require.NoError(t, err)
	require.Equal(t, []payment.BillLine{
		{Number: tr.Number, TransactionID: told.TransactionID, AmountFen: 1600},
		{Number: tr.Number, TransactionID: told.TransactionID, RefundNumber: "R1", AmountFen: 1600},
	}, lines)
	require.NoError(t, r.platform.Faults().Next("GET /v3/billdownload/file", 1, fault.Failure{Mode: fault.Garbage}))
	_, err = r.Bill(t.Context(), day)
	require.ErrorIs(t, err, models.ErrUnavailable, "another file than the signed answer named")
}

func FuzzNotice(f *testing.F) {
	for _, seed := range []string{"", "null", "{}", `{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":null}`,
		`{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"123456789012","ciphertext":"AAAA"}}`} {
		f.Add([]byte(seed))
	}
	pub := keys()[1].PublicKey
	raw, err := sandboxKey(&pub)
	if err != nil {
		f.Fatal(err)
	}
	platform, err := sandbox.New(sandbox.Options{MchID: mch, MerchantKey: &keys()[0].PublicKey, Key: keys()[1], KeyID: keyID, APIv3Key: apiv3})
	if err != nil {
		f.Fatal(err)
	}
	p, err := wechatpay.New(configs.WechatPay{URL: "https://pay.test", MerchantID: mch, Serial: serial, APIv3Key: configs.NewSecret(apiv3), PublicKeyID: keyID, PublicKey: raw,
		PrivateKey: configs.NewSecret(privateText()), Timeout: time.Second}, "https://card.test/callbacks/wechatpay", models.SystemClock{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := platform.Sign(body)
		n, err := p.Notice(t.Context(), s.Header, s.Body)
		if err == nil && (n.ID == "" || (n.Trade == nil) == (n.Refund == nil)) {
			t.Fatal("a notice of nothing")
		}
	})
}
