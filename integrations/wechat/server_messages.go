package wechat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// Claims remembers which messages were taken; integrations/redis keeps it. An error means that it cannot be asked.
type Claims interface {
	Begin(ctx context.Context, scope, name string, lease time.Duration) (models.Claim, error)
	Done(ctx context.Context, scope, name string, ttl time.Duration) error
	Drop(ctx context.Context, scope, name string) error
}

// ServerMessages verifies and reads what WeChat's servers send to our apps, before anything of it is parsed. The SDK's
// own server is not used: it takes the mode from the query, so that a captured signature opens it to any plain text, it
// looks at no time, and it logs decrypted messages. Of the SDK only the signature and the cipher are.
type ServerMessages struct {
	apps   map[string]serverApp // by name in our settings
	claims Claims
	clock  models.Clock
	fresh  time.Duration
}

type serverApp struct {
	id, token, key string
	channel        notice.Channel
}

// NewServerMessages takes the apps that have a token and a key; the others get no messages.
func NewServerMessages(cfg configs.Wechat, claims Claims, clock models.Clock) (*ServerMessages, error) {
	s := &ServerMessages{apps: map[string]serverApp{}, claims: claims, clock: clock, fresh: cfg.MessageFresh}
	if claims == nil || clock == nil || s.fresh <= 0 {
		return nil, errors.New("wechat: server messages need claims, a clock and a limit of age")
	}
	for _, a := range cfg.Apps {
		if !a.ServerToken.IsSet() && !a.EncodingAESKey.IsSet() {
			continue
		}
		one := serverApp{id: a.AppID, token: a.ServerToken.Reveal(), key: a.EncodingAESKey.Reveal(), channel: notice.WechatMini}
		if a.Kind == "oa" {
			one.channel = notice.WechatOA
		}
		if raw, err := base64.StdEncoding.DecodeString(one.key + "="); err != nil || len(raw) != 32 || one.token == "" {
			return nil, fmt.Errorf("wechat: app %s: server token or message key has the wrong form", a.Name)
		}
		s.apps[a.Name] = one
	}
	return s, nil
}

const (
	claimLease = 20 * time.Second // longer than the work on one message
	claimScope = "wechat-message"
	maxNonce   = 64
	maxOpenID  = 128
)

var (
	errSignature = errors.New("wechat message: the signature is not believed")
	echoForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

// signed checks SHA-1 over the sorted parts in constant time.
func signed(signature string, parts ...string) bool {
	return len(signature) == 40 && subtle.ConstantTimeCompare([]byte(util.Signature(parts...)), []byte(signature)) == 1
}

// once gives a parameter's value; one that stands twice has none, so that nobody else reads another.
func once(q url.Values, name string) string {
	if len(q[name]) != 1 {
		return ""
	}
	return q[name][0]
}

func (s *ServerMessages) isFresh(stamp string) bool {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(stamp) > 12 {
		return false
	}
	age := s.clock.Now().Sub(time.Unix(seconds, 0))
	return age <= s.fresh && age >= -s.fresh
}

// Echo answers the check that the platform's console makes of our address. The text to echo is not covered by the
// signature: only one that can be nothing but a word is given back.
func (s *ServerMessages) Echo(name string, q url.Values) (string, error) {
	app, ok := s.apps[name]
	if !ok {
		return "", notice.ErrNoSuchAccount
	}
	stamp, nonce, echo := once(q, "timestamp"), once(q, "nonce"), once(q, "echostr")
	switch {
	case nonce == "" || len(nonce) > maxNonce || !echoForm.MatchString(echo) || !signed(once(q, "signature"), app.token, stamp, nonce):
		return "", notice.ErrMessageForged.Because(errSignature)
	case !s.isFresh(stamp):
		return "", notice.ErrMessageStale
	}
	return echo, nil
}

// Read believes a message only if it is encrypted, signed by the platform over what is encrypted, of these minutes, not
// seen before, and for this very app. What refuses it quotes nothing of it.
func (s *ServerMessages) Read(ctx context.Context, name string, q url.Values, body []byte) (notice.Received, error) {
	app, ok := s.apps[name]
	if !ok {
		return notice.Received{}, notice.ErrNoSuchAccount
	}
	if once(q, "encrypt_type") != "aes" || once(q, "msg_signature") == "" {
		return notice.Received{}, notice.ErrMessagePlain
	}
	sealed, err := sealedOf(body)
	if err != nil {
		return notice.Received{}, err
	}
	stamp, nonce, signature := once(q, "timestamp"), once(q, "nonce"), once(q, "msg_signature")
	switch {
	case nonce == "" || len(nonce) > maxNonce || !signed(signature, app.token, stamp, nonce, sealed):
		return notice.Received{}, notice.ErrMessageForged.Because(errSignature)
	case !s.isFresh(stamp):
		return notice.Received{}, notice.ErrMessageStale
	}
	nonceName := app.mac("nonce", stamp, nonce, signature)
	switch state, err := s.claims.Begin(ctx, claimScope, nonceName, claimLease); {
	case err != nil:
		return notice.Received{}, models.ErrUnavailable.Because(err)
	case state != models.ClaimFree:
		return notice.Received{}, notice.ErrMessageReplayed
	}
	r, err := s.open(ctx, app, sealed, nonceName)
	if err != nil {
		s.drop(ctx, nonceName)
	}
	return r, err
}

// open decrypts a message that is believed, and claims what it tells: the platform repeats a message under one id.
func (s *ServerMessages) open(ctx context.Context, app serverApp, sealed, nonceName string) (notice.Received, error) {
	_, plain, err := util.DecryptMsg(app.id, sealed, app.key)
	if err != nil { // another app's, or another key's; the SDK's text may quote what it read
		return notice.Received{}, notice.ErrMessageForged.Because(errors.New("wechat message: not encrypted for this app"))
	}
	in, err := parseMessage(plain)
	if err != nil {
		return notice.Received{}, err
	}
	if in.FromUserName == "" || len(in.FromUserName) > maxOpenID {
		return notice.Received{}, notice.ErrMessageMalformed
	}
	name := app.mac("message", in.key()...)
	state, err := s.claims.Begin(ctx, claimScope, name, claimLease)
	switch {
	case err != nil:
		return notice.Received{}, models.ErrUnavailable.Because(err)
	case state == models.ClaimHeld:
		return notice.Received{}, notice.ErrMessageBusy.After(5 * time.Second)
	}
	r := notice.Received{PlatformMessage: in.message(app), Again: state == models.ClaimDone, Answer: app.answering(in, s.clock)}
	r.Settle = func(ctx context.Context, taken bool) {
		if taken {
			s.keep(ctx, name, nonceName)
			return
		}
		s.drop(ctx, name, nonceName)
	}
	if r.Again {
		s.keep(ctx, nonceName)
	}
	return r, nil
}

// keep remembers for longer than anything stays fresh. Where it cannot, a copy within these minutes is taken once more:
// what it changes is guarded by its own time.
func (s *ServerMessages) keep(ctx context.Context, names ...string) {
	for _, n := range names {
		_ = s.claims.Done(context.WithoutCancel(ctx), claimScope, n, 2*s.fresh+time.Minute)
	}
}

// drop lets a message come again; where it cannot, the claim's lease ends by itself.
func (s *ServerMessages) drop(ctx context.Context, names ...string) {
	for _, n := range names {
		_ = s.claims.Drop(context.WithoutCancel(ctx), claimScope, n)
	}
}

// mac names something in Redis without telling it.
func (a serverApp) mac(kind string, parts ...string) string {
	m := hmac.New(sha256.New, []byte(a.key))
	for _, p := range append([]string{kind, a.id}, parts...) {
		_, _ = fmt.Fprintf(m, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}
