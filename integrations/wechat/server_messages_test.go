package wechat_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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
	away  int // from which Begin on the answer is lost, though it is written; 0: never
	began int
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
	if c.began++; c.began == c.away {
		return "", errGone
	}
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
		{sandbox.Message{What: "sent", ID: "200163840", Answer: "success"}, notice.PlatformMessage{Kind: notice.MessageSettled, Receipts: []notice.PlatformReceipt{{VendorID: "200163840", Status: "success"}}}},
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
	require.Equal(t, "收到", g.send(sandbox.Message{What: "text", Text: "a"}, sandbox.Honest).Reply, "what changes nothing needs no claim")
	g.send(sandbox.Message{What: "text", Text: "a"}, sandbox.Forged)
	require.Equal(t, "PLATFORM_MESSAGE_NOT_VERIFIED", g.code)
	require.Equal(t, http.StatusUnauthorized, g.send(sandbox.Message{What: "unfollow"}, sandbox.Honest).Status)
	require.Equal(t, models.ErrUnavailable.Code, g.code)
	g.claims.gone = false
	require.Equal(t, "收到", g.send(sandbox.Message{}, sandbox.Again).Reply)
}

// A claim whose answer was lost is dropped with the other, so that the platform's repeat is not told that somebody works.
func TestAClaimWhoseAnswerWasLostIsDropped(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	g.claims.away = 2 // the nonce is claimed; the message is too, and nobody knows
	require.Equal(t, http.StatusUnauthorized, g.send(sandbox.Message{What: "unfollow"}, sandbox.Honest).Status)
	require.Equal(t, models.ErrUnavailable.Code, g.code)
	require.Empty(t, g.claims.held)
	g.send(sandbox.Message{}, sandbox.Replayed)
	require.Len(t, g.got, 1)
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
	require.ErrorIs(t, err, notice.ErrMessageForged)
	q := url.Values{"timestamp": {"1"}, "nonce": {"1"}, "encrypt_type": {"aes"}, "msg_signature": {strings.Repeat("a", 40)}}
	var told []error
	for _, name := range []string{"nobody", "oa"} {
		_, err = g.messages.Read(t.Context(), name, q, []byte("<xml><Encrypt>AAAA</Encrypt></xml>"))
		require.ErrorIs(t, err, notice.ErrMessageForged)
		told = append(told, err)
	}
	require.Equal(t, told[0], told[1], "nobody learns which apps there are")
	_, err = g.messages.Read(t.Context(), "oa", q, []byte("<xml>"+strings.Repeat("<a/>", 70)+"<Encrypt>AAAA</Encrypt></xml>"))
	require.ErrorIs(t, err, notice.ErrMessageMalformed)
	q.Set("msg_signature", "short")
	_, err = g.messages.Read(t.Context(), "oa", q, []byte("no XML at all"))
	require.ErrorIs(t, err, notice.ErrMessageForged, "refused before anything of the body is read")
}

// The worked example of the vendor's own sample code (WXBizMsgCrypt, Sample.py, in the download of its page 消息加解密说明).
const (
	sampleToken, sampleKey, sampleApp = "spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2"

	sampleSealed = "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
	sampleBody   = "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName><CreateTime>1409735668</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[abcdteT]]></Content><MsgId>6054768590064713728</MsgId><Encrypt><![CDATA[" + sampleSealed + "]]></Encrypt></xml>"
)

func sampleQuery() url.Values {
	return url.Values{"timestamp": {"1409735669"}, "nonce": {"1320562132"}, "encrypt_type": {"aes"}, "msg_signature": {"5d197aaffba7e9b25a30732f161a50dee96bd5fa"}}
}

func sampleGate(t testing.TB) *wechat.ServerMessages {
	t.Helper()
	clock := models.NewManualClock(time.Unix(1409735700, 0))
	m, err := wechat.NewServerMessages(configs.Wechat{MessageFresh: 5 * time.Minute, Apps: []configs.WechatApp{{
		Name: "oa", Kind: "oa", AppID: sampleApp, ServerToken: configs.NewSecret(sampleToken), EncodingAESKey: configs.NewSecret(sampleKey),
	}}}, &claims{clock: clock, held: map[string]models.Claim{}, until: map[string]time.Time{}}, clock)
	require.NoError(t, err)
	return m
}

func TestTheVendorsSampleMessageIsRead(t *testing.T) {
	t.Parallel()
	got, err := sampleGate(t).Read(t.Context(), "oa", sampleQuery(), []byte(sampleBody))
	require.NoError(t, err)
	require.Equal(t, notice.MessageAsked, got.Kind)
	require.Equal(t, "oyORnuP8q7ou2gfYjqLzSIWZf0rs", got.From)
	require.Equal(t, int64(1409735668), got.At.Unix())
	require.Equal(t, "abcdteT", got.Text, "what is encrypted counts, not what stands beside it")
	for name := range sampleQuery() { // a parameter that stands twice is not read at all
		q := sampleQuery()
		q[name] = append(q[name], q[name]...)
		_, err := sampleGate(t).Read(t.Context(), "oa", q, []byte(sampleBody))
		require.Error(t, err, name)
	}
}

// FuzzServerMessage: whatever comes is refused with a named error or read; nothing that is not signed is read.
func FuzzServerMessage(f *testing.F) {
	f.Add("1409735669", "1320562132", "5d197aaffba7e9b25a30732f161a50dee96bd5fa", []byte(sampleBody))
	f.Add("1409735669", "", "", []byte("<xml><Encrypt></Encrypt></xml>"))
	f.Add("1409735669", "1", "5d197aaffba7e9b25a30732f161a50dee96bd5fa", []byte("<xml><Encrypt>AAAA</Encrypt></xml>"))
	f.Add("-1", "1", "x", []byte("<!DOCTYPE a [<!ENTITY b \"c\">]><xml><Encrypt>&b;</Encrypt></xml>"))
	f.Add("9999999999999", "1", "x", []byte("{}"))
	m := sampleGate(f)
	f.Fuzz(func(t *testing.T, stamp, nonce, sign string, body []byte) {
		q := url.Values{"timestamp": {stamp}, "nonce": {nonce}, "encrypt_type": {"aes"}, "msg_signature": {sign}}
		got, err := m.Read(t.Context(), "oa", q, body)
		if err != nil {
			var named *models.Error
			require.ErrorAs(t, err, &named)
			return
		}
		require.Equal(t, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", sign, "read without the platform's signature")
		got.Settle(t.Context(), false)
	})
}

func TestTwoAnswersInOneSecondAreTwoEvents(t *testing.T) {
	t.Parallel()
	g := openGate(t)
	for _, template := range []string{"tpl1", "tpl2"} {
		g.send(sandbox.Message{What: "popup", Key: template, Answer: "accept"}, sandbox.Honest)
	}
	g.send(sandbox.Message{What: "popup", Key: "tpl2", Answer: "accept"}, sandbox.Honest)
	require.Len(t, g.got, 2)
}
