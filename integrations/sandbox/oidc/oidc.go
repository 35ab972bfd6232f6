// Package oidc pretends to be a bureau's single sign-on: OpenID Connect with code, state, nonce and PKCE, an ES256 key, and
// employees who have a second factor or have not. It knows nothing of the product.
package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// What the tokens say of how somebody came in.
const (
	ACRTwoFactors = "urn:desk:two-factors"
	ACRPassword   = "urn:desk:password"
)

const codeLife = 2 * time.Minute

// Options are the client whom the provider knows.
type Options struct {
	ClientID, Secret string
	Prefix           string           // under which the handler stands, e.g. /oidc
	Now              func() time.Time // time.Now when nil
}

// grant is an authorization code and what it was asked with.
type grant struct {
	redirect, nonce, challenge, subject string
	secondFactor                        bool
	until                               time.Time
}

// Provider is the pretend sign-on. Safe for use by many at once.
type Provider struct {
	o      Options
	key    *ecdsa.PrivateKey
	other  *ecdsa.PrivateKey // nobody's: for tokens that are not to be believed
	faults fault.Plan

	mu     sync.Mutex
	grants map[string]*grant
	bad    Bad
}

// Bad is what is wrong with the next token.
type Bad string

// What may be wrong with it.
const (
	BadNonce    Bad = "nonce"
	BadAudience Bad = "audience"
	BadIssuer   Bad = "issuer"
	BadKey      Bad = "key"
	BadExpired  Bad = "expired"
	BadNone     Bad = "unsigned" // alg none
	BadSubject  Bad = "no_subject"
)

// New makes a provider.
func New(o Options) (*Provider, error) {
	if o.ClientID == "" || o.Secret == "" {
		return nil, errors.New("oidc sandbox: a client and its secret are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Provider{o: o, grants: map[string]*grant{}}
	var errs [2]error
	p.key, errs[0] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.other, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return p, errors.Join(errs[:]...)
}

// Faults is where the desk orders failures; operations are called by method and path.
func (p *Provider) Faults() *fault.Plan { return &p.faults }

// Spoil makes the next token wrong in one way.
func (p *Provider) Spoil(how Bad) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = how
}

// Handler serves discovery, keys, the page on which somebody signs on, and the token endpoint.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.page)
	mux.HandleFunc("POST /authorize", p.signOn)
	mux.HandleFunc("POST /token", p.token)
	return p.faults.Wrap(mux, func(r *http.Request) string { return r.Method + " " + r.URL.Path }, func(w http.ResponseWriter, _ *http.Request, code string) {
		if code == "" {
			code = "server_error"
		}
		refuse(w, http.StatusBadRequest, code)
	})
}

func (p *Provider) issuer(r *http.Request) string { return "http://" + r.Host + p.o.Prefix }

func (p *Provider) discovery(w http.ResponseWriter, r *http.Request) {
	iss := p.issuer(r)
	answer(w, map[string]any{
		"issuer": iss, "authorization_endpoint": iss + "/authorize", "token_endpoint": iss + "/token", "jwks_uri": iss + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"}, "code_challenge_methods_supported": []string{"S256"},
		"acr_values_supported": []string{ACRTwoFactors, ACRPassword},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	answer(w, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "kid": "desk-1", "use": "sig", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:]),
	}}})
}

// asked checks what a client must send, and where the browser goes back to.
func (p *Provider) asked(q url.Values) (*grant, *url.URL, string) {
	back, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case err != nil || back.Host == "" || q.Get("client_id") != p.o.ClientID:
		return nil, nil, "unauthorized_client"
	case q.Get("response_type") != "code" || q.Get("state") == "" || q.Get("nonce") == "":
		return nil, nil, "invalid_request"
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		return nil, nil, "invalid_request"
	}
	return &grant{redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge")}, back, ""
}

// signOn is the employee's press of the button: with her subject, and whether a second factor was asked for. Without a
// subject she said no.
func (p *Provider) signOn(w http.ResponseWriter, r *http.Request) {
	g, back, problem := p.asked(r.URL.Query())
	if problem != "" {
		refuse(w, http.StatusBadRequest, problem)
		return
	}
	q := back.Query()
	q.Set("state", r.URL.Query().Get("state"))
	if g.subject = r.PostFormValue("subject"); g.subject == "" {
		q.Set("error", "access_denied")
	} else {
		g.secondFactor, g.until = r.PostFormValue("second_factor") == "yes", p.o.Now().Add(codeLife)
		code := rand.Text()
		p.mu.Lock()
		p.grants[code] = g
		p.mu.Unlock()
		q.Set("code", code)
	}
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// token redeems a code once, for the client that asked, from where it asked, with the verifier of its challenge.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != p.o.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(p.o.Secret)) != 1 {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	p.mu.Lock()
	g := p.grants[r.PostFormValue("code")]
	delete(p.grants, r.PostFormValue("code"))
	bad := p.bad
	p.bad = ""
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if g == nil || p.o.Now().After(g.until) || g.redirect != r.PostFormValue("redirect_uri") || g.challenge != b64(sum[:]) {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	token, err := p.idToken(p.issuer(r), g, bad)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	answer(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": token})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
