package alipay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	sandbox "onecard/integrations/sandbox/alipay"
	"onecard/models"
	"onecard/models/notice"
)

type claims struct {
	mu   sync.Mutex
	held map[string]models.Claim
	gone bool
	drop int // how many were dropped
}

func (c *claims) Begin(_ context.Context, _, name string, _ time.Duration) (models.Claim, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return "", errors.New("redis does not answer")
	}
	if state, ok := c.held[name]; ok {
		return state, nil
	}
	c.held[name] = models.ClaimHeld
	return models.ClaimFree, nil
}

func (c *claims) Done(_ context.Context, _, name string, _ time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[name] = models.ClaimDone
	return nil
}

func (c *claims) Drop(_ context.Context, _, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, name)
	c.drop++
	return nil
}

// gate is our gateway with the adapter behind it, before a platform that answers its calls.
type gate struct {
	rig
	t      *testing.T
	life   *alipay.LifeAccount
	read   func(ctx context.Context, body []byte) (notice.Received, error)
	claims *claims
	got    []notice.Received
	err    error
	fails  bool
	calls  int
}

func openGate(t *testing.T, certificates bool) *gate {
	t.Helper()
	g := &gate{t: t, claims: &claims{held: map[string]models.Claim{}}}
	g.rig = start(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.calls++; next.ServeHTTP(w, r) })
	})
	cfg, app := g.settings(t, lifeID, "life")
	cfg.MessageFresh = 5 * time.Minute
	deps := g.deps()
	if certificates {
		files := writeCerts(t, g.keys)
		app.PublicKey, app.AppCertPath, app.RootCertPath, app.AlipayCertPath = "", files.app, files.root, files.platform
		deps.KeysAllowed = false
		var err error
		g.Platform, err = sandbox.New(sandbox.Options{People: town, Now: g.clock.Now, Key: g.keys.Platform, CertSN: files.platformSN,
			Apps: []sandbox.App{{ID: lifeID, PublicKey: &g.keys.App.PublicKey}}})
		require.NoError(t, err)
	}
	var err error
	g.life, err = alipay.NewLifeAccount(cfg, app, "https://card.test/m/return", deps)
	require.NoError(t, err)
	cfg.Apps = []configs.AlipayApp{app}
	gateway, err := alipay.NewGateway(cfg, []*alipay.LifeAccount{g.life}, g.claims, g.clock)
	require.NoError(t, err)
	g.read = gateway.Read
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		in, err := gateway.Read(r.Context(), body)
		if g.err = err; err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if !in.Again {
			g.got = append(g.got, in)
			in.Settle(r.Context(), !g.fails)
		}
		_, out := in.Answer("")
		_, _ = w.Write(out)
	}))
	t.Cleanup(srv.Close)
	g.SetGateway(lifeID, srv.URL)
	return g
}

func (g *gate) tell(h sandbox.Happening, how string) sandbox.Answered {
	g.t.Helper()
	h.App, h.Citizen = lifeID, "wang"
	got, err := g.Tell(g.t.Context(), h, how)
	require.NoError(g.t, err)
	return got
}

func TestLifeMessagesAreReadAndAcknowledged(t *testing.T) {
	t.Parallel()
	for _, certificates := range []bool{false, true} {
		g := openGate(t, certificates)
		require.True(t, g.tell(sandbox.Happening{What: "check"}, "").Taken)
		require.Empty(t, g.got, "the check is nobody's message")
		for _, c := range []struct {
			h    sandbox.Happening
			want notice.PlatformMessage
		}{
			{sandbox.Happening{What: "follow"}, notice.PlatformMessage{Kind: notice.MessageFollowed}},
			{sandbox.Happening{What: "follow", Key: "outlet_1"}, notice.PlatformMessage{Kind: notice.MessageFollowed, Scene: "outlet_1"}},
			{sandbox.Happening{What: "unfollow"}, notice.PlatformMessage{Kind: notice.MessageUnfollowed}},
			{sandbox.Happening{What: "enter"}, notice.PlatformMessage{Kind: notice.MessageIgnored}},
			{sandbox.Happening{What: "click", Key: "ask"}, notice.PlatformMessage{Kind: notice.MessageTapped, Word: "ask"}},
			{sandbox.Happening{What: "text", Text: "怎么挂失", Charset: "utf-8"}, notice.PlatformMessage{Kind: notice.MessageAsked, Text: "怎么挂失"}},
			{sandbox.Happening{What: "text", Text: "社保卡收费"}, notice.PlatformMessage{Kind: notice.MessageAsked, Text: "社保卡收费"}}, // in GBK
			{sandbox.Happening{What: "image"}, notice.PlatformMessage{Kind: notice.MessageUnread}},
		} {
			g.clock.Advance(time.Second)
			require.True(t, g.tell(c.h, "").Taken, c.h.What)
			got := g.got[len(g.got)-1].PlatformMessage
			require.NotEmpty(t, got.UserID)
			c.want.Channel, c.want.App, c.want.From, c.want.UserID, c.want.At = notice.AlipayLife, lifeID, g.OpenID(lifeID, "wang"), got.UserID, g.clock.Now()
			require.Equal(t, c.want, got, c.h.What)
		}
		require.Zero(t, g.calls, "nothing is fetched for a message, no certificate either")
	}
}

func TestForgedLifeMessagesAreRefused(t *testing.T) {
	t.Parallel()
	for _, certificates := range []bool{false, true} {
		g := openGate(t, certificates)
		for how, want := range map[string]*models.Error{
			"forged": notice.ErrMessageForged, "unsigned": notice.ErrMessageForged, "stale": notice.ErrMessageStale,
			"other_app": notice.ErrMessageForged, "foreign_cert": notice.ErrMessageForged,
		} {
			require.Equal(t, http.StatusUnauthorized, g.tell(sandbox.Happening{What: "follow"}, how).Status)
			require.ErrorIs(t, g.err, want, how)
			require.Empty(t, g.got)
		}
		require.Zero(t, g.calls, "an unknown certificate is not fetched")
	}
}

func TestALifeMessageCountsOnceAndMayComeAgainWhereItFailed(t *testing.T) {
	t.Parallel()
	g := openGate(t, false)
	g.fails = true
	g.tell(sandbox.Happening{What: "follow"}, "")
	g.fails = false
	require.True(t, g.tell(sandbox.Happening{}, "replayed").Taken)
	require.Len(t, g.got, 2)
	require.True(t, g.tell(sandbox.Happening{}, "replayed").Taken)
	require.Len(t, g.got, 2)
	g.claims.gone, g.claims.drop = true, 0
	require.Equal(t, http.StatusUnauthorized, g.tell(sandbox.Happening{What: "unfollow"}, "").Status)
	require.ErrorIs(t, g.err, models.ErrUnavailable)
	require.Equal(t, 1, g.claims.drop, "a claim whose answer never came may be ours")
	g.claims.gone = false
	g.clock.Advance(6 * time.Minute)
	g.tell(sandbox.Happening{}, "replayed")
	require.ErrorIs(t, g.err, notice.ErrMessageStale)
	_, err := g.read(t.Context(), []byte("a=%zz"+strings.Repeat("&a=b", 31)))
	require.ErrorIs(t, err, notice.ErrMessageMalformed)
	_, err = g.read(t.Context(), []byte("a=b"+strings.Repeat("&a=b", 32)))
	require.ErrorIs(t, err, notice.ErrMessageMalformed, "more fields than a message has are not even parsed")
}

func TestALifeAccountsAnswerAndMenu(t *testing.T) {
	t.Parallel()
	g := openGate(t, false)
	g.tell(sandbox.Happening{What: "text", Text: "hi"}, "")
	require.NoError(t, g.got[0].Say(t.Context(), "请拨打12333。"))
	require.Equal(t, []string{"请拨打12333。"}, g.Said(lifeID, "wang"))

	menu, err := configs.ReadMenu(configs.ShippedMenu(), []string{"hotline", "ask"})
	require.NoError(t, err)
	want := configs.MenuAt("https://card.test", menu)
	now, err := g.life.Menu(t.Context())
	require.NoError(t, err)
	require.Nil(t, now)
	for range 2 { // made, then changed
		require.NoError(t, g.life.SetMenu(t.Context(), want))
		now, err = g.life.Menu(t.Context())
		require.NoError(t, err)
		require.Equal(t, configs.MenuLines(want), configs.MenuLines(now))
		want = want[:2]
	}
}

// FuzzLifeMessage: whatever comes is refused with a named error; nothing without the platform's signature is read.
func FuzzLifeMessage(f *testing.F) {
	pay := func() *alipay.Gateway {
		keys, err := sandbox.KeysIn("")
		require.NoError(f, err)
		public, err := sandbox.PublicKeyText(&keys.Platform.PublicKey)
		require.NoError(f, err)
		app := configs.AlipayApp{Name: "life", Kind: "life", AppID: lifeID, PrivateKey: configs.NewSecret(sandbox.PrivateKeyText(keys.App)), PublicKey: public}
		cfg := configs.Alipay{GatewayURL: "https://h/gateway.do", AuthorizeURL: "https://h/a", Timeout: time.Second, MessageFresh: time.Minute, Apps: []configs.AlipayApp{app}}
		life, err := alipay.NewLifeAccount(cfg, app, "https://card.test/m/return", rig{log: &lines{}}.deps())
		require.NoError(f, err)
		g, err := alipay.NewGateway(cfg, []*alipay.LifeAccount{life}, &claims{held: map[string]models.Claim{}}, models.SystemClock{})
		require.NoError(f, err)
		return g
	}()
	f.Add("service=alipay.service.check&charset=GBK&sign_type=RSA2&biz_content=%3CXML%3E&sign=AAAA")
	f.Add("sign=%00&sign=1")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, body string) {
		_, err := pay.Read(t.Context(), []byte(body))
		var named *models.Error
		require.ErrorAs(t, err, &named)
	})
}
