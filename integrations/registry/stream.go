package registry

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"onecard/models"
)

const (
	// defaultIdle is how long a stream may stand still: for its header, and between two pieces of its body.
	defaultIdle = 30 * time.Second
	// longestStream ends a stream that trickles without end.
	longestStream = 2 * time.Hour
)

// stream makes one call whose answer is read while it comes. What read was given may be believed only when stream
// returned nil: the digest, and in an answer signed behind its body the signature too, are known at the end alone. An
// error of read is returned as it is and is not the source's failure; everything else is a *CallError.
func (s *source) stream(ctx context.Context, q question, read func(io.Reader) error) error {
	ctx, end := context.WithTimeout(ctx, longestStream)
	defer end()
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	if err := s.admit(ctx, q); err != nil {
		return err
	}
	alarm := time.AfterFunc(s.idle, func() { cut(context.DeadlineExceeded) })
	defer alarm.Stop()
	res, nonce, err := s.send(ctx, q)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	alarm.Stop()
	if res.StatusCode != http.StatusOK {
		alarm.Reset(s.idle) // a refusal is short: one wait for the whole of it
		_, err = s.whole(q, res, nonce)
		return err
	}
	signedBehind := res.Header.Get(headerSignature) == "" && declared(res.Trailer)
	if !signedBehind && !s.keys.believable(res, nonce) {
		return s.failed(q, ErrUnknownFate, res.StatusCode, "ANSWER_NOT_SIGNED")
	}
	body := flow(ctx, res.Body, alarm, s.idle)
	defer body.end()
	defer cut(nil) // so that nothing is read any more
	err = read(body)
	var thrown *models.Panic
	switch {
	case errors.As(body.failed, &thrown): // ours, not the source's
		return body.failed
	case body.failed != nil:
		return s.failed(q, ErrUnknownFate, res.StatusCode, brokenOff(ctx, body.failed))
	case err != nil:
		s.breakers[q.lane].RecordSuccess()
		return err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return s.failed(q, ErrUnknownFate, res.StatusCode, brokenOff(ctx, body.failed))
	}
	named := res.Header
	if signedBehind {
		named = res.Trailer
	}
	if !s.keys.vouched(res, named, nonce) || !hmac.Equal([]byte(hex.EncodeToString(body.sum())), []byte(named.Get(headerContent))) {
		return s.failed(q, ErrUnknownFate, res.StatusCode, "ANSWER_NOT_SIGNED")
	}
	s.breakers[q.lane].RecordSuccess()
	return nil
}

// declared reports whether an answer announced that its signature follows its body.
func declared(trailer http.Header) bool {
	_, content := trailer[http.CanonicalHeaderKey(headerContent)]
	_, signature := trailer[http.CanonicalHeaderKey(headerSignature)]
	return content && signature
}

// vouched checks the signature of an answer whose digest and signature stand in named: its header or its trailer.
func (k keys) vouched(res *http.Response, named http.Header, nonce string) bool {
	want := k.mac("answer", nonce, strconv.Itoa(res.StatusCode), res.Header.Get(headerTimestamp), named.Get(headerContent))
	got, err := hex.DecodeString(named.Get(headerSignature))
	return err == nil && hmac.Equal(want, got)
}

// brokenOff names why a body ended before its end.
func brokenOff(ctx context.Context, err error) string {
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return "TIMEOUT"
	case ctx.Err() != nil:
		return "CANCELLED"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "ANSWER_TRUNCATED"
	}
	return codeOf(err)
}
