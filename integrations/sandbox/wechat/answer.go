package wechat

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// maxBody is more than any call of ours needs.
const maxBody = 64 << 10

// texts are the vendor's own words for the codes we use.
var texts = map[int]string{
	-1:    "system error",
	40001: "invalid credential, access_token is invalid or not latest",
	40002: "invalid grant_type",
	40003: "invalid openid",
	40013: "invalid appid",
	40014: "invalid access_token",
	40029: "invalid code",
	40037: "invalid template_id",
	40066: "invalid url",
	40097: "invalid args",
	40125: "invalid appsecret",
	40163: "code been used",
	40226: "code blocked",
	41001: "access_token missing",
	41002: "appid missing",
	41004: "appsecret missing",
	41008: "missing code",
	42001: "access_token expired",
	41030: "invalid page",
	43004: "require subscribe",
	43101: "user refuse to accept the msg",
	44990: "api freq out of limit",
	45009: "reach max api daily quota limit",
	45011: "api minute-quota reach limit, must slower, retry next minute",
	47001: "data format error",
	47003: "argument invalid! data.thing1.value invalid",
	48001: "api unauthorized",
}

type problem struct {
	Code int    `json:"errcode"`
	Text string `json:"errmsg"`
}

// refuse answers as the vendor does: HTTP 200, a code and a text with a request id.
func refuse(w http.ResponseWriter, code int, text string) {
	answer(w, problem{code, text + ", rid: " + random(8) + "-" + random(8)})
}

func refuseWith(w http.ResponseWriter, code int) { refuse(w, code, texts[code]) }

func refuseByCode(w http.ResponseWriter, _ *http.Request, code string) {
	n, err := strconv.Atoi(code)
	if err != nil {
		n = -1
	}
	refuseWith(w, n)
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	_ = json.NewEncoder(w).Encode(body)
}

// decode reads a JSON body, or answers 47001.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		refuseWith(w, 47001)
		return false
	}
	return true
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		defer func() { _, _ = io.Copy(io.Discard, r.Body) }()
		next.ServeHTTP(w, r)
	})
}
