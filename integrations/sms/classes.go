package sms

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"onecard/models/notice"
)

// refusedForGood are the vendor's codes for a message that will never be taken, however often it is offered. List:
// https://help.aliyun.com/document_detail/101346.html.
var refusedForGood = map[string]bool{
	"isv.MOBILE_NUMBER_ILLEGAL":             true,
	"isv.MOBILE_COUNT_OVER_LIMIT":           true,
	"isv.TEMPLATE_MISSING_PARAMETERS":       true,
	"isv.TEMPLATE_PARAMS_ILLEGAL":           true,
	"isv.INVALID_PARAMETERS":                true,
	"isv.INVALID_JSON_PARAM":                true,
	"isv.PARAM_LENGTH_LIMIT":                true,
	"isv.PARAM_NOT_SUPPORT_URL":             true,
	"isv.BLACK_KEY_CONTROL_LIMIT":           true,
	"isv.SMS_CONTENT_ILLEGAL":               true,
	"isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYP": true,
	"isv.UNSUPPORTED_CONTENT":               true,
	"isv.BLACKLIST":                         true,
}

// classed turns an explicit refusal into what the queue does about it. A refusal the vendor put into words is surely
// not accepted. Frequency limits pass with time; a missing filing, an empty account or a wrong key is for an operator
// to mend, and the message waits for it as long as it is worth sending.
func classed(code, message string) error {
	e := &notice.SendError{Class: notice.NotAccepted, Code: safeCode(code)}
	switch {
	case refusedForGood[code]:
		e.Class = notice.Refused
	case code == "isv.BUSINESS_LIMIT_CONTROL" && strings.Contains(message, "分钟"):
		e.After = time.Minute
	case code == "isv.BUSINESS_LIMIT_CONTROL" && strings.Contains(message, "小时"):
		e.After = 10 * time.Minute
	case code == "isv.BUSINESS_LIMIT_CONTROL", code == "isv.DAY_LIMIT_CONTROL":
		e.After = time.Hour
	case strings.Contains(code, "Throttling"), strings.HasPrefix(code, "isp."):
		e.After = 5 * time.Second
	case strings.HasPrefix(code, "InvalidTimeStamp"), code == "SignatureNonceUsed":
		e.After = time.Second
	default:
		e.After = time.Minute
	}
	return e
}

// bounded reads an answer within the limit and closes the connection's body: the SDK forgets to on an empty one.
func bounded(resp *http.Response) (*http.Response, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close()
	if err != nil || len(raw) > maxAnswer {
		return nil, errors.New("answer not readable")
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}
