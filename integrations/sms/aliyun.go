// Package sms speaks to SMS vendors: it hands over a notice's message and reads the receipts that come back.
package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	dysms "github.com/alibabacloud-go/dysmsapi-20170525/v5/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"onecard/models/notice"
)

// AliyunConfig is one customer account at Aliyun.
type AliyunConfig struct {
	URL          string // https://dysmsapi.aliyuncs.com; a path in it is put before the vendor's own "/"
	AccessKeyID  string
	AccessSecret string
	SignName     string            // the filed signature, without brackets
	Templates    map[string]string // by kind of notice: the code its text got when it was filed
	Filed        Filed             // which filing goes out; nil: Templates, for the texts of this release
	Timeout      time.Duration     // of a whole call; 5 s
}

// Aliyun is the first vendor, through its own SDK. The SDK's traps are closed here: no two calls share its client, it
// never repeats a call, its errors (which quote the address with the phone number in it) never leave this file, redirects
// are not followed, and answers are read within a limit.
type Aliyun struct {
	client    *dysms.Client
	sign      string
	templates map[string]string
	filed     Filed
	timeout   time.Duration
}

const (
	vendor     = "aliyun"
	maxAnswer  = 1 << 20
	dialWithin = 2 * time.Second
	idleCalls  = 64 // connections that stay open: more than the queue makes calls at once, or each further call dials anew
)

// NewAliyun checks the settings; it does not call out.
func NewAliyun(cfg AliyunConfig) (*Aliyun, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" {
		return nil, errors.New("sms: the vendor's address must be an http or https URL")
	}
	if cfg.AccessKeyID == "" || cfg.AccessSecret == "" || cfg.SignName == "" {
		return nil, errors.New("sms: access key, its secret and the signature are needed")
	}
	if slices.ContainsFunc(strings.Split(os.Getenv("DEBUG"), ","), func(s string) bool { return s == "dara" || s == "tea" }) {
		return nil, errors.New("sms: DEBUG=dara would print phone numbers; unset it")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	client, err := dysms.NewClient(&openapi.Config{
		AccessKeyId: new(cfg.AccessKeyID), AccessKeySecret: new(cfg.AccessSecret),
		Endpoint: new(u.Host), Protocol: new(strings.ToUpper(u.Scheme)), HttpClient: newWire(u.Path),
	})
	if err != nil {
		return nil, errors.New("sms: the vendor's client refused its settings")
	}
	return &Aliyun{client: client, sign: cfg.SignName, templates: cfg.Templates, filed: cfg.Filed, timeout: cfg.Timeout}, nil
}

// own is a client for one call: the SDK's client writes to itself during a call.
func (a *Aliyun) own() *dysms.Client {
	c := *a.client
	return &c
}

// Send hands one message over. See notice.Sender for the promise.
func (a *Aliyun) Send(ctx context.Context, m notice.Message) (notice.Handed, error) {
	code, names, err := under(ctx, m, a.templates, a.filed)
	if err != nil {
		return notice.Handed{}, err
	}
	named := only(m.Params, names)
	params, err := json.Marshal(named)
	if err != nil {
		return notice.Handed{}, &notice.SendError{Class: notice.Refused, Code: "params"}
	}
	req := &dysms.SendSmsRequest{
		PhoneNumbers: new(m.Phone.Reveal()), SignName: new(a.sign), TemplateCode: new(code), OutId: new(string(m.DeliveryID)),
	}
	if len(named) > 0 {
		req.TemplateParam = new(string(params))
	}
	var body *dysms.SendSmsResponseBody
	if err := a.call(ctx, func(ctx context.Context) error {
		resp, err := a.own().SendSmsWithContext(ctx, req, &dara.RuntimeOptions{})
		if err == nil && resp != nil {
			body = resp.Body
		}
		return err
	}); err != nil {
		return notice.Handed{}, err
	}
	switch {
	case body == nil || body.Code == nil:
		return notice.Handed{}, &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
	case *body.Code == "OK":
		return notice.Handed{Vendor: vendor, ID: dara.StringValue(body.BizId)}, nil
	default:
		return notice.Handed{}, classed(*body.Code, dara.StringValue(body.Message))
	}
}

// Ask looks a message up by its phone, civil day and our id.
func (a *Aliyun) Ask(ctx context.Context, q notice.Question) (notice.Answer, error) {
	for page := int64(1); ; page++ {
		body, err := a.details(ctx, q, page)
		if err != nil {
			return notice.Answer{}, err
		}
		for _, d := range body.SmsSendDetailDTOs.SmsSendDetailDTO {
			const failed, delivered = 2, 3
			if d == nil || dara.StringValue(d.OutId) != string(q.DeliveryID) {
				continue
			}
			status := dara.Int64Value(d.SendStatus)
			if status != failed && status != delivered {
				return notice.Answer{Fate: notice.OnItsWay}, nil
			}
			at, _ := parseTime(dara.StringValue(d.ReceiveDate))
			return notice.Answer{Fate: notice.Settled, Receipt: notice.Receipt{
				Vendor: vendor, DeliveryID: q.DeliveryID, Phone: q.Phone, Delivered: status == delivered, Code: safeCode(dara.StringValue(d.ErrCode)), At: at,
			}}, nil
		}
		switch {
		case len(body.SmsSendDetailDTOs.SmsSendDetailDTO) == detailsPage && page < maxDetailPages:
		case q.VendorID != "": // it took it once, whatever its list says
			return notice.Answer{Fate: notice.OnItsWay}, nil
		case len(body.SmsSendDetailDTOs.SmsSendDetailDTO) == detailsPage: // there may be more than we read
			return notice.Answer{Fate: notice.NotKnown}, nil
		default:
			return notice.Answer{Fate: notice.NeverHeard}, nil
		}
	}
}

const (
	detailsPage    = 50
	maxDetailPages = 20 // a village clerk's phone may be on file for hundreds
)

func (a *Aliyun) details(ctx context.Context, q notice.Question, page int64) (*dysms.QuerySendDetailsResponseBody, error) {
	req := &dysms.QuerySendDetailsRequest{
		PhoneNumber: new(q.Phone.Reveal()), SendDate: new(strings.ReplaceAll(string(q.Day), "-", "")),
		CurrentPage: new(page), PageSize: new(int64(detailsPage)),
	}
	var body *dysms.QuerySendDetailsResponseBody
	if err := a.call(ctx, func(ctx context.Context) error {
		resp, err := a.own().QuerySendDetailsWithContext(ctx, req, &dara.RuntimeOptions{})
		if err == nil && resp != nil {
			body = resp.Body
		}
		return err
	}); err != nil {
		return nil, err
	}
	if body == nil || dara.StringValue(body.Code) != "OK" || body.SmsSendDetailDTOs == nil {
		return nil, &notice.SendError{Class: notice.NotAccepted, Code: "query_refused"}
	}
	return body, nil
}

// call runs one SDK call within the time allowed and classes what went wrong on the way. Whatever the SDK says in
// words is dropped: it may quote the phone number.
func (a *Aliyun) call(ctx context.Context, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	defer func() {
		if recover() != nil { // the SDK asserts types of what it parsed
			err = &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
		}
	}()
	err = do(ctx)
	var refusal *tea.SDKError
	switch {
	case err == nil:
		return nil
	case !connected.Load():
		return &notice.SendError{Class: notice.NotAccepted, Code: "not_connected"}
	case errors.As(err, &refusal) && tea.IntValue(refusal.StatusCode) >= 400 && tea.IntValue(refusal.StatusCode) < 500 && tea.StringValue(refusal.Code) != "":
		return classed(tea.StringValue(refusal.Code), "")
	case ctx.Err() != nil:
		return &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
	default:
		return &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
	}
}

// wire is the HTTP client the SDK calls with: ours, so that the prefix of the sandbox works, nothing is redirected, no
// proxy of the environment is asked, and errors carry no address.
type wire struct {
	http   *http.Client
	prefix string
}

func newWire(path string) *wire {
	return &wire{prefix: strings.TrimSuffix(path, "/"), http: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialWithin}).DialContext,
			TLSHandshakeTimeout: dialWithin, MaxIdleConnsPerHost: idleCalls, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Call implements dara.HttpClient.
func (w *wire) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	req.URL.Path = w.prefix + req.URL.Path
	resp, err := w.http.Do(req) //nolint:gosec // the host is the operator's setting, never a citizen's word
	if err != nil {
		return nil, errors.New("call failed")
	}
	return bounded(resp)
}

var (
	codeForm   = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
	longDigits = regexp.MustCompile(`\d{7}`)
)

// safeCode keeps a vendor's code only where it looks like one: it goes into rows and logs.
func safeCode(s string) string {
	if !codeForm.MatchString(s) || longDigits.MatchString(s) {
		return "code_not_shown"
	}
	return s
}
