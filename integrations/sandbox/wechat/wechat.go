// Package wechat pretends to be the WeChat platform, as far as our product speaks to it: mini-program and official
// account log-in, tokens, phone numbers and the face check. It keeps state, checks every credential and answers with
// the vendor's own error bodies. It knows nothing of the product.
package wechat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Kind tells mini-programs from official accounts.
type Kind string

// The kinds of app.
const (
	Mini     Kind = "mini"
	Official Kind = "official"
)

// App is one registered mini-program or official account.
type App struct {
	ID, Secret string
	Kind       Kind
	// OpenPlatform names the open-platform account the app is bound to. Only bound apps are told a unionid.
	OpenPlatform string
	// RedirectHosts are the hosts an authorize page may return to; none means any.
	RedirectHosts []string
	// Templates are its message templates: the id, and the keys of its fields in order.
	Templates map[string][]string
	// Pages are those of the mini-program's released version that messages may open; none means pages/notice.
	Pages []string
}

// Citizen is a WeChat user of the demo city. Key names her always the same, by whatever name she was found.
type Citizen struct{ Key, Name, IDNumber, Phone string }

// People knows the users. Named ones stand on the authorize page, all can be found.
type People interface {
	Named() []Citizen
	Find(key string) (Citizen, bool)
}

// Options say whom the platform knows.
type Options struct {
	Apps   []App
	People People
	Now    func() time.Time // time.Now when nil
	Seed   string           // openids are a pure function of seed, app and citizen
}

// Lives of what the platform hands out.
const (
	codeLife   = 5 * time.Minute
	tokenLife  = 2 * time.Hour
	verifyLife = time.Hour
)

// Platform is the pretend WeChat. Safe for use by many at once.
type Platform struct {
	people People
	now    func() time.Time
	seed   []byte
	faults fault.Plan

	mu      sync.Mutex
	apps    map[string]App
	codes   map[string]*code
	order   []string // codes, oldest first, so that the store stays bounded
	tokens  map[string]*token
	latest  map[string]string // app and flavour -> its current token
	fetched map[string]int    // app -> how often a token was made
	openids map[string]account
	blocked map[string]bool
	dropped map[[2]string]bool // app and template: taken out since
	logins  map[string]minute
	checks  map[string]*check
	recent  []string // verify ids, oldest first

	mail    *mail
	servers *servers
}

type account struct{ app, citizen string }

// New makes a platform with its apps registered.
func New(o Options) *Platform {
	p := &Platform{
		people: o.People, now: o.Now, seed: []byte("wechat" + o.Seed),
		apps: map[string]App{}, codes: map[string]*code{}, tokens: map[string]*token{}, latest: map[string]string{},
		fetched: map[string]int{}, openids: map[string]account{}, blocked: map[string]bool{}, dropped: map[[2]string]bool{},
		logins: map[string]minute{}, checks: map[string]*check{}, servers: newServers(),
	}
	p.mail = newMail()
	if p.now == nil {
		p.now = time.Now
	}
	for _, a := range o.Apps {
		p.apps[a.ID] = a
	}
	return p
}

// Handler serves the vendor's paths, the authorize page and the page on which a citizen does her face check.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sns/jscode2session", p.codeToSession)
	mux.HandleFunc("GET /sns/oauth2/access_token", p.oauthToken)
	mux.HandleFunc("GET /cgi-bin/token", p.plainToken)
	mux.HandleFunc("POST /cgi-bin/stable_token", p.stableToken)
	mux.HandleFunc("POST /wxa/business/getuserphonenumber", p.phoneNumber)
	mux.HandleFunc("POST /cgi-bin/message/subscribe/send", p.subscribeSend)
	mux.HandleFunc("POST /cgi-bin/message/template/send", p.templateSend)
	mux.HandleFunc("POST /cityservice/face/identify/getverifyid", p.getVerifyID)
	mux.HandleFunc("POST /cityservice/face/identify/queryverifyinfo", p.queryVerifyInfo)
	mux.HandleFunc("GET /wxaapi/newtmpl/gettemplate", p.templates(Mini))
	mux.HandleFunc("GET /cgi-bin/template/get_all_private_template", p.templates(Official))
	mux.HandleFunc("POST /cgi-bin/menu/create", p.createMenu)
	mux.HandleFunc("GET /cgi-bin/menu/get", p.getMenu)
	mux.HandleFunc("GET /cgi-bin/ticket/getticket", p.getTicket)
	mux.HandleFunc("GET /connect/oauth2/authorize", p.authorize)
	mux.HandleFunc("GET /face", p.facePage)
	mux.HandleFunc("POST /face", p.faceDone)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 40066, "invalid url") })
	return p.faults.Wrap(limitBody(mux), func(r *http.Request) string { return r.URL.Path }, refuseByCode)
}

// FailNext makes the next n calls of path fail; an empty path is any call, fault.Forever lasts until Recover.
func (p *Platform) FailNext(path string, n int, how fault.Failure) error {
	return p.faults.Next(path, n, how)
}

// Faults is where the desk orders failures; operations are called by their paths.
func (p *Platform) Faults() *fault.Plan { return &p.faults }

// Recover ends the failures of path; an empty path ends all.
func (p *Platform) Recover(path string) { p.faults.Clear(path) }

// OpenID is the citizen's id in one app. It differs from app to app.
func (p *Platform) OpenID(appID, citizen string) string {
	citizen = p.key(citizen)
	id := "o" + p.derive("openid", appID, citizen)[:27]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.openids[id] = account{appID, citizen}
	return id
}

func (p *Platform) key(citizen string) string {
	if who, ok := p.people.Find(citizen); ok {
		return who.Key
	}
	return citizen
}

// unionID is the same in all apps of one open-platform account.
func (p *Platform) unionID(a App, citizen string) string {
	if a.OpenPlatform == "" {
		return ""
	}
	return "o6_" + p.derive("unionid", a.OpenPlatform, citizen)[:25]
}

// Block makes WeChat think the citizen a high-risk user (40226), or forget it.
func (p *Platform) Block(citizen string, blocked bool) {
	citizen = p.key(citizen)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocked[citizen] = blocked
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
