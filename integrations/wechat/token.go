package wechat

import (
	"context"
	"errors"
	"time"

	"github.com/silenceper/wechat/v2/credential"
)

// TokenStore shares access tokens between replicas; integrations/redis keeps it.
//
// Fetch is the token of that name; where none is known, one replica calls fetch and the others wait for it. fetch's
// error comes back as it is, and a ttl that is not positive is not kept. Forget drops a token that the platform called
// dead, unless another has taken its place. With the store gone, each process fetches for itself.
type TokenStore interface {
	Fetch(ctx context.Context, name string, fetch func(ctx context.Context) (value string, ttl time.Duration, err error)) (string, error)
	Forget(ctx context.Context, name, dead string)
}

// margin is cut off a token's life, so that none is used in its last minutes.
const margin = 5 * time.Minute

// noCache satisfies the SDK, which wants a cache; our token handle never uses it.
type noCache struct{}

func (noCache) Get(string) any                         { return nil }
func (noCache) Set(string, any, time.Duration) error   { return nil }
func (noCache) IsExist(string) bool                    { return false }
func (noCache) Delete(string) error                    { return nil }
func (a *app) tokenName() string                       { return "wechat:" + a.id + ":" + a.target.base.Host }
func (a *app) forget(ctx context.Context, dead string) { a.tokens.Forget(ctx, a.tokenName(), dead) }

// token is the app's stable access token. dead is one the platform has just refused: when it is offered again, a new
// one is forced; the vendor allows few forced ones a day, so that is never the first step.
func (a *app) token(ctx context.Context, dead string) (string, error) {
	token, err := a.tokens.Fetch(ctx, a.tokenName(), func(ctx context.Context) (string, time.Duration, error) {
		value, life, err := a.stableToken(ctx, false)
		if err == nil && dead != "" && value == dead {
			value, life, err = a.stableToken(ctx, true)
		}
		return value, life - margin, err
	})
	if err != nil {
		return "", err
	}
	routes.learn(a.target, token)
	return token, nil
}

func (a *app) stableToken(ctx context.Context, force bool) (string, time.Duration, error) {
	const api = "/cgi-bin/stable_token"
	sdk, ok := credential.NewStableAccessToken(a.id, a.secret, "", noCache{}).(*credential.StableAccessToken)
	if !ok {
		return "", 0, errors.New("wechat: the SDK's stable token has another type")
	}
	var value string
	var life time.Duration
	r := patiently(ctx, func() reply {
		res, err := sdk.GetAccessTokenDirectly(toward(ctx, a.target), force)
		value, life = res.AccessToken, time.Duration(res.ExpiresIn)*time.Second
		return of(res.CommonError, err)
	})
	if err := a.refusal(ctx, api, r); err != nil {
		return "", 0, err
	}
	if value == "" {
		return "", 0, a.refusal(ctx, api, reply{err: errNoField})
	}
	return value, life, nil
}

// errNoField is an answer without an error and without what was asked for.
var errNoField = &callError{path: "?", cause: "the answer lacks what was asked for"}

type tokenKey struct{}

// handle gives the SDK our token: the one its caller already chose, so that a refused one can be named.
type handle struct{ *app }

func (h handle) GetAccessTokenContext(ctx context.Context) (string, error) {
	if token, ok := ctx.Value(tokenKey{}).(string); ok {
		return token, nil
	}
	return h.token(ctx, "")
}

// GetAccessToken is for SDK calls that take no context.
func (h handle) GetAccessToken() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), h.target.timeout)
	defer cancel()
	return h.token(ctx, "")
}

// withToken makes one call that needs a token. A token refused as dead is dropped for everyone, and the call is made
// once more with a new one: a refused token means that nothing was done.
func (a *app) withToken(ctx context.Context, api string, call func(ctx context.Context, token string) reply) error {
	r, err := a.tried(ctx, call)
	if err != nil {
		return err
	}
	return a.refusal(ctx, api, r)
}

// tried is withToken for callers that read the reply themselves. An error is that there was no token, so no call.
func (a *app) tried(ctx context.Context, call func(ctx context.Context, token string) reply) (reply, error) {
	dead := ""
	for try := 0; ; try++ {
		token, err := a.token(ctx, dead)
		if err != nil {
			return reply{}, err
		}
		r := call(context.WithValue(toward(ctx, a.target), tokenKey{}, token), token)
		if try > 0 || !r.deadToken() {
			return r, nil
		}
		dead = token
		a.forget(ctx, dead)
	}
}
