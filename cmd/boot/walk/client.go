package walk

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"time"
)

// client speaks to one base address as one person: with a bearer token, or with cookies.
type client struct {
	base     string
	token    string
	relation string // whom it is done for; empty: oneself
	http     *http.Client
}

func newClient(base string) *client {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &client{base: strings.TrimSuffix(base, "/"), http: &http.Client{
		Timeout: 15 * time.Second, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func (r reply) String() string {
	if code, ok := r.body["code"].(string); ok && r.status >= 400 {
		return fmt.Sprintf("%d %s", r.status, code)
	}
	return fmt.Sprintf("%d", r.status)
}

// text reads a value along a path of keys; numbers in the path index lists.
func (r reply) text(path ...any) string {
	s, _ := r.at(path...).(string)
	return s
}

func (r reply) at(path ...any) any {
	var v any = r.body
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func (r reply) list(path ...any) []any {
	l, _ := r.at(path...).([]any)
	return l
}

func (c *client) get(ctx context.Context, path string) (reply, error) {
	return c.send(ctx, http.MethodGet, path, "", nil)
}

func (c *client) post(ctx context.Context, path string, body any) (reply, error) {
	if body == nil {
		return c.send(ctx, http.MethodPost, path, "", nil)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	return c.send(ctx, http.MethodPost, path, "application/json", raw)
}

// send asks once more when it is told to come back later: a walker on a slow machine may look too often.
func (c *client) send(ctx context.Context, method, path, mediaType string, body []byte) (reply, error) {
	for tries := 0; ; tries++ {
		r, err := c.once(ctx, method, path, mediaType, body)
		wait, _ := strconv.Atoi(r.header.Get("Retry-After"))
		if err != nil || r.status != http.StatusTooManyRequests || tries == 5 || !sleep(ctx, time.Duration(max(wait, 1))*time.Second) {
			return r, err
		}
	}
}

func (c *client) once(ctx context.Context, method, path, mediaType string, body []byte) (reply, error) {
	url := path
	if strings.HasPrefix(path, "/") {
		url = c.base + path
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if mediaType != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.relation != "" {
		req.Header.Set("Onecard-For", c.relation)
	}
	if method != http.MethodGet {
		req.Header.Set("Idempotency-Key", rand.Text())
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	r := reply{status: res.StatusCode, header: res.Header}
	if r.raw, err = io.ReadAll(io.LimitReader(res.Body, 4<<20)); err != nil {
		return r, err
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(r.raw, &r.body)
	}
	return r, err
}

// want is nil when the answer has one of the statuses.
func want(r reply, err error, statuses ...int) error {
	if err != nil {
		return err
	}
	for _, s := range statuses {
		if r.status == s {
			return nil
		}
	}
	return fmt.Errorf("wanted status %v, came %s", statuses, r)
}
