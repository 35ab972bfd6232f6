package wechat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"time"
)

// Results of a face check (documents of queryVerifyInfo, verify_ret). The documents name none for a check that
// nobody finished; this platform answers 0 then.
const (
	FacePassed      = 10000
	FaceIDMismatch  = 10003
	FaceMismatch    = 10004
	FaceCancelled   = 90004
	faceNotFinished = 0
)

type certInfo struct {
	Type   string `json:"cert_type"`
	Name   string `json:"cert_name"`
	Number string `json:"cert_no"`
}

// hash is the digest the query must repeat: SHA-256 over the three fields in base64, in this order.
func (c certInfo) hash() string {
	b := base64.StdEncoding.EncodeToString
	sum := sha256.Sum256([]byte("cert_type=" + b([]byte(c.Type)) + "&cert_name=" + b([]byte(c.Name)) + "&cert_no=" + b([]byte(c.Number))))
	return hex.EncodeToString(sum[:])
}

type check struct {
	id, app, seq, openid string
	cert                 certInfo
	until                time.Time
	result               int
}

var seqForm = regexp.MustCompile(`^[0-9A-Za-z_-]{5,32}$`)

// getVerifyID opens a face check for one openid and one claimed identity.
func (p *Platform) getVerifyID(w http.ResponseWriter, r *http.Request) {
	a, bad := p.caller(r)
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	var in struct {
		Seq    string   `json:"out_seq_no"`
		Cert   certInfo `json:"cert_info"`
		OpenID string   `json:"openid"`
	}
	if !decode(w, r, &in) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch who, known := p.openids[in.OpenID]; {
	case a.Kind != Mini:
		refuseWith(w, 48001)
		return
	case !known || who.app != a.ID:
		refuseWith(w, 40003)
		return
	case !seqForm.MatchString(in.Seq) || in.Cert.Type != "IDENTITY_CARD" || in.Cert.Name == "" || in.Cert.Number == "" || p.seqUsed(a.ID, in.Seq):
		refuseWith(w, 40097)
		return
	}
	c := &check{id: random(64), app: a.ID, seq: in.Seq, openid: in.OpenID, cert: in.Cert, until: p.now().Add(verifyLife)}
	p.checks[c.id] = c
	p.recent = append(p.recent, c.id)
	if len(p.recent) > maxKept {
		delete(p.checks, p.recent[0])
		p.recent = p.recent[1:]
	}
	answer(w, struct {
		problem
		VerifyID  string `json:"verify_id"`
		ExpiresIn int    `json:"expires_in"`
	}{problem{0, "ok"}, c.id, int(verifyLife.Seconds())})
}

// seqUsed: the caller's number is unique within an app. The caller holds the lock.
func (p *Platform) seqUsed(app, seq string) bool {
	for _, c := range p.checks {
		if c.app == app && c.seq == seq {
			return true
		}
	}
	return false
}

// queryVerifyInfo tells the result. Whatever differs from the opening call is an errcode and not a result, so that
// an identity cannot be swapped in between.
func (p *Platform) queryVerifyInfo(w http.ResponseWriter, r *http.Request) {
	a, bad := p.caller(r)
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	var in struct {
		VerifyID string `json:"verify_id"`
		Seq      string `json:"out_seq_no"`
		Hash     string `json:"cert_hash"`
		OpenID   string `json:"openid"`
	}
	if !decode(w, r, &in) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.checks[in.VerifyID]
	if !ok || c.app != a.ID || c.seq != in.Seq || c.openid != in.OpenID || c.cert.hash() != in.Hash {
		refuseWith(w, 40097)
		return
	}
	answer(w, struct {
		problem
		Result int `json:"verify_ret"`
	}{problem{0, "ok"}, c.result})
}

// ErrNoCheck is a face nobody waits for.
var ErrNoCheck = errors.New("wechat sandbox: no face check waits for this citizen")

// Face puts the citizen before the camera of the newest unfinished check that names her; failing that, of the newest
// one started from her own account. She passes only as herself: with another's identity the faces do not match.
// willing=false is a citizen who gives up.
func (p *Platform) Face(citizen string, willing bool) error {
	who, ok := p.people.Find(citizen)
	if !ok {
		return ErrNoCheck
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.waiting(func(c *check) bool { return c.cert.Number == who.IDNumber })
	if c == nil {
		c = p.waiting(func(c *check) bool { return p.openids[c.openid].citizen == who.Key })
	}
	if c == nil {
		return ErrNoCheck
	}
	c.result = outcome(c.cert, who, willing)
	return nil
}

// waiting is the newest unfinished check that fits. The caller holds the lock.
func (p *Platform) waiting(fits func(*check) bool) *check {
	for i := len(p.recent) - 1; i >= 0; i-- {
		c := p.checks[p.recent[i]]
		if c.result == faceNotFinished && p.now().Before(c.until) && fits(c) {
			return c
		}
	}
	return nil
}

func outcome(cert certInfo, who Citizen, willing bool) int {
	switch {
	case !willing:
		return FaceMismatch
	case cert.Number == who.IDNumber && cert.Name == who.Name:
		return FacePassed
	case cert.Number == who.IDNumber:
		return FaceIDMismatch
	default:
		return FaceMismatch
	}
}
