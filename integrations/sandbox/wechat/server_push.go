package wechat

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // the vendor's own choice
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is how the platform speaks to a customer's server: the page 服务器配置 of its console.
type Server struct {
	URL    string // empty: it is told nothing
	Token  string
	AESKey string // 43 characters
}

// servers is what the platform knows of its customers' own servers, menus and pages.
type servers struct {
	mu      sync.Mutex
	at      map[string]Server
	last    map[string]request // the newest message of an app, to be sent again
	menus   map[string]jsonMenu
	tickets map[string]ticket
	made    map[string]int
	serial  int64
	client  *http.Client
}

func newServers() *servers {
	return &servers{at: map[string]Server{}, last: map[string]request{}, menus: map[string]jsonMenu{}, tickets: map[string]ticket{}, made: map[string]int{},
		client: &http.Client{Timeout: 6 * time.Second}}
}

// SetServer enters a customer's server for an app.
func (p *Platform) SetServer(appID string, s Server) {
	p.servers.mu.Lock()
	defer p.servers.mu.Unlock()
	p.servers.at[appID] = s
}

// Message is something a citizen does at an account, which its server is told. What is follow, unfollow, text, image,
// click, view, scan, popup or sent.
type Message struct {
	App, Citizen, What string
	Text               string // what she writes
	Key                string // the button's word or page, the scanned scene, a template's id
	Answer             string // popup: accept or reject; sent: success and the like
	ID                 string // sent: the message it is about
	At                 time.Time
}

// Way is how a message reaches the server: as it should, or as somebody who means harm would send it.
type Way string

// The ways.
const (
	Honest    Way = ""
	Forged    Way = "forged"    // signed with another token
	Replayed  Way = "replayed"  // the newest message once more, word for word
	Again     Way = "again"     // the newest message once more, as the platform itself repeats it
	Stale     Way = "stale"     // signed by the platform ten minutes ago
	Plaintext Way = "plaintext" // an honest signature of the parameters, and a plain body
	Oversized Way = "oversized"
	OtherApp  Way = "other_app" // encrypted for another app
	Tampered  Way = "tampered"  // one byte of what is encrypted changed
)

// Answered is what the customer's server said.
type Answered struct {
	Status int    `json:"status"`
	Body   string `json:"body"`  // as it came
	Reply  string `json:"reply"` // the text shown to the citizen, once decrypted
}

type request struct {
	query url.Values
	body  []byte
	plain []byte
}

// Send tells the app's server what happened.
func (p *Platform) Send(ctx context.Context, m Message, how Way) (Answered, error) {
	p.servers.mu.Lock()
	to, known := p.servers.at[m.App]
	last, sent := p.servers.last[m.App]
	p.servers.mu.Unlock()
	if !known || to.URL == "" {
		return Answered{}, errors.New("the app has no server")
	}
	if (how == Replayed || how == Again) && !sent {
		return Answered{}, errors.New("nothing was sent yet")
	}
	var out request
	var err error
	switch how {
	case Replayed:
		out = last
	case Again:
		out, err = p.sealed(to, m.App, last.plain, p.now())
	default:
		out, err = p.request(to, m, how)
	}
	if err != nil {
		return Answered{}, err
	}
	p.servers.mu.Lock()
	p.servers.last[m.App] = out
	p.servers.mu.Unlock()
	return p.servers.deliver(ctx, to, m.App, out)
}

func (p *Platform) request(to Server, m Message, how Way) (request, error) {
	plain := p.plain(m)
	switch how {
	case Honest:
		return p.sealed(to, m.App, plain, p.now())
	case Forged:
		return p.sealed(Server{Token: "notTheToken", AESKey: to.AESKey}, m.App, plain, p.now())
	case Stale:
		return p.sealed(to, m.App, plain, p.now().Add(-10*time.Minute))
	case OtherApp:
		return p.sealed(to, "wx-of-somebody-else", plain, p.now())
	case Plaintext:
		r, err := p.sealed(to, m.App, plain, p.now())
		r.query.Del("encrypt_type")
		r.query.Del("msg_signature")
		r.body = plain
		return r, err
	case Tampered:
		r, err := p.sealed(to, m.App, plain, p.now())
		r.body = bytes.Replace(r.body, []byte("<Encrypt><![CDATA["), []byte("<Encrypt><![CDATA[A"), 1)
		return r, err
	case Oversized:
		r, err := p.sealed(to, m.App, plain, p.now())
		r.body = append(r.body, bytes.Repeat([]byte(" "), 70<<10)...)
		return r, err
	}
	return request{}, fmt.Errorf("no such way: %q", how)
}

func signature(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func (p *Platform) sealed(to Server, app string, plain []byte, at time.Time) (request, error) {
	text, err := encrypt(to.AESKey, app, plain)
	if err != nil {
		return request{}, err
	}
	stamp, nonce := strconv.FormatInt(at.Unix(), 10), random(10)
	q := url.Values{
		"timestamp": {stamp}, "nonce": {nonce}, "encrypt_type": {"aes"}, "signature": {signature(to.Token, stamp, nonce)},
		"msg_signature": {signature(to.Token, stamp, nonce, text)},
	}
	body := "<xml><ToUserName><![CDATA[gh_" + app + "]]></ToUserName><Encrypt><![CDATA[" + text + "]]></Encrypt></xml>"
	return request{q, []byte(body), plain}, nil
}

// deliver posts a message and reads the answer, decrypting it as the platform does.
func (s *servers) deliver(ctx context.Context, to Server, app string, out request) (Answered, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL+"?"+out.query.Encode(), bytes.NewReader(out.body))
	if err != nil {
		return Answered{}, err
	}
	req.Header.Set("Content-Type", "text/xml")
	res, err := s.client.Do(req)
	if err != nil {
		return Answered{}, errors.New("the server did not answer")
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return Answered{}, errors.New("the answer was cut")
	}
	got := Answered{Status: res.StatusCode, Body: string(body)}
	if res.StatusCode == http.StatusOK && string(body) != "success" && len(body) > 0 {
		if got.Reply, err = reply(to, app, body); err != nil {
			return got, err
		}
	}
	return got, nil
}

// reply checks and opens an encrypted answer.
func reply(to Server, app string, body []byte) (string, error) {
	var in struct {
		Encrypt, MsgSignature, TimeStamp, Nonce string
	}
	if err := xml.Unmarshal(body, &in); err != nil || in.Encrypt == "" {
		return "", errors.New("the answer is neither success nor encrypted")
	}
	if in.MsgSignature != signature(to.Token, in.TimeStamp, in.Nonce, in.Encrypt) {
		return "", errors.New("the answer's signature is wrong")
	}
	plain, err := decrypt(to.AESKey, app, in.Encrypt)
	if err != nil {
		return "", err
	}
	var text struct {
		ToUserName, FromUserName, MsgType, Content string
		CreateTime                                 int64
	}
	if err := xml.Unmarshal(plain, &text); err != nil || text.MsgType != "text" || text.Content == "" || len(text.Content) > 2048 || text.ToUserName == "" || text.CreateTime == 0 {
		return "", errors.New("the answer is not a text that the platform shows")
	}
	return text.Content, nil
}

// CheckServer is the check that the console makes when an address is entered: it wants its random word back.
func (p *Platform) CheckServer(ctx context.Context, appID string, how Way) (Answered, bool, error) {
	p.servers.mu.Lock()
	to := p.servers.at[appID]
	p.servers.mu.Unlock()
	token, at := to.Token, p.now()
	if how == Forged {
		token = "notTheToken"
	}
	if how == Stale {
		at = at.Add(-10 * time.Minute)
	}
	stamp, nonce, echo := strconv.FormatInt(at.Unix(), 10), random(10), random(19)
	q := url.Values{"timestamp": {stamp}, "nonce": {nonce}, "echostr": {echo}, "signature": {signature(token, stamp, nonce)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.URL+"?"+q.Encode(), http.NoBody)
	if err != nil {
		return Answered{}, false, err
	}
	res, err := p.servers.client.Do(req)
	if err != nil {
		return Answered{}, false, errors.New("the server did not answer")
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	return Answered{Status: res.StatusCode, Body: string(body)}, res.StatusCode == http.StatusOK && string(body) == echo, err
}

func messageKey(text string) (cipher.Block, []byte, error) {
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil || len(key) != 32 {
		return nil, nil, errors.New("the EncodingAESKey has the wrong form")
	}
	b, err := aes.NewCipher(key)
	return b, key[:16], err
}

const padTo = 32 // the vendor pads to 32 bytes, twice the cipher's block

// encrypt is random(16) + length + message + app id under AES-256-CBC.
func encrypt(key, app string, plain []byte) (string, error) {
	block, iv, err := messageKey(key)
	if err != nil {
		return "", err
	}
	data := []byte(random(16))
	data = binary.BigEndian.AppendUint32(data, uint32(len(plain)))
	data = append(append(data, plain...), app...)
	pad := padTo - len(data)%padTo
	data = append(data, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(data), nil
}

func decrypt(key, app, text string) ([]byte, error) {
	block, iv, err := messageKey(key)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) == 0 || len(data)%padTo != 0 {
		return nil, errors.New("the answer is not encrypted as it should be")
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padTo || len(data)-pad < 20 {
		return nil, errors.New("the answer is not padded as it should be")
	}
	data = data[:len(data)-pad]
	n := int(binary.BigEndian.Uint32(data[16:20]))
	if n > len(data)-20 || string(data[20+n:]) != app {
		return nil, errors.New("the answer is not this app's")
	}
	return data[20 : 20+n], nil
}
