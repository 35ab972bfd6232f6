package sms

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"onecard/integrations/sandbox/fault"
)

// TencentConfig is what the second pretend vendor knows of its customer.
type TencentConfig struct {
	SecretID, SecretKey string
	SDKAppID            string
	SignNames           []string            // filed signatures
	Templates           map[string]Template // filed templates, by number; variables as {1}, {2}
	Sessions            bool                // the customer's own ids come back in receipts: only where the vendor switched it on
	Now                 func() time.Time
	Keep                int
}

// Tencent is the second pretend vendor. It is safe for many goroutines.
type Tencent struct {
	ledger
	shelf
	cfg   TencentConfig
	fails fault.Plan
}

// NewTencent opens the second vendor for one customer.
func NewTencent(cfg TencentConfig) (*Tencent, error) {
	if cfg.SecretID == "" || cfg.SecretKey == "" || cfg.SDKAppID == "" || len(cfg.SignNames) == 0 || len(cfg.Templates) == 0 {
		return nil, errors.New("sms tencent: secret id and key, application, signature names and templates are needed")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 20_000
	}
	return &Tencent{ledger: ledger{keep: cfg.Keep, now: cfg.Now, delivered: "DELIVRD"}, shelf: shelf{of: copied(cfg.Templates)}, cfg: cfg}, nil
}

// Faults is where tests and the desk order failures; operations are called as the vendor calls them (SendSms).
func (t *Tencent) Faults() *fault.Plan { return &t.fails }

// call is what a request's body may hold, whichever operation it is.
type call struct {
	PhoneNumberSet   []string
	SmsSdkAppID      string   `json:"SmsSdkAppId"`
	TemplateID       string   `json:"TemplateId"`
	TemplateIDSet    []uint64 `json:"TemplateIdSet"`
	SignName         string
	TemplateParamSet []string
	SessionContext   string
	PhoneNumber      string
	BeginTime        int64
	EndTime          int64
	Offset           *int
	Limit            int
}

// Handler is the vendor's API. Mount it at the root or under a stripped prefix: the vendor's own path is "/".
func (t *Tencent) Handler() http.Handler {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			tencentRefuse(w, "InternalError", "body")
			return
		}
		if code, message := t.verify(r, body); code != "" {
			tencentRefuse(w, code, message)
			return
		}
		var in call
		if err := json.Unmarshal(body, &in); err != nil {
			tencentRefuse(w, "InvalidParameter", "JSON参数不合法")
			return
		}
		if in.SmsSdkAppID != t.cfg.SDKAppID && tencentAction(r) != tencentList { // templates are the account's
			tencentRefuse(w, "UnauthorizedOperation.SmsSdkAppIdVerifyFail", "SmsSdkAppId校验失败")
			return
		}
		do, known := map[string]func(call) (any, string){
			"SendSms": t.send, "PullSmsSendStatus": t.pull, "PullSmsSendStatusByPhoneNumber": t.ofPhone, "PullSmsReplyStatus": t.pullReplies, tencentList: t.describe,
		}[tencentAction(r)]
		if !known {
			tencentRefuse(w, "InvalidAction", "The requested action is not found or invalid.")
			return
		}
		answer, refusal := do(in)
		if refusal != "" {
			tencentRefuse(w, refusal, refusal)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"Response": answer})
	})
	failing := t.fails.Wrap(api, tencentAction, func(w http.ResponseWriter, r *http.Request, code string) {
		// Of sending, the business answers for each number; the gateway in front of it for the call.
		if tencentAction(r) != "SendSms" || strings.HasPrefix(code, "RequestLimitExceeded") || strings.HasPrefix(code, "AuthFailure") || code == "InternalError" {
			tencentRefuse(w, code, code)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"Response": sentAnswer{newID(), []sentStatus{{Code: code, Message: code, IsoCode: "CN"}}}})
	})
	return whole(consoled(api, failing, func(r *http.Request) bool { return tencentAction(r) == tencentList }, func(*http.Request) bool { return t.fails.Ordered(tencentList) }))
}

// whole reads a request's body first: who hangs up is noticed only after it.
func whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func tencentAction(r *http.Request) string { return r.Header.Get("X-Tc-Action") }

// tencentRefuse is the body of a call that was refused as a whole: status 200, as the vendor does.
func tencentRefuse(w http.ResponseWriter, code, message string) {
	writeJSON(w, http.StatusOK, map[string]any{"Response": map[string]any{
		"Error": map[string]string{"Code": code, "Message": message}, "RequestId": newID(),
	}})
}
