// Package oidc speaks to a bureau's single sign-on: OpenID Connect with code, state, nonce and PKCE. A token is believed by
// its signature, issuer, audience, nonce and time, and tells a subject and whether a second factor was asked for; nothing
// else of it is read, an e-mail for one.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
)

// Client is our side of one sign-on. It is safe for use by many goroutines.
type Client struct {
	settings configs.SignOn
	redirect string
	clock    models.Clock
	http     *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until the sign-on has told where its pages are
	failedAt time.Time      // when it last did not
}

// askAgain is how long a sign-on that gave no answer is left alone: those who wait behind one try do not each make their own.
const askAgain = 2 * time.Second

var _ hotline.SignOn = (*Client)(nil)

// New makes a client. It asks nothing yet: the product starts while the sign-on is out.
func New(s configs.SignOn, redirect string, clock models.Clock) *Client {
	return &Client{settings: s, redirect: redirect, clock: clock, http: &http.Client{Timeout: s.Timeout}}
}

// found is where the sign-on's pages and keys are, asked once it answers.
func (c *Client) found() (*oidc.Provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	switch since := now.Sub(c.failedAt); {
	case c.provider != nil:
		return c.provider, nil
	case !c.failedAt.IsZero() && since >= 0 && since < askAgain:
		return nil, models.ErrUnavailable.After(askAgain).Because(errors.New("oidc: gave no answer just now"))
	}
	// The provider keeps this context for its keys, so it is nobody's request; the client's own time bounds each call.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), c.http), c.settings.Issuer)
	if err != nil {
		c.failedAt = c.clock.Now()
		return nil, models.ErrUnavailable.Because(err)
	}
	c.provider = p
	return p, nil
}

func (c *Client) oauth(p *oidc.Provider) *oauth2.Config {
	at := p.Endpoint()
	at.AuthStyle = oauth2.AuthStyleInHeader // named, or the library would send a refused code a second time to find out
	var told struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if p.Claims(&told) == nil && len(told.Methods) > 0 && !slices.Contains(told.Methods, "client_secret_basic") {
		at.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: c.settings.ClientID, ClientSecret: c.settings.Secret.Reveal(), Endpoint: at, RedirectURL: c.redirect,
		Scopes: []string{oidc.ScopeOpenID},
	}
}

// AuthorizeURL is the page to which the browser goes.
func (c *Client) AuthorizeURL(_ context.Context, state, nonce, verifier string) (string, error) {
	p, err := c.found()
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if len(c.settings.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", c.settings.ACR[0]))
	}
	return c.oauth(p).AuthCodeURL(state, options...), nil
}

// Redeem turns the code that came back into who signed on. hotline.ErrSignOnRefused for a code or token that is not
// believed; unavailable where the sign-on gives no answer.
func (c *Client) Redeem(ctx context.Context, code, verifier, nonce string) (hotline.SignedOn, error) {
	p, err := c.found()
	if err != nil {
		return hotline.SignedOn{}, err
	}
	token, err := c.oauth(p).Exchange(oidc.ClientContext(ctx, c.http), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return hotline.SignedOn{}, exchangeError(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return hotline.SignedOn{}, hotline.ErrSignOnRefused.Because(errors.New("oidc: no id_token"))
	}
	verified, err := p.VerifierContext(oidc.ClientContext(ctx, c.http), &oidc.Config{ClientID: c.settings.ClientID, Now: c.clock.Now}).Verify(ctx, raw)
	if err != nil {
		return hotline.SignedOn{}, hotline.ErrSignOnRefused.Because(err)
	}
	var claims struct {
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	switch err := verified.Claims(&claims); {
	case err != nil:
		return hotline.SignedOn{}, hotline.ErrSignOnRefused.Because(err)
	case subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(nonce)) != 1:
		return hotline.SignedOn{}, hotline.ErrSignOnRefused.Because(errors.New("oidc: another log-in's nonce"))
	case verified.Subject == "":
		return hotline.SignedOn{}, hotline.ErrSignOnRefused.Because(errors.New("oidc: no subject"))
	}
	return hotline.SignedOn{Subject: verified.Subject, SecondFactor: c.twoFactors(claims.ACR, claims.AMR)}, nil
}

// twoFactors reports whether the token says in the words of the settings that a second factor was asked for.
func (c *Client) twoFactors(acr string, amr []string) bool {
	return acr != "" && slices.Contains(c.settings.ACR, acr) ||
		slices.ContainsFunc(amr, func(word string) bool { return word != "" && slices.Contains(c.settings.AMR, word) })
}

// exchangeError tells a sign-on that refuses a code from one that is out, or that refuses us.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.ErrorCode == "invalid_grant" {
		return hotline.ErrSignOnRefused.Because(errors.New("oidc: the code is not accepted"))
	}
	if errors.As(err, &answered) {
		return models.ErrUnavailable.Because(errors.New("oidc: token endpoint answers " + answered.Response.Status + " " + answered.ErrorCode))
	}
	return models.ErrUnavailable.Because(errors.New("oidc: token endpoint gives no answer"))
}
