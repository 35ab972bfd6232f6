package registry

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/emmansun/gmsm/sm3"
)

// question is one call.
type question struct {
	op     string // for errors and metrics
	lane   Lane
	method string
	path   string // after the base address, escaped
	query  url.Values
	body   []byte
	ctype  string
}

// maxAnswer bounds what is read of one answer that is not a stream.
const maxAnswer = 32 << 20

const answerTooLong = "ANSWER_TOO_LONG"

// ask makes one call and gives the believed body of a success. Everything else is a *CallError.
func (s *source) ask(ctx context.Context, q question) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.admit(ctx, q); err != nil {
		return nil, err
	}
	res, nonce, err := s.send(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return s.whole(q, res, nonce)
}

// whole reads an answer to its end and judges it.
func (s *source) whole(q question, res *http.Response, nonce string) ([]byte, error) {
	if !s.keys.believable(res, nonce) {
		return nil, s.failed(q, ErrUnknownFate, res.StatusCode, "ANSWER_NOT_SIGNED")
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, s.longest+1))
	if err != nil {
		return nil, s.failed(q, ErrUnknownFate, res.StatusCode, codeOf(err))
	}
	if int64(len(body)) > s.longest { // its header is signed: the source did answer
		s.breakers[q.lane].RecordSuccess()
		return nil, &CallError{Source: s.name, Op: q.op, Status: res.StatusCode, Code: answerTooLong, fate: ErrUnknownFate}
	}
	sum := sm3.Sum(body)
	if hex.EncodeToString(sum[:]) != res.Header.Get(headerContent) {
		return nil, s.failed(q, ErrUnknownFate, res.StatusCode, "ANSWER_NOT_SIGNED")
	}
	return s.judge(q, res.StatusCode, body)
}

// judge turns a believed answer into its body or its refusal. A source that signs a refusal has done nothing.
func (s *source) judge(q question, status int, body []byte) ([]byte, error) {
	if status >= 200 && status < 300 {
		s.breakers[q.lane].RecordSuccess()
		return body, nil
	}
	var p struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Code == "" {
		p.Code = http.StatusText(status)
	}
	if status >= 500 {
		fate := ErrUnknownFate
		if p.Code == "BUSY" {
			fate = ErrNotSent
		}
		return nil, s.failed(q, fate, status, p.Code)
	}
	s.breakers[q.lane].RecordSuccess()
	fate := ErrNotSent
	if p.Code == "REPLAYED" { // some copy of this very request was taken before
		fate = ErrUnknownFate
	}
	return nil, &CallError{Source: s.name, Op: q.op, Status: status, Code: p.Code, fate: fate}
}

// admit asks the context, the breaker and the budget, in this order, before anything leaves.
func (s *source) admit(ctx context.Context, q question) error {
	no := func(code string) error { return &CallError{Source: s.name, Op: q.op, Code: code, fate: ErrNotSent} }
	if err := ctx.Err(); err != nil {
		return no(codeOf(err))
	}
	if s.breakers[q.lane].IsOpen() && s.breakers[q.lane].RemainingDelay() > 0 {
		return no("BREAKER_OPEN")
	}
	if s.budget != nil {
		if err := s.budget.Take(ctx, q.lane); err != nil {
			return no("BUDGET_FULL")
		}
	}
	if !s.breakers[q.lane].TryAcquirePermit() {
		return no("BREAKER_OPEN")
	}
	return nil
}

// send signs and writes the request.
func (s *source) send(ctx context.Context, q question) (res *http.Response, nonce string, err error) {
	res, err = s.dispatch(ctx, q, func(req *http.Request) { nonce = s.keys.sign(req, q.body, s.clock.Now()) })
	return res, nonce, err
}

// dispatch writes the request. An error before the first byte of it was written means: surely not sent.
func (s *source) dispatch(ctx context.Context, q question, sign func(*http.Request)) (*http.Response, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	address := s.base.String() + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, q.method, address, bytes.NewReader(q.body))
	if err != nil {
		return nil, s.failed(q, ErrNotSent, 0, "REQUEST")
	}
	if q.body != nil {
		req.Header.Set("Content-Type", q.ctype)
	}
	sign(req)
	res, err := s.http.Do(req)
	if err == nil {
		return res, nil
	}
	fate := ErrNotSent
	if written.Load() {
		fate = ErrUnknownFate
	}
	return nil, s.failed(q, fate, 0, codeOf(err))
}

// failed tells the breaker and makes the error. A caller who went away says nothing about the source.
func (s *source) failed(q question, fate error, status int, code string) error {
	if code != "CANCELLED" || !s.breakers[q.lane].IsClosed() {
		s.breakers[q.lane].RecordFailure()
	}
	return &CallError{Source: s.name, Op: q.op, Status: status, Code: code, fate: fate}
}

// askJSON asks and reads the answer; an unreadable one is of unknown fate.
func (s *source) askJSON(ctx context.Context, q question, into any) error {
	body, err := s.ask(ctx, q)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &CallError{Source: s.name, Op: q.op, Status: http.StatusOK, Code: "ANSWER_UNREADABLE", fate: ErrUnknownFate}
	}
	return nil
}

// Health asks whether the source answers at all.
func (s *source) Health(ctx context.Context) error {
	_, err := s.ask(ctx, question{op: "health", lane: ReadLane, method: http.MethodGet, path: "/v1/health"})
	return err
}
