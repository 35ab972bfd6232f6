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
	claimLease = 5 * time.Second // longer than the work on one message, and over when the platform repeats
	claimScope = "wechat-message"
	maxNonce   = 64
	maxStamp   = 12
	maxOpenID  = 128

	signatureLength = 40 // SHA-1 in hexadecimal
)

var (
	errSignature = errors.New("wechat message: the signature is not believed")
	echoForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

// signed checks SHA-1 over the sorted parts in constant time.
func signed(signature string, parts ...string) bool {
	return len(signature) == signatureLength && subtle.ConstantTimeCompare([]byte(util.Signature(parts...)), []byte(signature)) == 1
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
	if err != nil {
		return false
	}
	age := s.clock.Now().Sub(time.Unix(seconds, 0))
	return age <= s.fresh && age >= -s.fresh
}

// proof is what a request says of itself in its address.
type proof struct{ stamp, nonce, signature string }

// proofIn reads the proof. What cannot be one costs nothing more.
func proofIn(q url.Values, signature string) (proof, bool) {
	p := proof{once(q, "timestamp"), once(q, "nonce"), once(q, signature)}
	return p, p.nonce != "" && len(p.nonce) <= maxNonce && p.stamp != "" && len(p.stamp) <= maxStamp && len(p.signature) == signatureLength
}

// Echo answers the check that the platform's console makes of our address. The text to echo is not covered by the
// signature: only one that can be nothing but a word is given back. A name that is not ours is answered like a forgery.
func (s *ServerMessages) Echo(name string, q url.Values) (string, error) {
	app, ours := s.apps[name]
	p, formed := proofIn(q, "signature")
	echo := once(q, "echostr")
	switch {
	case !formed || !ours || !echoForm.MatchString(echo) || !signed(p.signature, app.token, p.stamp, p.nonce):
		return "", notice.ErrMessageForged.Because(errSignature)
	case !s.isFresh(p.stamp):
		return "", notice.ErrMessageStale
	}
	return echo, nil
}

// Read believes a message only if it is encrypted, signed by the platform over what is encrypted, of these minutes, not
// seen before, and for this very app. What refuses it quotes nothing of it. Where the claims are away, what changes
// nothing is read all the same: a copy of a question is only answered once more.
func (s *ServerMessages) Read(ctx context.Context, name string, q url.Values, body []byte) (notice.Received, error) {
	if once(q, "encrypt_type") != "aes" || once(q, "msg_signature") == "" {
		return notice.Received{}, notice.ErrMessagePlain
	}
	p, formed := proofIn(q, "msg_signature")
	if !formed {
		return notice.Received{}, notice.ErrMessageForged.Because(errSignature)
	}
	sealed, err := sealedOf(body)
	if err != nil {
		return notice.Received{}, err
	}
	app, ours := s.apps[name]
	switch {
	case !ours || !signed(p.signature, app.token, p.stamp, p.nonce, sealed):
		return notice.Received{}, notice.ErrMessageForged.Because(errSignature)
	case !s.isFresh(p.stamp):
		return notice.Received{}, notice.ErrMessageStale
	}
	nonceName := app.mac("nonce", p.stamp, p.nonce, p.signature)
	state, away := s.claims.Begin(ctx, claimScope, nonceName, claimLease)
	if away == nil && state != models.ClaimFree {
		return notice.Received{}, notice.ErrMessageReplayed
	}
	r, err := s.open(ctx, app, sealed, nonceName, away)
	if err != nil {
		s.drop(ctx, nonceName)
	}
	return r, err
}

// open decrypts a message that is believed, and claims what it tells: the platform repeats a message under one id. away
// is why the claims cannot be asked.
func (s *ServerMessages) open(ctx context.Context, app serverApp, sealed, nonceName string, away error) (notice.Received, error) {
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
	r := notice.Received{PlatformMessage: in.message(app), Answer: app.answering(in, s.clock)}
	name, state := app.mac("message", in.key()...), models.ClaimFree
	if away == nil {
		if state, away = s.claims.Begin(ctx, claimScope, name, claimLease); away != nil {
			s.drop(ctx, name) // it may be ours all the same
		}
	}
	switch {
	case away != nil && r.Kind.Changes():
		return notice.Received{}, models.ErrUnavailable.Because(away)
	case away != nil:
		r.Settle = func(context.Context, bool) {} // what was claimed ends with its lease
		return r, nil                             //nolint:nilerr // what changes nothing is answered without a claim
	case state == models.ClaimHeld:
		return notice.Received{}, notice.ErrMessageBusy.After(claimLease)
	}
	r.Again = state == models.ClaimDone
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
