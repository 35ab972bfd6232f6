package oidc

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"html/template"
	"net/http"
	"time"
)

// idToken signs what the provider says of g, or something nobody should believe.
func (p *Provider) idToken(issuer string, g *grant, bad Bad) (string, error) {
	now := p.o.Now()
	claims := map[string]any{
		"iss": issuer, "aud": p.o.ClientID, "sub": g.subject, "nonce": g.nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"acr": ACRPassword, "amr": []string{"pwd"}, "email": "somebody@example.gov.cn",
	}
	if g.secondFactor {
		claims["acr"], claims["amr"] = ACRTwoFactors, []string{"pwd", "otp"}
	}
	key, alg := p.key, "ES256"
	switch bad {
	case BadNonce:
		claims["nonce"] = rand.Text()
	case BadAudience:
		claims["aud"] = "another-client"
	case BadIssuer:
		claims["iss"] = "http://elsewhere.example"
	case BadExpired:
		claims["exp"] = now.Add(-time.Hour).Unix()
	case BadSubject:
		delete(claims, "sub")
	case BadKey:
		key = p.other
	case BadNone:
		alg = "none"
	}
	header, err := json.Marshal(map[string]string{"alg": alg, "kid": "desk-1", "typ": "JWT"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := b64(header) + "." + b64(body)
	if alg == "none" {
		return signed + ".", nil
	}
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", err
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return signed + "." + b64(sig), nil
}

var page = template.Must(template.New("").Parse(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>统一登录(演示)</title>
<h1>统一登录(演示)</h1><form method="post">
<p><label>工号标识 <input name="subject" autofocus></label></p>
<p><label><input type="checkbox" name="second_factor" value="yes" checked> 已通过双重验证</label></p>
<p><button>登录</button></p></form></html>`))

// page is where an employee signs on; the form goes back to the same address.
func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	if _, _, problem := p.asked(r.URL.Query()); problem != "" {
		refuse(w, http.StatusBadRequest, problem)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, nil)
}
