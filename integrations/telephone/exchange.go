package telephone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// Exchange asks the telephone system to do something.
type Exchange struct {
	keys   keys
	base   *url.URL
	dials  bool
	client *http.Client
	clock  models.Clock
}

var _ hotline.Exchange = (*Exchange)(nil)

// NewExchange makes the adapter. It calls nobody.
func NewExchange(cfg configs.Telephone, clock models.Clock) (*Exchange, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("telephone: the address is not an http address")
	}
	if cfg.ClientID == "" || !cfg.Secret.IsSet() || cfg.Timeout <= 0 {
		return nil, errors.New("telephone: a client id, a secret and a timeout are needed")
	}
	return &Exchange{keys{cfg.ClientID, []byte(cfg.Secret.Reveal())}, base, cfg.DialOut, &http.Client{
		Timeout: cfg.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, clock}, nil
}

// DialsOut reports whether the exchange calls people for us.
func (x *Exchange) DialsOut() bool { return x.dials }

// Dial rings the agent's extension and then the number. Its reference makes a repeat the same call.
func (x *Exchange) Dial(ctx context.Context, o hotline.DialOrder) error {
	return x.ask(ctx, "/v1/calls", map[string]any{
		"call_ref": o.Ref, "extension": o.Extension, "number": o.Number.Reveal(), // to be dialled
	})
}

// AskDigits has the exchange play its prompt and take digits.
func (x *Exchange) AskDigits(ctx context.Context, o hotline.DigitsOrder) error {
	return x.ask(ctx, "/v1/questions", map[string]any{
		"question": o.Question, "call_ref": o.CallRef, "digits": o.Digits, "seconds": int(o.For / time.Second),
	})
}

// callError is a call that did not do what was asked. It quotes neither what was sent nor what came.
type callError struct{ path, cause string }

func (e *callError) Error() string { return "telephone " + e.path + ": " + e.cause }

// ask sends one signed order. A signed refusal below 500 is sure; everything else may have been done.
func (x *Exchange) ask(ctx context.Context, path string, order any) error {
	unclear := func(cause string) error { return models.ErrUnavailable.Because(&callError{path, cause}) }
	body, err := json.Marshal(order)
	if err != nil {
		return unclear("cannot be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return unclear("cannot be asked")
	}
	req.Header.Set("Content-Type", "application/json")
	nonce := x.keys.sign(req, body, x.clock.Now())
	res, err := x.client.Do(req)
	if err != nil {
		return unclear("no answer") // the error would quote the address
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	status := strconv.Itoa(res.StatusCode)
	switch {
	case err != nil || len(text) > maxAnswer:
		return unclear("the answer was cut, or is too long")
	case res.Header.Get(headerNonce) != nonce || !x.keys.believed(res.Header, text, x.clock.Now(), "answer", status):
		return unclear("the signature is not believed, status " + status)
	case res.StatusCode == http.StatusOK:
		return nil
	case res.StatusCode >= http.StatusInternalServerError:
		return unclear("status " + status)
	}
	return hotline.ErrExchangeRefused.Because(&callError{path, "refused, status " + status})
}
