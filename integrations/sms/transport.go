package sms

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// transport carries the second vendor's calls, whose SDK takes a RoundTripper and nothing else.
type transport struct{ base *http.Transport }

func newTransport() *transport {
	return &transport{&http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialWithin}).DialContext,
		TLSHandshakeTimeout: dialWithin, MaxIdleConnsPerHost: idleCalls, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}}
}

// RoundTrip refuses redirects, reads the answer within the limit and takes from its headers what would make the SDK read
// it in another way: unpack it a second time, or wait for it as a stream of events in a goroutine of its own.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, errors.New("call failed")
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 || resp.Header.Get("Content-Encoding") != "" {
		_ = resp.Body.Close()
		return nil, errors.New("answer not readable")
	}
	resp.Header.Set("Content-Type", "application/json")
	return bounded(resp)
}
