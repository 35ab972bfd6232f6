package wechat_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	sandbox "onecard/integrations/sandbox/wechat"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/notice"
)

const (
	serverToken = "deskToken7"
	serverKey   = "ZGVza1dlY2hhdE9mZmljaWFsTWVzc2FnZUtleTAwMDA"
)

// claims is a memory that can be gone.
type claims struct {
	mu    sync.Mutex
	clock models.Clock
	held  map[string]models.Claim
	until map[string]time.Time
	gone  bool
}

var errGone = errors.New("redis does not answer")

func (c *claims) Begin(_ context.Context, _, name string, lease time.Duration) (models.Claim, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return "", errGone
	}
	if state, ok := c.held[name]; ok && c.clock.Now().Before(c.until[name]) {
		return state, nil
	}
	c.held[name], c.until[name] = models.ClaimHeld, c.clock.Now().Add(lease)
	return models.ClaimFree, nil
}

func (c *claims) Done(_ context.Context, _, name string, ttl time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[name], c.until[name] = models.ClaimDone, c.clock.Now().Add(ttl)
	return nil
}

func (c *claims) Drop(_ context.Context, _, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, name)
	return nil
}

// gate is our address, with the adapter behind it and nothing else.
type gate struct {
	rig
	t        *testing.T
	claims   *claims
	messages *wechat.ServerMessages
	mu       sync.Mutex
	got      []notice.Received
	code     string
	fails    bool
	reply    string
}

func openGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{rig: start(t), t: t, reply: "收到"}
	g.claims = &claims{clock: g.clock, held: map[string]models.Claim{}, until: map[string]time.Time{}}
	cfg := settings(g.url)
	cfg.MessageFresh = 5 * time.Minute
	secret := configs.NewSecret
	cfg.Apps = []configs.WechatApp{
		{Name: "mini", Kind: "mini", AppID: miniID, Secret: secret(miniSecret), ServerToken: secret(serverToken), EncodingAESKey: secret(serverKey)},
		{Name: "oa", Kind: "oa", AppID: oaID, Secret: secret(oaSecret), ServerToken: secret(serverToken), EncodingAESKey: secret(serverKey)},
		{Name: "deaf", Kind: "oa", AppID: "wxdeaf", Secret: secret(oaSecret)},
	}
	var err error
	g.messages, err = wechat.NewServerMessages(cfg, g.claims, g.clock)
	require.NoError(t, err)
	srv := httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(srv.Close)
	for name, id := range map[string]string{"mini": miniID, "oa": oaID} {
		g.SetServer(id, sandbox.Server{URL: srv.URL + "/callbacks/wechat/" + name, Token: serverToken, AESKey: serverKey})
	}
	return g
}

func (g *gate) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := r.URL.Path[len("/callbacks/wechat/"):]
	refuse := func(err error) {
		var named *models.Error
		require.ErrorAs(g.t, err, &named)
		g.code = named.Code
		require.Contains(g.t, named.Message, "12333")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(named.Code)
	}
	if r.Method == http.MethodGet {
		echo, err := g.messages.Echo(name, r.URL.Query())
		if err != nil {
			refuse(err)
			return
		}
		_, _ = io.WriteString(w, echo)
		return
	}
	body, _ := io.ReadAll(r.Body)
	in, err := g.messages.Read(r.Context(), name, r.URL.Query(), body)
	if err != nil {
		refuse(err)
		return
	}
	text := g.reply
	if in.Again {
		text = ""
	} else {
		g.got = append(g.got, in)
		in.Settle(r.Context(), !g.fails)
	}
	kind, out := in.Answer(text)
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(out)
}

func (g *gate) send(m sandbox.Message, how sandbox.Way) sandbox.Answered {
	g.t.Helper()
	if m.App == "" {
		m.App = oaID
	}
	if m.Citizen == "" {
		m.Citizen = "wang"
	}
	got, err := g.Send(g.t.Context(), m, how)
	require.NoError(g.t, err)
	return got
}

func (g *gate) newest() notice.Received {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	require.NotEmpty(g.t, g.got)
	return g.got[len(g.got)-1]
}

func TestServerMessagesAreReadAndAnsweredEncrypted(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	for _, c := range []struct {
		sent sandbox.Message
		want notice.PlatformMessage
	}{
		{sandbox.Message{What: "follow"}, notice.PlatformMessage{Kind: notice.MessageFollowed}},
		{sandbox.Message{What: "follow", Key: "outlet_0379"}, notice.PlatformMessage{Kind: notice.MessageFollowed, Scene: "outlet_0379"}},
		{sandbox.Message{What: "unfollow"}, notice.PlatformMessage{Kind: notice.MessageUnfollowed}},
		{sandbox.Message{What: "text", Text: "怎么挂失]]>?"}, notice.PlatformMessage{Kind: notice.MessageAsked, Text: "怎么挂失]]>?"}},
		{sandbox.Message{What: "click", Key: "hotline"}, notice.PlatformMessage{Kind: notice.MessageTapped, Word: "hotline"}},
		{sandbox.Message{What: "view", Key: "https://card.test/m/"}, notice.PlatformMessage{Kind: notice.MessageViewed}},
		{sandbox.Message{What: "scan", Key: "programme_P01"}, notice.PlatformMessage{Kind: notice.MessageScanned, Scene: "programme_P01"}},
		{sandbox.Message{What: "image"}, notice.PlatformMessage{Kind: notice.MessageUnread}},
		{sandbox.Message{What: "location_event"}, notice.PlatformMessage{Kind: notice.MessageIgnored}},
		{sandbox.Message{What: "sent", ID: "200163840", Answer: "success"}, notice.PlatformMessage{Kind: notice.MessageSettled, Receipt: notice.PlatformReceipt{VendorID: "200163840", Status: "success"}}},
		{sandbox.Message{What: "popup", Key: "tpl1", Answer: "accept"}, notice.PlatformMessage{Kind: notice.MessageConsented, Consents: []notice.PlatformConsent{{Template: "tpl1", Answer: "accept"}}}},
	} {
		got := g.send(c.sent, sandbox.Honest)
		require.Equal(t, "收到", got.Reply, c.sent.What)
		c.want.Channel, c.want.App, c.want.From, c.want.At = notice.WechatOA, oaID, g.OpenID(oaID, "wang"), g.clock.Now()
		require.Equal(t, c.want, g.newest().PlatformMessage, c.sent.What)
		g.clock.Advance(time.Second)
	}
	g.reply = ""
	require.Equal(t, "success", g.send(sandbox.Message{What: "text", Text: "你好"}, sandbox.Honest).Body, "no answer is the plain word, never an empty message")
	g.reply = "收到"
	require.Equal(t, "success", g.send(sandbox.Message{App: miniID, What: "text", Text: "你好"}, sandbox.Honest).Body, "a mini-program takes no answer in its request")
}

// Libraries' known holes: mode taken from the query, no freshness, no memory.
func TestForgedServerMessagesAreRefusedWithAStableCode(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	for how, code := range map[sandbox.Way]string{
		sandbox.Forged: "PLATFORM_MESSAGE_NOT_VERIFIED", sandbox.Plaintext: "PLATFORM_MESSAGE_NOT_ENCRYPTED", sandbox.Stale: "PLATFORM_MESSAGE_STALE",
		sandbox.OtherApp: "PLATFORM_MESSAGE_NOT_VERIFIED", sandbox.Tampered: "PLATFORM_MESSAGE_NOT_VERIFIED",
	} {
		got := g.send(sandbox.Message{What: "follow"}, how)
		require.Equal(t, http.StatusUnauthorized, got.Status, how)
		require.Equal(t, code, g.code, how)
		require.Empty(t, g.got, how)
	}
}

func TestAServerMessageCountsOnceHoweverItComesAgain(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	require.Equal(t, "收到", g.send(sandbox.Message{What: "follow"}, sandbox.Honest).Reply)
	require.Equal(t, http.StatusUnauthorized, g.send(sandbox.Message{}, sandbox.Replayed).Status)
	require.Equal(t, "PLATFORM_MESSAGE_REPLAYED", g.code)
	require.Equal(t, "success", g.send(sandbox.Message{}, sandbox.Again).Body, "the platform's own repeat is acknowledged")
	require.Len(t, g.got, 1)
	g.clock.Advance(6 * time.Minute)
	require.Equal(t, http.StatusUnauthorized, g.send(sandbox.Message{}, sandbox.Replayed).Status, "old before it is forgotten")
	require.Equal(t, "PLATFORM_MESSAGE_STALE", g.code)
}

func TestAServerMessageThatWasNotTakenMayComeAgain(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	g.fails = true
	g.send(sandbox.Message{What: "follow"}, sandbox.Honest)
	g.fails = false
	g.send(sandbox.Message{}, sandbox.Replayed)
	require.Len(t, g.got, 2, "even word for word: nothing was done before")
	g.send(sandbox.Message{}, sandbox.Again)
	require.Len(t, g.got, 2)

	g.claims.gone = true // Redis
	require.Equal(t, http.StatusUnauthorized, g.send(sandbox.Message{What: "text", Text: "a"}, sandbox.Honest).Status)
	require.Equal(t, models.ErrUnavailable.Code, g.code)
	g.claims.gone = false
	require.Equal(t, "收到", g.send(sandbox.Message{}, sandbox.Again).Reply)
}

func TestTheConsoleGetsItsWordBackOnlyWhenItSigns(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	_, ok, err := g.CheckServer(t.Context(), oaID, sandbox.Honest)
	require.NoError(t, err)
	require.True(t, ok)
	for how, code := range map[sandbox.Way]string{sandbox.Forged: "PLATFORM_MESSAGE_NOT_VERIFIED", sandbox.Stale: "PLATFORM_MESSAGE_STALE"} {
		_, ok, err = g.CheckServer(t.Context(), oaID, how)
		require.NoError(t, err)
		require.False(t, ok)
		require.Equal(t, code, g.code)
	}
	_, err = g.messages.Echo("deaf", url.Values{})
	require.ErrorIs(t, err, notice.ErrNoSuchAccount)
	_, err = g.messages.Read(t.Context(), "nobody", url.Values{}, nil)
	require.ErrorIs(t, err, notice.ErrNoSuchAccount)
}

// Sample from the vendor's page 消息加解密说明 (developers.weixin.qq.com, Message encryption and decryption): token,
// EncodingAESKey and appid of its worked example; the cipher text is ours, its parameters are the page's.
func TestTheVendorsDocumentedSignatureIsTaken(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	q := url.Values{"timestamp": {"1409735669"}, "nonce": {"xxxxxx"}, "echostr": {"1"}, "signature": {"0"}}
	_, err := g.messages.Echo("oa", q)
	require.ErrorIs(t, err, notice.ErrMessageForged)
	for name := range q { // a parameter that stands twice is not read at all
		twice := url.Values{}
		for k, v := range q {
			twice[k] = v
		}
		twice[name] = append([]string{q[name][0]}, q[name]...)
		_, err := g.messages.Echo("oa", twice)
		require.Error(t, err, name)
	}
}
