package sms

import (
	"context"
	"errors"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tcsms "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sms/v20210111"

	"onecard/models/notice"
)

// TencentConfig is one customer account at Tencent Cloud.
type TencentConfig struct {
	URL       string // https://sms.tencentcloudapi.com; a path in it is kept in front of the vendor's own "/"
	SecretID  string
	SecretKey string
	SDKAppID  string // the SMS application, 1400006666
	SignName  string // the filed signature, without brackets
	Region    string // ap-guangzhou
	Templates map[string]string
	Filed     Filed         // which filing goes out; nil: Templates, for the texts of this release
	Timeout   time.Duration // of a whole call; 5 s
}

// Tencent is the second vendor, through its own SDK. The SDK's traps are closed here: it never repeats a call and never
// goes to another region, its errors (which quote whole answers with phone numbers) never leave this file, it asks no
// proxy of the environment, follows no redirect, reads answers within a limit and never as a stream of events.
type Tencent struct {
	client    *tcsms.Client
	app, sign string
	templates map[string]string
	filed     Filed
	timeout   time.Duration
}

// tencentVendor is the vendor's name in rows, routes and settings.
const tencentVendor = "tencent"

// NewTencent checks the settings; it does not call out.
func NewTencent(cfg TencentConfig) (*Tencent, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" {
		return nil, errors.New("sms: the second vendor's address must be an http or https URL")
	}
	if cfg.SecretID == "" || cfg.SecretKey == "" || cfg.SDKAppID == "" || cfg.SignName == "" || cfg.Region == "" {
		return nil, errors.New("sms: secret id, its key, the application, the signature and the region are needed")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	p := profile.NewClientProfile()
	p.DisableRegionBreaker = true
	p.HttpProfile.Endpoint, p.HttpProfile.Scheme = u.Host+strings.TrimSuffix(u.Path, "/")+"/", strings.ToUpper(u.Scheme)
	p.HttpProfile.ReqTimeout = int(cfg.Timeout/time.Second) + 1 // ours, in ctx, ends first
	client, err := tcsms.NewClient(common.NewCredential(cfg.SecretID, cfg.SecretKey), cfg.Region, p)
	if err != nil {
		return nil, errors.New("sms: the second vendor's client refused its settings")
	}
	client.WithHttpTransport(newTransport())
	return &Tencent{client: client, app: cfg.SDKAppID, sign: cfg.SignName, templates: cfg.Templates, filed: cfg.Filed, timeout: cfg.Timeout}, nil
}

// Send hands one message over. See notice.Sender for the promise. The variables stand in the order in which its text
// was filed.
func (t *Tencent) Send(ctx context.Context, m notice.Message) (notice.Handed, error) {
	code, names, err := under(ctx, m, t.templates, t.filed)
	if err != nil {
		return notice.Handed{}, err
	}
	params, err := positional(m, names)
	if err != nil {
		return notice.Handed{}, &notice.SendError{Class: notice.Refused, Code: "params"}
	}
	req := tcsms.NewSendSmsRequest()
	req.PhoneNumberSet, req.SmsSdkAppId, req.SignName = []*string{new(e164(m))}, new(t.app), new(t.sign)
	req.TemplateId, req.TemplateParamSet, req.SessionContext = new(code), params, new(string(m.DeliveryID))
	var set []*tcsms.SendStatus
	if err := t.call(ctx, func(ctx context.Context) error {
		resp, err := t.client.SendSmsWithContext(ctx, req)
		if err == nil && resp != nil && resp.Response != nil {
			set = resp.Response.SendStatusSet
		}
		return err
	}); err != nil {
		return notice.Handed{}, err
	}
	switch {
	case len(set) != 1 || set[0] == nil || set[0].Code == nil:
		return notice.Handed{}, &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
	case *set[0].Code == "Ok":
		return notice.Handed{Vendor: tencentVendor, ID: text(set[0].SerialNo)}, nil
	default:
		return notice.Handed{}, tencentClassed(*set[0].Code)
	}
}

// e164 is the number as this vendor wants it; our own settings never send abroad.
func e164(m notice.Message) string { return "+86" + m.Phone.Reveal() }

// Ask looks a message up by its phone and the vendor's id. The vendor's lists name a message by our id only where it has
// switched that on for us, so without its own id it mostly cannot say.
func (t *Tencent) Ask(ctx context.Context, q notice.Question) (notice.Answer, error) {
	begin := q.Day.Start()
	if begin.IsZero() {
		return notice.Answer{Fate: notice.NotKnown}, nil
	}
	req := tcsms.NewPullSmsSendStatusByPhoneNumberRequest()
	req.PhoneNumber, req.SmsSdkAppId = new("+86"+q.Phone.Reveal()), new(t.app)
	req.Offset, req.Limit = new(uint64(0)), new(uint64(pullMost))
	req.BeginTime, req.EndTime = new(uint64(begin.Unix())), new(uint64(begin.Add(96*time.Hour).Unix())) // a carrier answers within 72 h
	var list []*tcsms.PullSmsSendStatus
	if err := t.call(ctx, func(ctx context.Context) error {
		resp, err := t.client.PullSmsSendStatusByPhoneNumberWithContext(ctx, req)
		if err == nil {
			list = resp.Response.PullSmsSendStatusSet
		}
		return err
	}); err != nil {
		return notice.Answer{}, err
	}
	for _, s := range list {
		r, ok := tencentReceipt(s)
		if !ok || (q.VendorID == "" || r.VendorID != q.VendorID) && r.DeliveryID != q.DeliveryID {
			continue
		}
		r.DeliveryID, r.Phone = q.DeliveryID, q.Phone
		return notice.Answer{Fate: notice.Settled, Receipt: r}, nil
	}
	if q.VendorID != "" {
		return notice.Answer{Fate: notice.OnItsWay}, nil // it gave the id, so it took the message; it lists only what is settled
	}
	return notice.Answer{Fate: notice.NotKnown}, nil
}

// call runs one SDK call within the time allowed and classes what went wrong on the way. Whatever the SDK says in words
// is dropped: it quotes what it could not read.
func (t *Tencent) call(ctx context.Context, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	defer func() {
		if recover() != nil { // an answer without its parts
			err = &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
		}
	}()
	err = do(ctx)
	var refusal *tcerrors.TencentCloudSDKError
	switch {
	case err == nil:
		return nil
	case !connected.Load():
		return &notice.SendError{Class: notice.NotAccepted, Code: "not_connected"}
	case ctx.Err() != nil:
		return &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
	case errors.As(err, &refusal) && refusal.Code != "" && refusal.RequestId != "" && !strings.HasPrefix(refusal.Code, "ClientError"):
		return tencentClassed(refusal.Code) // only what the vendor itself said carries its request's id
	default:
		return &notice.SendError{Class: notice.FateUnknown, Code: "answer_not_understood"}
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
