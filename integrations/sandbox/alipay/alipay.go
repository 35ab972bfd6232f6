// Package alipay pretends to be the Alipay open platform, as far as our product speaks to it: log-in of mini-program
// and life account, phone numbers, the identity certification, and trades with their refunds, notices and bills. Requests are believed only with a good RSA2
// signature, answers are signed, and refusals are the vendor's own. It knows nothing of the product.
package alipay

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// App is one registered application: a mini-program or a life account.
type App struct {
	ID        string
	PublicKey *rsa.PublicKey // what the app signs its requests with
	AESKey    string         // base64, for the phone number's content encryption; empty: the app asks for no phone
	// UserIDs is an app from before open_id: its answers carry the old user_id too.
	UserIDs bool
	// RedirectHosts are the hosts the authorize page may return to; none means any.
	RedirectHosts []string
	// Life is a life account, whose messages go to followers; otherwise a mini-program.
	Life bool
	// Templates are its message templates: the id, and the keys of its fields in order.
	Templates map[string][]string
}

// Citizen is an Alipay user of the demo city. Key names her always the same, by whatever name she was found.
type Citizen struct{ Key, Name, IDNumber, Phone string }

// People knows the users. Named ones stand on the authorize page, all can be found.
type People interface {
	Named() []Citizen
	Find(key string) (Citizen, bool)
}

// Options say whom the platform knows and with what it signs.
type Options struct {
	Apps   []App
	People People
	Key    *rsa.PrivateKey // the platform's own
	// CertSN is sent as alipay_cert_sn when the apps run in certificate mode.
	CertSN string
	// Seller is the merchant account (2088…) that all apps take money for; empty: none may.
	Seller string
	Now    func() time.Time // time.Now when nil
	Seed   string           // open_ids are a pure function of seed, app and citizen
}

const (
	codeLife    = 5 * time.Minute
	tokenLife   = 15 * 24 * time.Hour
	certifyLife = 23 * time.Hour
	maxKept     = 10_000
)

// Platform is the pretend Alipay. Safe for use by many at once.
type Platform struct {
	people People
	key    *rsa.PrivateKey
	certSN string
	now    func() time.Time
	seed   []byte
	faults fault.Plan
	apps   map[string]App

	mu     sync.Mutex
	codes  map[string]*authCode
	order  []string
	tokens map[string]grant
	checks map[string]*certification
	recent []string

	seller      string
	client      *http.Client
	trades      map[string]*trade
	made        []string // trades in the order they were made
	refunds     map[string]*refund
	refundsMade []string
	unbilled    map[string]bool
	holds       bool // refunds wait until they are settled
	count       int

	openIDsMu sync.Mutex
	openIDs   map[[2]string]string // app and open_id -> citizen, of those that were told
	mail      *mail
	lives     *lives
}

// New makes a platform with its apps registered.
func New(o Options) (*Platform, error) {
	if o.Key == nil {
		return nil, errors.New("alipay sandbox: the platform needs a key to sign with")
	}
	p := &Platform{
		people: o.People, key: o.Key, certSN: o.CertSN, now: o.Now, seed: []byte("alipay" + o.Seed), apps: map[string]App{},
		codes: map[string]*authCode{}, tokens: map[string]grant{}, checks: map[string]*certification{},
		seller: o.Seller, client: &http.Client{Timeout: 5 * time.Second}, trades: map[string]*trade{}, refunds: map[string]*refund{}, unbilled: map[string]bool{}, lives: newLives(),
	}
	p.openIDs, p.mail = map[[2]string]string{}, newMail()
	if p.now == nil {
		p.now = time.Now
	}
	for _, a := range o.Apps {
		if a.PublicKey == nil {
			return nil, fmt.Errorf("alipay sandbox: app %s has no public key", a.ID)
		}
		if k, err := base64.StdEncoding.DecodeString(a.AESKey); a.AESKey != "" && (err != nil || len(k) != 16 && len(k) != 32) {
			return nil, fmt.Errorf("alipay sandbox: app %s has no usable AES key", a.ID)
		}
		p.apps[a.ID] = a
	}
	return p, nil
}

// Handler serves the gateway, the authorize page, the page on which a citizen certifies herself, the cashier, and bills.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/gateway.do", p.gateway)
	mux.HandleFunc("GET /oauth2/publicAppAuthorize.htm", p.authorize)
	mux.HandleFunc("POST /certify", p.certified)
	mux.HandleFunc("GET /cashier", p.cashier)
	mux.HandleFunc("POST /cashier", p.atCashier)
	mux.HandleFunc("GET /bill", p.billFile)
	return p.faults.Wrap(limitBody(mux), operation, p.refuseByCode)
}

// FailNext makes the next n calls of a method (alipay.system.oauth.token) or page path fail; an empty name is any
// call, fault.Forever lasts until Recover. A refusal's Code is the vendor's sub_code.
func (p *Platform) FailNext(method string, n int, how fault.Failure) error {
	return p.faults.Next(method, n, how)
}

// Faults is where the desk orders failures; operations are called by method, or by their page's path.
func (p *Platform) Faults() *fault.Plan { return &p.faults }

// Recover ends the failures of a method; an empty name ends all.
func (p *Platform) Recover(method string) { p.faults.Clear(method) }

// OpenID is the citizen's id in one app. It differs from app to app.
func (p *Platform) OpenID(appID, citizen string) string {
	if who, ok := p.people.Find(citizen); ok {
		citizen = who.Key
	}
	id := "0" + p.derive("open_id", appID, citizen)[:42]
	p.openIDsMu.Lock()
	defer p.openIDsMu.Unlock()
	p.openIDs[[2]string{appID, id}] = citizen
	return id
}

// userID is the old id, the same in every app.
func (p *Platform) userID(citizen string) string {
	sum := sha256.Sum256([]byte(p.derive("user_id", citizen)))
	return fmt.Sprintf("2088%012d", binary.BigEndian.Uint64(sum[:8])%1_000_000_000_000)
}

func (p *Platform) derive(parts ...string) string {
	mac := hmac.New(sha256.New, p.seed)
	for _, s := range parts {
		mac.Write([]byte(s))
		mac.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// random is an unguessable text of n URL-safe characters.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}
